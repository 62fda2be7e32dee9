"""Who may open what: one row for each method of each route. A route without its row fails the tests.

Whoever is not named in a row gets 404 where they are signed in, and the sign-in page where they are not. Who is of the
group, others of which may, reads who (403).
`thing` makes what the address names. `ANYONE` alone stands for everybody.
"""

from __future__ import annotations

from dataclasses import dataclass

from grants.accounts.models import TokenPurpose
from grants.accounts.rights import GROUP_HOLDERS
from grants.accounts.rights import GroupRight as G
from grants.applications.models import ApplicationStatus as S
from grants.awards.models import VariationStatus
from grants.payments.models import BatchStatus
from tests.support import payments_factories as payments
from tests.support.award_factories import a_request, a_variation, an_agreement, an_offer
from tests.support.outcomes_factories import a_report
from tests.support.review_factories import a_round_in_review
from tests.support.world import (
    MEMBERS,
    STAFF,
    Thing,
    Who,
    a_clarification,
    a_mailed_link,
    a_member,
    a_member_alone,
    a_notice,
    a_passkey,
    a_person,
    a_round,
    a_session,
    a_sheet,
    an_application,
    an_award,
    an_invitation,
    an_invitation_link,
    an_officer,
    an_organisation,
)

OFFICER, PANEL, DECISION_MAKER = Who.OFFICER, Who.PANEL, Who.DECISION_MAKER
FINANCE, AUDITOR, ADMINISTRATOR = Who.FINANCE, Who.AUDITOR, Who.ADMINISTRATOR
PUBLIC = frozenset(Who)
SIGNED_IN = PUBLIC - {Who.ANYONE}


class ByRight(frozenset[Who]):
    """Those members of a group who have a right in it."""


@dataclass(frozen=True)
class Row:
    """One method of one route."""

    method: str
    rule: str
    who: frozenset[Who]
    thing: Thing | None = None

    @property
    def told_who_can(self) -> frozenset[Who]:
        """The members of the group who get 403 and read who of it may: the others of it may."""
        return frozenset(MEMBERS) - self.who if isinstance(self.who, ByRight) else frozenset()

    def __str__(self) -> str:
        return f"{self.method} {self.rule}"


def get(rule: str, who: frozenset[Who], thing: Thing | None = None) -> list[Row]:
    """A page."""
    return [Row("GET", rule, who, thing)]


def post(rule: str, who: frozenset[Who], thing: Thing | None = None) -> list[Row]:
    """Something that a form does."""
    return [Row("POST", rule, who, thing)]


def form(rule: str, who: frozenset[Who], thing: Thing | None = None) -> list[Row]:
    """A page with a form that is sent to the same address."""
    return [*get(rule, who, thing), *post(rule, who, thing)]


def only(*who: Who) -> frozenset[Who]:
    """These and nobody else."""
    return frozenset(who)


def of_group(right: G) -> frozenset[Who]:
    """The members of the group who may do this for it, and nobody else."""
    return ByRight(who for who, role in MEMBERS.items() if role in GROUP_HOLDERS[right])


GROUP = frozenset(MEMBERS)


APPLICATION = "/applications/<string:reference>"
REVIEW = "/review/<string:reference>"
RANKING = "/review/rounds/<string:slug>"
SECTION = APPLICATION + "/<any(project, dates, people, aims, budget):section>"
ORGANISATION = "/organisations/<int:organisation_id>"
MEMBER = ORGANISATION + "/members/<int:member_id>"
OFFER = "/awards/<string:reference>/offer"
CORRECTIONS = "/awards/<string:reference>/corrections"
VARIATIONS = "/awards/<string:reference>/variations"
VARIATION = "/variations/<string:reference>"
NOTICES = "/decisions/notices"
PERSON = "/people/<int:person_id>"
DETAILS = "/payments/bank-details/<int:details_id>"
BATCH = "/payments/batches/<string:number>"
PAYMENT = "/payments/all/<string:reference>"
REVERSAL = "/payments/reversals/<int:reversal_id>"
REPORT = "/reports/<string:reference>"
STORY = "/grants/<string:reference>/story"

