"""Deeds that people wait for, done in real forms over HTTP, and what is found of each of them afterwards."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from io import BytesIO
from typing import Any

from bs4 import BeautifulSoup, Tag
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from sqlalchemy import func, select
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import stream_encode_multipart

from grants.accounts.models import Person
from grants.accounts.rights import Role
from grants.accounts.sessions.operations import begin
from grants.applications.models import Application, ApplicationStatus, Submission
from grants.awards.models import Award, Decision, DecisionNotice, NoticeDecision, Offer
from grants.foundation.records import files, proof
from grants.foundation.records.audit import AuditLine
from grants.foundation.records.db import db
from grants.foundation.records.files import StoredFile
from grants.foundation.records.kinds import PDF
from grants.foundation.records.outbox import MailStatus, OutboxMessage
from grants.funds.models import Round
from grants.payments.models import BankDetails, Batch, BatchFile, BatchStatus
from tests.support import award_factories, decision_factories, factories, payments_factories
from tests.support.client import filled_in
from tests.support.lint import words

KINDS = ("submission", "upload", "signature", "approval", "export")
PATIENCE = 60
DONE_BEFORE = {409, 422}
TYPED = "None: 3fd1b0 is what was typed."
"""What stands in each form that takes a text, so that a page can be seen to keep it."""

Found = Mapping[int, int]
"""How many there are of something, by what it is about."""


@dataclass
class Answer:
    """What came back: its status, its page, and whether it answers a form."""

    status: int
    body: bytes
    kind: str
    is_of_form: bool


@dataclass
class Deed:
    """Something that one person does to one thing, by the form of one page.

    `told` is how often it was answered that it is done, or, to a form that was sent again just as it was because it
    got no answer, that it cannot be done any more: then it was done before.
    """

    kind: str
    about: int
    page: str
    action: str
    cookie: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    file: bytes = b""
    told: int = 0
    typed: list[tuple[str, Any]] = field(default_factory=list)
    was_sent: bool = False

    def do(self, port: int) -> Answer:
        """Open the page and send its form; where that was done before, send it again."""
        if not self.typed:
            opened = self._ask(port, "GET", self.page)
            if opened.status != 200:
                return opened
            self.typed = self._fill(opened.body)
        is_again, self.was_sent = self.was_sent, True
        answer = self._ask(port, "POST", self.action, self.typed)
        self.told += self.is_done_by(answer) or (is_again and answer.status in DONE_BEFORE)
        return answer

    def is_done_by(self, answer: Answer) -> bool:
        """Whether an answer says that it is done."""
        if self.kind == "export":
            return answer.status == 200 and "spreadsheet" in answer.kind
        return answer.status in {302, 303}

    def _fill(self, page: bytes) -> list[tuple[str, Any]]:
        form = BeautifulSoup(page, "lxml").find("form", attrs={"action": self.action})
        assert isinstance(form, Tag), f"{self.page} has no form for {self.action}"
        values = {**filled_in(form), **self.fields}
        typed = [
            (name, one) for name, value in values.items() for one in (value if isinstance(value, list) else [value])
        ]
        return [*typed, *([("proof", self.file)] if self.file else [])]

    def _ask(self, port: int, method: str, path: str, typed: Iterable[tuple[str, Any]] = ()) -> Answer:
        headers = {"Cookie": self.cookie, "Sec-Fetch-Site": "same-origin", "Referer": f"http://127.0.0.1:{port}/"}
        body = b""
        if method == "POST":
            body, headers["Content-Type"] = _encoded(typed)
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)) as connection:
            connection.request(method, path, body=body, headers=headers)
            answer = connection.getresponse()
            content = answer.read()
        for name, morsel in SimpleCookie(answer.headers.get("Set-Cookie", "")).items():
            if name == "grants":
                self.cookie = f"grants={morsel.value}"
        return Answer(answer.status, content, answer.headers.get("Content-Type", ""), method == "POST")


def _encoded(typed: Iterable[tuple[str, Any]]) -> tuple[bytes, str]:
    values: MultiDict[str, Any] = MultiDict()
    for name, value in typed:
        if isinstance(value, bytes):
            values.add(name, FileStorage(BytesIO(value), filename="statement.pdf", content_type=PDF.media_type))
        else:
            values.add(name, value)
    stream, _length, boundary = stream_encode_multipart(values)
    return stream.read(), f"multipart/form-data; boundary={boundary}"


# What there is to do


def stock(app: Flask, each: int) -> list[Deed]:
    """Make people, and so many things of each kind that wait for them; in an empty installation, inside its context."""
    sign = _signer(app)
    a_round = factories.open_round(pot_pence=10**10)
    maker, preparer, approver = factories.decision_maker(), _finance("Prue Prepares"), _finance("Abe Approves")
    decisions = [_recommended(a_round, maker) for _ in range(4 * each)]
    awards = _accepted(decisions[each:])
    verifier = _finance("Vera Verifies")
    batches = []
    for award in awards[each:]:
        payments_factories.verified(award, by=verifier)
        batches.append(payments_factories.batch(awards=[award], by=preparer))
    for batch in batches[each:]:
        _approve(batch, approver)
    made = [
        *(_submission(a_round, sign) for _ in range(each)),
        *(_upload(award, sign) for award in awards[:each]),
        *(_signature(one, a_round, maker, sign) for one in decisions[:each]),
        *(_approval(batch, approver, sign) for batch in batches[:each]),
        *(_export(batch, preparer, sign) for batch in batches[each:]),
    ]
    proof.take_in(actor=factories.TESTS)
    return [made[kind * each + number] for number in range(each) for kind in range(len(KINDS))]


def _signer(app: Flask) -> Callable[[Person], str]:
    signer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert signer is not None

    def cookie(person: Person) -> str:
        return f"grants={signer.dumps({'_user_id': begin(person).secret, '_fresh': True})}"

    return cookie


def _finance(name: str) -> Person:
    return factories.person(Role.FINANCE, name=name)


def _recommended(a_round: Round, maker: Person) -> Decision:
    return factories.decision(factories.application(ApplicationStatus.RECOMMENDED, in_round=a_round), by=maker)


def _accepted(decisions: list[Decision]) -> list[Award]:
    decision_factories.sign(*decisions)
    ids = [decision.id for decision in decisions]
    awards = list(db.session.scalars(select(Award).where(Award.decision_id.in_(ids)).order_by(Award.id)))
    return [award_factories.accept(award) for award in awards]


def _approve(batch: Batch, approver: Person) -> None:
    from grants.payments.batches import operations as batches

    batches.approve(person=approver, batch=batch, seen=batch.version)


Sign = Callable[[Person], str]


def _submission(a_round: Round, sign: Sign) -> Deed:
    made = factories.application(ApplicationStatus.DRAFT, in_round=a_round)
    page = f"/applications/{made.reference}/check"
    person = db.session.get_one(Person, made.started_by_id)
    return Deed("submission", made.id, page, page, sign(person), {"agrees": "yes", "declared_name": person.name})


def _upload(award: Award, sign: Sign) -> Deed:
    given = payments_factories.given(award, proven=False)
    person = db.session.get_one(Person, given.given_by_id)
    page = f"/organisations/{given.organisation_id}/bank-details"
    content = payments_factories.PROOF.replace(b"00733445", f"{given.id:08}".encode() * 2000)
    return Deed("upload", given.id, page, f"{page}/proof", sign(person), file=content)


def _signature(decision: Decision, a_round: Round, maker: Person, sign: Sign) -> Deed:
    page = f"/decisions/rounds/{a_round.slug}/sign"
    typed = {"decisions": str(decision.id), "interests": TYPED, "signature": maker.name, "confirmed": "yes"}
    return Deed("signature", decision.id, page, page, sign(maker), typed)


def _approval(batch: Batch, approver: Person, sign: Sign) -> Deed:
    page = f"/payments/batches/{batch.number}"
    return Deed("approval", batch.id, page, f"{page}/approve", sign(approver))


def _export(batch: Batch, finance: Person, sign: Sign) -> Deed:
    page = f"/payments/batches/{batch.number}"
    return Deed("export", batch.id, page, f"{page}/payments.xlsx", sign(finance))


# What is found of it


def faults(deeds: Iterable[Deed]) -> list[str]:
    """What is not as people were told, in words: lost, done twice or half done; and what the audit trail finds.

    What nobody was told of may be done or not.
    """
    found = {kind: _FOUND[kind]() for kind in KINDS}
    wrong = [words for deed in deeds if (words := _fault(deed, found[deed.kind]))]
    with proof.of_one_moment():
        wrong += proof.prove().faults
    notices, lines = (
        db.session.scalar(select(func.count()).select_from(what).where(*where)) or 0
        for what, where in (
            (DecisionNotice, ()),
            (AuditLine, (AuditLine.verb == "sign decision notice",)),
        )
    )
    return wrong if notices == lines else [*wrong, f"{notices} notices, and {lines} lines of the trail for them"]


def undone(deeds: Iterable[Deed]) -> list[Deed]:
    """Those that are not done, whoever was told."""
    found = {kind: _FOUND[kind]() for kind in KINDS}
    return [deed for deed in deeds if not any(one.get(deed.about) for one in found[deed.kind].values())]


def letters_sent() -> int:
    """How many letters have left. None waits or failed."""
    found = _counts(OutboxMessage.status)
    assert found.keys() <= {MailStatus.SENT, MailStatus.VOID}, found
    return found.get(MailStatus.SENT, 0)


def _fault(deed: Deed, found: Mapping[str, Found]) -> str:
    seen = {name: counts.get(deed.about, 0) for name, counts in found.items()}
    name = f"{deed.kind} {deed.about}"
    if deed.kind == "export":
        if seen["lines"] < deed.told:
            return f"{name}: told {deed.told} times, and the trail has {seen['lines']} lines"
        seen["lines"] = min(seen["lines"], 1)
    if not any(seen.values()):
        return f"{name} is lost" if deed.told else ""
    return "" if set(seen.values()) == {1} else f"{name} is not done once and whole: {seen}"


def _counts(what: Any, *where: Any) -> dict[Any, int]:
    return dict(db.session.execute(select(what, func.count()).where(*where).group_by(what)).all())


def _lines(verb: str, table: str) -> dict[int, int]:
    return _counts(AuditLine.thing_id, AuditLine.verb == verb, AuditLine.kind == table)


def _letters(purpose: str, about: str) -> dict[int, int]:
    found = _counts(OutboxMessage.about, OutboxMessage.purpose == purpose)
    return {int(name.removeprefix(f"{about}:")): number for name, number in found.items()}


def _submissions() -> dict[str, Found]:
    return {
        "frozen": _counts(Submission.application_id),
        "status": _counts(Application.id, Application.status == ApplicationStatus.SUBMITTED),
        "receipts": _letters("receipt", "application"),
        "lines": _lines("submit application", "applications"),
    }


def _uploads() -> dict[str, Found]:
    kept = dict(
        db.session.execute(
            select(BankDetails.id, StoredFile).join(StoredFile, StoredFile.id == BankDetails.proof_id)
        ).all()
    )
    return {
        "rows": dict.fromkeys(kept, 1),
        "files": {about: int(_is_whole(stored)) for about, stored in kept.items()},
        "lines": _lines("give proof of bank details", "bank_details"),
    }


def _is_whole(stored: StoredFile) -> bool:
    try:
        files.checked_path(stored)
    except files.DamagedFile:
        return False
    return True


def _signatures() -> dict[str, Found]:
    decided = dict(db.session.execute(select(Decision.application_id, Decision.id)).all())
    awards = dict(db.session.execute(select(Award.id, Award.decision_id)).all())

    def by_decision(counts: Found, keys: Mapping[int, int]) -> dict[int, int]:
        return {keys[one]: number for one, number in counts.items() if one in keys}

    return {
        "announced": _counts(NoticeDecision.decision_id),
        "awards": _counts(Award.decision_id),
        "offers": by_decision(_counts(Offer.award_id), awards),
        "letters": by_decision(_letters("result", "application"), decided),
        "lines": by_decision(_lines("enter award", "awards"), awards),
    }


def _approvals() -> dict[str, Found]:
    return {
        "files": {batch: number / 2 for batch, number in _counts(BatchFile.batch_id).items()},
        "status": _counts(Batch.id, Batch.status.in_([BatchStatus.APPROVED, BatchStatus.EXPORTED])),
        "lines": _lines("approve batch", "batches"),
    }


def _exports() -> dict[str, Found]:
    return {
        "status": _counts(Batch.id, Batch.status == BatchStatus.EXPORTED),
        "lines": _lines("download payment file (xlsx)", "batches"),
    }


_FOUND: dict[str, Callable[[], dict[str, Found]]] = {
    "submission": _submissions,
    "upload": _uploads,
    "signature": _signatures,
    "approval": _approvals,
    "export": _exports,
}


def _says(answer: Answer) -> str:
    """What a page that refuses says."""
    page = BeautifulSoup(answer.body, "lxml")
    return words(page.select_one(".govuk-error-summary") or page.find("h1") or page)


# People who do it


class Load:
    """Some people who do one deed after another at the same time, until there are none left or they are told to stop.

    What gets no answer, or one that nothing works now (500 or more), is put back, to be sent again as it was;
    `answers` are the others, `not_now` are the pages that put them off.
    """

    def __init__(self, port: int, deeds: list[Deed], *, people: int = 4) -> None:
        self._port, self._waiting, self._stop = port, list(reversed(deeds)), threading.Event()
        self.unanswered: list[Deed] = []
        self.answers: list[tuple[Deed, Answer]] = []
        self.not_now: list[tuple[Deed, Answer]] = []
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(people)]
        for thread in self._threads:
            thread.start()

    def _work(self) -> None:
        while not self._stop.is_set():
            try:
                deed = self._waiting.pop()
            except IndexError:
                return
            try:
                answer = deed.do(self._port)
            except (OSError, http.client.HTTPException):
                self.unanswered.append(deed)
                time.sleep(0.02)
            else:
                self._keep(deed, answer)

    def _keep(self, deed: Deed, answer: Answer) -> None:
        if answer.status >= 500:
            self.not_now.append((deed, answer))
            self.unanswered.append(deed)
        else:
            self.answers.append((deed, answer))

    def is_at_work(self) -> bool:
        """Whether anybody has something to do."""
        return any(thread.is_alive() for thread in self._threads)

    def end(self) -> list[Deed]:
        """Let everybody end what they began; returns what is left to do."""
        self._stop.set()
        for thread in self._threads:
            thread.join(2 * PATIENCE)
        assert not self.is_at_work(), "somebody waits for an answer for ever"
        return [*self.unanswered, *reversed(self._waiting)]

    def wait(self, until: Callable[[], bool] = lambda: False) -> None:
        """Wait until there is nothing left, or something has come."""
        while self.is_at_work() and not until():
            time.sleep(0.005)

    def badly_put_off(self) -> list[str]:
        """Pages that put somebody off without the right status, or without what they typed into the form."""
        return [
            f"{deed.kind} {deed.about}: {answer.status} {_says(answer)}"
            for deed, answer in self.not_now
            if answer.status != 503
            or (answer.is_of_form and any(text.encode() not in answer.body for text in deed.fields.values()))
        ]

    def refused(self) -> list[str]:
        """What was answered neither that it is done nor that it was done before."""
        return [
            f"{deed.kind} {deed.about}: {answer.status} {_says(answer)}"
            for deed, answer in self.answers
            if not deed.is_done_by(answer) and not deed.told
        ]


@dataclass
class Figures:
    """How many deeds people were told of, and how many got no answer; of these, how many were done all the same."""

    told: int = 0
    unanswered: int = 0
    done_unanswered: int = 0

    def count(self, load: Load) -> None:
        """Add what became of what people did, as the installation tells it now."""
        self.told += sum(deed.is_done_by(answer) for deed, answer in load.answers)
        sent = [deed for deed in load.unanswered if deed.was_sent]
        self.unanswered += len(sent)
        self.done_unanswered += len(sent) - len(undone(sent))
