"""Who may do what: the roles, the rights, and the one table that says which roles have which right.

Pages, rules and templates ask for a right (`needs(Right.…)`, `person.may(Right.…)`), never for a role. A new role is
written here and nowhere else: its name, its title, and its place in the rows of `HOLDERS`. What a right leaves open
(whose bid it is, where it stands) is for the rules of its room.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, StrEnum, auto
from functools import cache


class Role(StrEnum):
    """What somebody of the office is. An applicant needs no role: membership of an organisation is enough."""

    OFFICER = "officer"
    PANEL = "panel"
    DECISION_MAKER = "decision-maker"
    FINANCE = "finance"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"

    @property
    def label(self) -> str:
        """The role's name on a page."""
        return _TITLES[self]


_TITLES = {
    Role.OFFICER: "Grants officer",
    Role.PANEL: "Panel member",
    Role.DECISION_MAKER: "Decision maker",
    Role.FINANCE: "Finance officer",
    Role.AUDITOR: "Auditor",
    Role.ADMINISTRATOR: "Administrator",
}


def titles_of(roles: str) -> str:
    """Roles as the audit trail names them, as a page does. One of an older version stands as the trail has it.

    >>> titles_of("officer, beadle"), titles_of("editor"), titles_of("")
    ('Grants officer, beadle', 'Editor', '')
    """
    labels = {role.value: role.label for role in (*Role, *MemberRole)}
    return ", ".join(labels.get(role, role) for role in roles.split(", ") if role)


ALL_MAY_MEET = "none"

RolePairs = frozenset[frozenset[Role]]
"""Pairs of roles."""


def read_pairs(text: str) -> RolePairs:
    """The pairs of roles that nobody may hold both of, as the setting names them: "none" where all may meet.

    Raises ValueError, with a sentence, where it names no pair or an unknown role.

    >>> read_pairs("officer+finance") == {frozenset({Role.OFFICER, Role.FINANCE})}
    True
    """
    pairs = set()
    for pair in [] if text.strip() == ALL_MAY_MEET else text.split():
        names = pair.split("+")
        if len(set(names)) != 2 or not set(names) <= set(Role):
            known = ", ".join(Role)
            raise ValueError(f"ROLES_APART names pairs like officer+finance, of {known}: {pair!r} is none.")
        pairs.add(frozenset(Role(name) for name in names))
    return frozenset(pairs)


def read_roles(text: str) -> frozenset[Role]:
    """The roles that a setting names, with blanks between them: "all" is each of them, "none" is none.

    Raises ValueError, with a sentence, where one is unknown.

    >>> sorted(read_roles("officer finance")), read_roles("all") == frozenset(Role)
    ([<Role.FINANCE: 'finance'>, <Role.OFFICER: 'officer'>], True)
    """
    names = set(Role) if text.strip() == "all" else set() if text.strip() == "none" else set(text.split())
    if unknown := names - set(Role):
        raise ValueError(f"SECOND_STEP_ROLES names roles of {', '.join(Role)}: {sorted(unknown)[0]!r} is none.")
    return frozenset(Role(name) for name in names)


class Right(Enum):
    """Something that is done in the office, by whoever has a role that may do it."""

    MANAGE_PEOPLE = auto()
    RUN_ROUNDS = auto()
    FOLLOW_ROUNDS = auto()
    READ_APPLICATIONS = auto()
    READ_DRAFTS = auto()
    LIST_APPLICATIONS = auto()
    ASK_APPLICANTS = auto()
    CHECK_APPLICATIONS = auto()
    SCORE_APPLICATIONS = auto()
    READ_SCORES = auto()
    READ_RANKING = auto()
    EXPORT_SCORES = auto()
    RECOMMEND = auto()
    DECIDE = auto()
    SIGN_NOTICES = auto()
    READ_OFFERS = auto()
    MANAGE_OFFERS = auto()
    CORRECT_AWARDS = auto()
    READ_VARIATIONS = auto()
    BEGIN_VARIATIONS = auto()
    APPROVE_VARIATIONS = auto()
    DECIDE_VARIATIONS = auto()
    REFUSE_VARIATIONS = auto()
    READ_PAYMENTS = auto()
    SEE_BANK_NUMBERS = auto()
    VERIFY_BANK_DETAILS = auto()
    PREPARE_PAYMENTS = auto()
    APPROVE_PAYMENTS = auto()
    EXPORT_PAYMENTS = auto()
    TAKE_RETURNS = auto()
    READ_REPORTS = auto()
    LIST_REPORTS = auto()
    ANSWER_REPORTS = auto()
    RECORD_REPAYMENTS = auto()
    WAIVE_REPAYMENTS = auto()
    CLOSE_AWARDS = auto()
    READ_STORIES = auto()
    READ_STORIES_OF_AWARDS = auto()
    READ_AUDIT_TRAIL = auto()


