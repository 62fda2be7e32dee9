"""Writes what the members of a group may do from the table of their rights: `python -m docs.members`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from grants.accounts.rights import GROUP_HOLDERS, GroupRight, MemberRole

PAGE = Path(__file__).with_name("members.md")

HEAD = """# The members of a group

Whoever enters a group is its owner; an invitation says what somebody is to be: owner, editor or reader. Who may do
what stands in `GROUP_HOLDERS` (`grants/accounts/rights.py`): `python -m docs.members` writes this page from it, and
tests hold that each form of a group is in the table, is open to those whom it names, tells the others whom to ask, and
does nothing before it is confirmed. What is not in the table is refused.

The last owner who can sign in cannot leave, be removed or be made less: they first make somebody else an owner too, or
hand over. Everybody of the group is told by mail of each change, and of what was submitted, withdrawn, answered,
accepted, declined and paid; the owners also of each invitation.
"""

NAME = "the name typed under a declaration"
TICK = "a tick, on a page of its own"


@dataclass(frozen=True)
class GroupAct:
    """Something that a member does: in words, by which right (None is everybody), where, and how it is confirmed."""

    words: str
    right: GroupRight | None
    endpoints: tuple[str, ...] = ()
    confirmed: str = ""


ACTS = (
    GroupAct("Read everything of the group", None),
    GroupAct("Write an application", GroupRight.WRITE_APPLICATIONS, ("applications.section", "applications.question")),
    GroupAct("Submit an application", GroupRight.SUBMIT_APPLICATIONS, ("applications.check",), NAME),
    GroupAct("Withdraw an application", GroupRight.WITHDRAW_APPLICATIONS, ("applications.withdraw",), TICK),
    GroupAct("Answer a question of the office", GroupRight.ANSWER_QUESTIONS, ("applications.clarification",)),
    GroupAct("Accept a grant", GroupRight.ANSWER_OFFERS, ("awards.accept_offer",), "name, position and a tick"),
    GroupAct("Decline a grant", GroupRight.ANSWER_OFFERS, ("awards.decline_offer",), TICK),
    GroupAct(
        "Ask for a change of a grant, or take that back",
        GroupRight.ASK_FOR_VARIATIONS,
        ("awards.ask_for_variation", "awards.take_back_request"),
    ),
    GroupAct(
        "Agree to a change of a grant",
        GroupRight.AGREE_TO_VARIATIONS,
        ("awards.agree_to_variation",),
        "name, position and a tick",
    ),
    GroupAct("Give bank details", GroupRight.GIVE_BANK_DETAILS, ("payments.give_details",), "a tick"),
    GroupAct("Send proof of bank details", GroupRight.GIVE_BANK_DETAILS, ("payments.give_proof",)),
    GroupAct("Write a report", GroupRight.WRITE_REPORTS, ("outcomes.start_report", "outcomes.report_section")),
    GroupAct("Send a report", GroupRight.SUBMIT_REPORTS, ("outcomes.check_report",), NAME),
    GroupAct("Change the details of the group", GroupRight.CHANGE_DETAILS, ("accounts.organisation_details",)),
    GroupAct(
        "Invite somebody, or take that back",
        GroupRight.MANAGE_MEMBERS,
        ("accounts.invite", "accounts.undo_invitation"),
    ),
    GroupAct("Change what a member may do", GroupRight.MANAGE_MEMBERS, ("accounts.change_member",)),
    GroupAct("Hand over to a member", GroupRight.MANAGE_MEMBERS, ("accounts.hand_over",), TICK),
    GroupAct("Remove a member", GroupRight.MANAGE_MEMBERS, ("accounts.remove_member",), TICK),
    GroupAct("Leave the group", None, ("accounts.leave_organisation",), TICK),
)
"""Every act of a group, in the order of a grant's life. To start an application is to write one."""


def page() -> str:
    """The whole page, as it must stand in docs/members.md."""
    return "\n".join([HEAD, *table()]) + "\n"


def table() -> Iterator[str]:
    """A row for each act: who may do it, and how it is confirmed."""
    yield f"| What | {' | '.join(role.label for role in MemberRole)} | Confirmed by | Right |"
    yield "|---|---|---|---|---|---|"
    for act in ACTS:
        may = ["yes" if _may(act, role) else "no" for role in MemberRole]
        yield f"| {act.words} | {' | '.join(may)} | {act.confirmed} | {f'`{act.right.name}`' if act.right else ''} |"


def _may(act: GroupAct, role: MemberRole) -> bool:
    return act.right is None or role in GROUP_HOLDERS[act.right]


if __name__ == "__main__":
    PAGE.write_text(page())