TABLE = [
    # Public
    *get("/", PUBLIC),
    *get("/healthz", PUBLIC),
    *get("/accessibility", PUBLIC),
    *get("/privacy", PUBLIC),
    *get("/cookies", PUBLIC),
    *get("/brand.css", PUBLIC),
    *get("/rounds", PUBLIC),
    *get("/rounds/<string:slug>", PUBLIC, a_round),
    *get("/rounds/<string:slug>/questions", PUBLIC, a_round),
    *get("/rounds/<string:slug>/blank-form.pdf", PUBLIC, a_round),
    *get("/eligibility/<string:slug>", PUBLIC, a_round),
    *get("/outcomes", PUBLIC),
    *get("/outcomes.json", PUBLIC),
    *get("/outcomes/rows", PUBLIC),
    *get("/register", PUBLIC),
    *get("/register.csv", PUBLIC),
    *get("/register.xlsx", PUBLIC),
    *get("/register/360giving.json", PUBLIC),
    *get("/register/open-data", PUBLIC),
    *get("/awards/<string:reference>", PUBLIC, an_award),
    # Coming in
    *form("/sign-in", PUBLIC),
    *post("/sign-out", PUBLIC),
    *form("/create-account", PUBLIC),
    *get("/create-account/sent", PUBLIC),
    *form("/forgotten-password", PUBLIC),
    *get("/forgotten-password/sent", PUBLIC),
    *form("/confirm/<string:token>", PUBLIC, a_mailed_link(TokenPurpose.CONFIRM)),
    *form("/reset-password/<string:token>", PUBLIC, a_mailed_link(TokenPurpose.RESET)),
    *form("/invitation/<string:token>", PUBLIC, an_invitation_link),
    # One's own account
    *get("/account", SIGNED_IN),
    *form("/account/name", SIGNED_IN),
    *form("/account/email", SIGNED_IN),
    *get("/account/email/sent", SIGNED_IN),
    *form("/account/password", SIGNED_IN),
    *form("/sign-in/second-step", PUBLIC),
    *get("/sign-in/office", PUBLIC),
    *get("/sign-in/office/answer", PUBLIC),
    *get("/account/second-step", SIGNED_IN),
    *form("/account/second-step/app", SIGNED_IN),
    *form("/account/second-step/passkey", SIGNED_IN),
    *form("/account/second-step/app/remove", SIGNED_IN),
    *form("/account/second-step/passkey/<int:passkey_id>/remove", only(Who.OWNER), a_passkey),
    *form("/account/second-step/recovery-codes", SIGNED_IN),
    *get("/account/sessions", SIGNED_IN),
    *post("/account/sessions/<int:session_id>/end", only(Who.OWNER), a_session),
    *post("/account/end-other-sessions", SIGNED_IN),
    *get("/desk", SIGNED_IN),
    # Organisations
    *form("/organisations/new", SIGNED_IN),
    *get(ORGANISATION, GROUP, an_organisation),
    *form(ORGANISATION + "/details", of_group(G.CHANGE_DETAILS), an_organisation),
    *post(ORGANISATION + "/invite", of_group(G.MANAGE_MEMBERS), an_organisation),
    *post(ORGANISATION + "/invitations/<int:invitation_id>/undo", of_group(G.MANAGE_MEMBERS), an_invitation),
    *form(MEMBER + "/role", of_group(G.MANAGE_MEMBERS), a_member),
    *form(MEMBER + "/hand-over", of_group(G.MANAGE_MEMBERS), a_member),
    *form(MEMBER + "/remove", of_group(G.MANAGE_MEMBERS), a_member),
    *form(ORGANISATION + "/leave", GROUP, an_organisation),
    # People of the office
    *post("/people/<int:member_id>/name-owner", only(ADMINISTRATOR), a_member_alone),
    *get("/people", only(ADMINISTRATOR)),
    *form("/people/new", only(ADMINISTRATOR)),
    *get(PERSON, only(ADMINISTRATOR), a_person),
    *post(PERSON + "/grant-role", only(ADMINISTRATOR), a_person),
    *form(PERSON + "/revoke-role/<string:role>", only(ADMINISTRATOR), an_officer),
    *form(PERSON + "/reset-second-step", only(ADMINISTRATOR), a_person),
    *form(PERSON + "/close-account", only(ADMINISTRATOR), a_person),
    *post(PERSON + "/open-account", only(ADMINISTRATOR), a_person),
    *get("/audit", only(AUDITOR)),
    *get("/audit.csv", only(AUDITOR)),
    *get("/audit.xlsx", only(AUDITOR)),
    # Applications
    *get("/applications", SIGNED_IN),
    *form("/rounds/<string:slug>/apply", SIGNED_IN, a_round),
    *get(APPLICATION, GROUP | only(OFFICER, DECISION_MAKER, AUDITOR), an_application(S.SUBMITTED)),
    *form(SECTION, of_group(G.WRITE_APPLICATIONS), an_application(S.DRAFT, section="project")),
    *form(
        APPLICATION + "/questions/<string:key>",
        of_group(G.WRITE_APPLICATIONS),
        an_application(S.DRAFT, key="question-1"),
    ),
    *form(APPLICATION + "/check", of_group(G.SUBMIT_APPLICATIONS), an_application(S.DRAFT)),
    *get(APPLICATION + "/receipt", GROUP, an_application(S.SUBMITTED)),
    *form(APPLICATION + "/withdraw", of_group(G.WITHDRAW_APPLICATIONS), an_application(S.SUBMITTED)),
    # Applications as documents and files, and questions about them
    *get(APPLICATION + "/application.pdf", GROUP | only(OFFICER, DECISION_MAKER, AUDITOR), an_application(S.SUBMITTED)),
    *get(REVIEW + "/application.pdf", only(PANEL), a_sheet()),
    *get("/applications.csv", only(OFFICER, AUDITOR)),
    *get("/applications.xlsx", only(OFFICER, AUDITOR)),
    *form(APPLICATION + "/ask", only(OFFICER), an_application(S.SUBMITTED)),
    *get(APPLICATION + "/clarifications/<int:number>", GROUP, a_clarification),
    *post(APPLICATION + "/clarifications/<int:number>", of_group(G.ANSWER_QUESTIONS), a_clarification),
    # Review
    *get("/review", only(OFFICER, PANEL)),
    *form(REVIEW + "/check", only(OFFICER), an_application(S.SUBMITTED)),
    *get(REVIEW, only(PANEL), an_application(S.ELIGIBLE)),
    *post(REVIEW + "/declare", only(PANEL), an_application(S.ELIGIBLE)),
    *post(REVIEW + "/scores", only(PANEL), a_sheet()),
    *form(REVIEW + "/recommend", only(OFFICER), an_application(S.ELIGIBLE)),
    # Review: the ranking of a round, its recommendations and their files
    *get("/review/locked", only(PANEL)),
    *get(RANKING, only(OFFICER, PANEL, DECISION_MAKER, AUDITOR), a_round_in_review),
    *get(RANKING + "/ranking.csv", only(OFFICER, PANEL, DECISION_MAKER, AUDITOR), a_round_in_review),
    *get(RANKING + "/ranking.xlsx", only(OFFICER, PANEL, DECISION_MAKER, AUDITOR), a_round_in_review),
    *get(RANKING + "/scores.csv", only(OFFICER, AUDITOR), a_round_in_review),
    *get(RANKING + "/scores.xlsx", only(OFFICER, AUDITOR), a_round_in_review),
    *form(RANKING + "/recommendations", only(OFFICER), a_round_in_review),
    *form(RANKING + "/recommendations/confirm", only(OFFICER), a_round_in_review),
    # Decisions
    *get("/decisions", only(DECISION_MAKER)),
    *form("/decisions/<string:reference>", only(DECISION_MAKER), an_application(S.RECOMMENDED)),
    *post("/decisions/<string:reference>/declare-interest", only(DECISION_MAKER), an_application(S.RECOMMENDED)),
    # Offers
    *get(OFFER, GROUP | only(OFFICER, DECISION_MAKER, FINANCE, AUDITOR), an_offer),
    *post(OFFER, of_group(G.ANSWER_OFFERS), an_offer),
    *get(OFFER + "/accepted", GROUP, an_agreement),
    *form(OFFER + "/decline", of_group(G.ANSWER_OFFERS), an_offer),
    *form(OFFER + "/extend", only(OFFICER), an_offer),
    *form(OFFER + "/lapse", only(OFFICER), an_offer),
    *form(OFFER + "/again", only(OFFICER), an_offer),
    *get(
        "/awards/<string:reference>/agreement.pdf",
        GROUP | only(OFFICER, DECISION_MAKER, FINANCE, AUDITOR),
        an_agreement,
    ),
    # How a round stands
    *get("/rounds/<string:slug>/progress", only(OFFICER, DECISION_MAKER, AUDITOR), a_round),
    *post("/rounds/<string:slug>/close", only(OFFICER), a_round),
    *post("/rounds/<string:slug>/complete", only(OFFICER), a_round),
    # Decision notices
    *get(NOTICES, PUBLIC),
    *get(NOTICES + "/<string:number>", PUBLIC, a_notice),
    *get(NOTICES + "/<string:number>/notice.pdf", PUBLIC, a_notice),
    *form("/decisions/rounds/<string:slug>/sign", only(DECISION_MAKER), a_round),
    # Corrections of the ledger
    *get(CORRECTIONS, only(OFFICER), an_award),
    *form(CORRECTIONS + "/amount", only(OFFICER), an_award),
    *form(CORRECTIONS + "/date", only(OFFICER), an_award),
    *form(CORRECTIONS + "/withdrawal", only(OFFICER), an_award),
    *form(CORRECTIONS + "/reinstatement", only(OFFICER), an_award),
    *form(CORRECTIONS + "/repayment", only(OFFICER), an_award),
    *form(CORRECTIONS + "/topics", only(OFFICER), an_award),
    *form(CORRECTIONS + "/districts", only(OFFICER), an_award),
    *form(CORRECTIONS + "/group", only(OFFICER), an_award),
    *get(CORRECTIONS + "/group/choose", only(OFFICER), an_award),
    *form(CORRECTIONS + "/project", only(OFFICER), an_award),
    # Variations of what was decided here
    *get("/decisions/variations/<string:reference>", PUBLIC, a_variation(VariationStatus.IN_FORCE)),
    *get("/variations", only(OFFICER, DECISION_MAKER, FINANCE, AUDITOR)),
    *get(VARIATIONS, GROUP | only(OFFICER, DECISION_MAKER, FINANCE, AUDITOR), an_agreement),
    *form(VARIATIONS + "/change", only(OFFICER), an_agreement),
    *form(VARIATIONS + "/withdraw", only(OFFICER), an_agreement),
    *form(VARIATIONS + "/reinstate", only(OFFICER), an_agreement),
    *get(VARIATIONS + "/groups", only(OFFICER), an_agreement),
    *form(VARIATIONS + "/ask", of_group(G.ASK_FOR_VARIATIONS), an_agreement),
    *form("/variations/requests/<int:number>/decline", only(OFFICER), a_request),
    *form("/variations/requests/<int:number>/take-back", of_group(G.ASK_FOR_VARIATIONS), a_request),
    *get(VARIATION, GROUP | only(OFFICER, DECISION_MAKER, FINANCE, AUDITOR), a_variation()),
    *post(VARIATION + "/approve", only(OFFICER, DECISION_MAKER), a_variation()),
    *post(VARIATION + "/refuse", only(OFFICER, DECISION_MAKER), a_variation()),
    *post(VARIATION + "/take-back", only(OFFICER), a_variation()),
    *post(VARIATION + "/agree", of_group(G.AGREE_TO_VARIATIONS), a_variation(VariationStatus.IN_FORCE)),
    *get(
        VARIATION + "/agreement.pdf",
        GROUP | only(OFFICER, DECISION_MAKER, FINANCE, AUDITOR),
        a_variation(VariationStatus.IN_FORCE, agreed=True),
    ),
    # Payments
    *get("/payments", only(FINANCE, AUDITOR)),
    *get("/payments/awards", only(FINANCE, AUDITOR)),
    *get("/payments/awards.csv", only(FINANCE, AUDITOR)),
    *get("/payments/awards.xlsx", only(FINANCE, AUDITOR)),
    *post("/payments/awards/take.xlsx", only(FINANCE)),
    *post("/payments/awards/take.csv", only(FINANCE)),
    *get("/payments/all", only(FINANCE, AUDITOR)),
    *get(PAYMENT, only(FINANCE, AUDITOR), payments.a_payment),
    *form(PAYMENT + "/came-back", only(FINANCE), payments.a_payment),
    *form(PAYMENT + "/wrong-line", only(FINANCE), payments.a_payment),
    *get("/payments/reversals", only(FINANCE, AUDITOR)),
    *get(REVERSAL, only(FINANCE, AUDITOR), payments.a_reversal),
    *post(REVERSAL + "/approve", only(FINANCE), payments.a_reversal),
    *post(REVERSAL + "/refuse", only(FINANCE), payments.a_reversal),
    *get("/payments/all.csv", only(FINANCE, AUDITOR)),
    *get("/payments/all.xlsx", only(FINANCE, AUDITOR)),
    *get(ORGANISATION + "/bank-details", GROUP, payments.own_group),
    *post(ORGANISATION + "/bank-details", of_group(G.GIVE_BANK_DETAILS), payments.own_group),
    *post(ORGANISATION + "/bank-details/proof", of_group(G.GIVE_BANK_DETAILS), payments.own_group),
    *get("/payments/bank-details", only(FINANCE, AUDITOR)),
    *get(DETAILS, only(FINANCE, AUDITOR), payments.some_details),
    *post(DETAILS + "/show", only(FINANCE), payments.some_details),
    *post(DETAILS + "/proof", only(FINANCE), payments.some_details),
    *post(DETAILS + "/verify", only(FINANCE), payments.some_details),
    *post(DETAILS + "/refuse", only(FINANCE), payments.some_details),
    *get("/payments/batches", only(FINANCE, AUDITOR)),
    *form("/payments/batches/new", only(FINANCE)),
    *get(BATCH, only(FINANCE, AUDITOR), payments.a_batch()),
    *post(BATCH + "/approve", only(FINANCE), payments.a_batch()),
    *post(BATCH + "/cancel", only(FINANCE), payments.a_batch()),
    *post(BATCH + "/payments.xlsx", only(FINANCE), payments.a_batch(BatchStatus.APPROVED)),
    *post(BATCH + "/payments.csv", only(FINANCE), payments.a_batch(BatchStatus.APPROVED)),
    *get("/payments/returns", only(FINANCE, AUDITOR)),
    *post("/payments/returns", only(FINANCE)),
    *form("/payments/returns/words", only(FINANCE)),
    *post("/payments/returns/<int:return_id>/file", only(FINANCE), payments.a_return),
    *get("/payments/returns/<int:return_id>", only(FINANCE, AUDITOR), payments.a_return),
    # Reports
    *get("/reports", SIGNED_IN),
    *get("/reports.csv", only(OFFICER, FINANCE, AUDITOR)),
    *get("/reports.xlsx", only(OFFICER, FINANCE, AUDITOR)),
    *get(REPORT, GROUP | only(OFFICER, DECISION_MAKER, FINANCE, AUDITOR), a_report("sent")),
    *get(
        REPORT + "/versions/<int:number>/report.pdf",
        GROUP | only(OFFICER, DECISION_MAKER, FINANCE, AUDITOR),
        a_report("sent", number=1),
    ),
    *post(REPORT + "/start", of_group(G.WRITE_REPORTS), a_report("draft")),
    *form(
        REPORT + "/<any(people, difference, spending, story):section>",
        of_group(G.WRITE_REPORTS),
        a_report("draft", section="people"),
    ),
    *form(REPORT + "/check", of_group(G.SUBMIT_REPORTS), a_report("draft")),
    *get(REPORT + "/receipt", GROUP, a_report("sent")),
    *post(REPORT + "/answer", only(OFFICER), a_report("sent")),
    *post(REPORT + "/close", only(OFFICER), a_report("accepted")),
    *form(REPORT + "/extend", only(OFFICER), a_report("draft")),
    *form(REPORT + "/repayment", only(FINANCE), a_report("accepted")),
    *form(REPORT + "/waive", only(OFFICER), a_report("accepted")),
    # Stories
    *get(STORY, only(OFFICER, DECISION_MAKER, FINANCE, AUDITOR), a_report("sent")),
    *get(STORY + ".json", only(OFFICER, DECISION_MAKER, FINANCE, AUDITOR), a_report("sent")),
    *get(STORY + ".csv", only(OFFICER, DECISION_MAKER, FINANCE, AUDITOR), a_report("sent")),
]

DRAFTS = [
    *get(APPLICATION, GROUP | only(AUDITOR), an_application(S.DRAFT)),
    *get(REVIEW, only(PANEL), a_sheet()),
    *get(APPLICATION + "/application.pdf", GROUP | only(AUDITOR), an_application(S.DRAFT)),
]
"""Routes that answer otherwise while a thing is in another state."""

__all__ = ["DRAFTS", "GROUP", "PUBLIC", "SIGNED_IN", "STAFF", "TABLE", "Row"]