class MemberRole(StrEnum):
    """What somebody is in a group. Every member reads all that is the group's."""

    OWNER = "owner"
    EDITOR = "editor"
    READER = "reader"

    @property
    def label(self) -> str:
        """The role's name on a page."""
        return self.value.capitalize()

    @property
    def one(self) -> str:
        """The role in a sentence: "an owner"."""
        return f"a {self}" if self == MemberRole.READER else f"an {self}"

    @property
    def may_do(self) -> str:
        """What somebody in the role may do, as a sentence."""
        return _MAY_DO[self]


_MAY_DO = {
    MemberRole.OWNER: (
        "An owner does everything, also what cannot be undone, like accepting a grant or giving bank details, "
        "and says who else may do what."
    ),
    MemberRole.EDITOR: "An editor writes and sends applications and reports, and answers our questions.",
    MemberRole.READER: "A reader reads everything, and changes nothing.",
}


class GroupRight(Enum):
    """Something that is done for a group, by whoever has a role in it that may. The value ends "Only an owner can"."""

    WRITE_APPLICATIONS = "write its applications"
    SUBMIT_APPLICATIONS = "submit its applications"
    WITHDRAW_APPLICATIONS = "withdraw its applications"
    ANSWER_QUESTIONS = "answer a question about its applications"
    ANSWER_OFFERS = "accept or decline a grant"
    ASK_FOR_VARIATIONS = "ask for a change of its grants, or take that back"
    AGREE_TO_VARIATIONS = "agree to a change of its grants"
    WRITE_REPORTS = "write its reports"
    SUBMIT_REPORTS = "send its reports"
    GIVE_BANK_DETAILS = "give its bank details"
    CHANGE_DETAILS = "change its details"
    MANAGE_MEMBERS = "invite or remove people, or change what they may do"


DoneBy = Right | GroupRight
"""Whom a life cycle names for a step: whoever has the right in the office, or in the group that the thing belongs to.
"""

_OWNERS = frozenset({MemberRole.OWNER})
_WRITERS = frozenset({MemberRole.OWNER, MemberRole.EDITOR})

GROUP_HOLDERS: Mapping[GroupRight, frozenset[MemberRole]] = {
    GroupRight.WRITE_APPLICATIONS: _WRITERS,
    GroupRight.SUBMIT_APPLICATIONS: _WRITERS,
    GroupRight.WITHDRAW_APPLICATIONS: _OWNERS,
    GroupRight.ANSWER_QUESTIONS: _WRITERS,
    GroupRight.ANSWER_OFFERS: _OWNERS,
    GroupRight.ASK_FOR_VARIATIONS: _WRITERS,
    GroupRight.AGREE_TO_VARIATIONS: _OWNERS,
    GroupRight.WRITE_REPORTS: _WRITERS,
    GroupRight.SUBMIT_REPORTS: _WRITERS,
    GroupRight.GIVE_BANK_DETAILS: _OWNERS,
    GroupRight.CHANGE_DETAILS: _OWNERS,
    GroupRight.MANAGE_MEMBERS: _OWNERS,
}
"""Which roles in a group have each right: what cannot be undone, or binds the group, is for its owners."""


Standing = frozenset[tuple[int, str]]
"""What somebody is in each of their groups, by its number."""


def groups_where(standing: Standing, right: GroupRight) -> frozenset[int]:
    """The groups in which somebody may do this. A role that is not known may nothing."""
    return frozenset(number for number, role in standing if role in GROUP_HOLDERS[right])


def who_can(right: GroupRight) -> str:
    """The roles that have a right in a group, as a sentence begins with them.

    >>> who_can(GroupRight.WITHDRAW_APPLICATIONS), who_can(GroupRight.WRITE_REPORTS)
    ('Only an owner of the group', 'Only an owner or editor of the group')
    """
    first, *others = [role for role in MemberRole if role in GROUP_HOLDERS[right]]
    return f"Only {' or '.join([first.one, *others])} of the group"


HOLDERS: Mapping[Right, frozenset[Role]] = {
    right: frozenset(roles)
    for right, roles in {
        Right.MANAGE_PEOPLE: {Role.ADMINISTRATOR},
        # rounds and applications
        Right.RUN_ROUNDS: {Role.OFFICER},
        Right.FOLLOW_ROUNDS: {Role.OFFICER, Role.DECISION_MAKER, Role.AUDITOR},
        Right.READ_APPLICATIONS: {Role.OFFICER, Role.DECISION_MAKER, Role.AUDITOR},
        Right.READ_DRAFTS: {Role.AUDITOR},
        Right.LIST_APPLICATIONS: {Role.OFFICER, Role.AUDITOR},
        Right.ASK_APPLICANTS: {Role.OFFICER},
        # review; the panel reads bids and the scores of others through its own score sheets
        Right.CHECK_APPLICATIONS: {Role.OFFICER},
        Right.SCORE_APPLICATIONS: {Role.PANEL},
        Right.READ_SCORES: {Role.OFFICER, Role.DECISION_MAKER, Role.AUDITOR},
        Right.READ_RANKING: {Role.OFFICER, Role.PANEL, Role.DECISION_MAKER, Role.AUDITOR},
        Right.EXPORT_SCORES: {Role.OFFICER, Role.AUDITOR},
        Right.RECOMMEND: {Role.OFFICER},
        # decisions and awards
        Right.DECIDE: {Role.DECISION_MAKER},
        Right.SIGN_NOTICES: {Role.DECISION_MAKER},
        Right.READ_OFFERS: {Role.OFFICER, Role.DECISION_MAKER, Role.FINANCE, Role.AUDITOR},
        Right.MANAGE_OFFERS: {Role.OFFICER},
        Right.CORRECT_AWARDS: {Role.OFFICER},
        Right.READ_VARIATIONS: {Role.OFFICER, Role.DECISION_MAKER, Role.FINANCE, Role.AUDITOR},
        Right.BEGIN_VARIATIONS: {Role.OFFICER},
        Right.APPROVE_VARIATIONS: {Role.OFFICER},
        Right.DECIDE_VARIATIONS: {Role.DECISION_MAKER},
        Right.REFUSE_VARIATIONS: {Role.OFFICER, Role.DECISION_MAKER},
        # payments; an auditor sees no bank numbers
        Right.READ_PAYMENTS: {Role.FINANCE, Role.AUDITOR},
        Right.SEE_BANK_NUMBERS: {Role.FINANCE},
        Right.VERIFY_BANK_DETAILS: {Role.FINANCE},
        Right.PREPARE_PAYMENTS: {Role.FINANCE},
        Right.APPROVE_PAYMENTS: {Role.FINANCE},
        Right.EXPORT_PAYMENTS: {Role.FINANCE},
        Right.TAKE_RETURNS: {Role.FINANCE},
        # reports
        Right.READ_REPORTS: {Role.OFFICER, Role.DECISION_MAKER, Role.FINANCE, Role.AUDITOR},
        Right.LIST_REPORTS: {Role.OFFICER, Role.FINANCE, Role.AUDITOR},
        Right.ANSWER_REPORTS: {Role.OFFICER},
        Right.RECORD_REPAYMENTS: {Role.FINANCE},
        Right.WAIVE_REPAYMENTS: {Role.OFFICER},
        Right.CLOSE_AWARDS: {Role.OFFICER},
        # what was done
        Right.READ_STORIES: {Role.OFFICER, Role.DECISION_MAKER, Role.FINANCE, Role.AUDITOR},
        Right.READ_STORIES_OF_AWARDS: {Role.FINANCE},
        Right.READ_AUDIT_TRAIL: {Role.AUDITOR},
    }.items()
}
"""Which roles have each right."""


@cache
def rights_of(roles: frozenset[Role]) -> frozenset[Right]:
    """What somebody with these roles may do."""
    return frozenset(right for right, holders in HOLDERS.items() if holders & roles)
