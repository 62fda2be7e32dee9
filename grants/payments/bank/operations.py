"""The verbs of bank details: give, prove, verify, refuse, show. None writes what is sealed into audit, mail or log."""

from __future__ import annotations

import re
from collections.abc import Collection
from io import BytesIO
from pathlib import Path
from tempfile import NamedTemporaryFile

from grants.accounts.models import Organisation, Person
from grants.awards.rules import Around
from grants.foundation.records import audit, files
from grants.foundation.records.db import Refused, db, transaction
from grants.foundation.records.kinds import Upload
from grants.foundation.records.lifecycle import take_step
from grants.foundation.values import clock
from grants.foundation.values.bank_names import has_other_letters, is_same_name
from grants.foundation.web.addresses import public_address
from grants.payments import letters, rules, sealing
from grants.payments.acts import PaymentAct
from grants.payments.letters import Letter
from grants.payments.models import HOLD, BankDetails, BankStatus, CheckMethod, Compared, Payment, Reversal
from grants.payments.sealing import BankAccount

from . import queries


def give(*, person: Person, organisation: Organisation, account: BankAccount) -> BankDetails:
    """Give a group's bank details. Where others are in force it is a change: it is held, and everybody is told.

    Raises Refused.
    """
    with transaction() as session:
        group = queries.locked_group(organisation.id)
        rules.can_give(person, group, accepted=bool(queries.accepted_references(group.id))).or_refuse()
        _check(account)
        waiting, in_force = queries.set_of(group.id, BankStatus.GIVEN), queries.set_to_replace(group.id)
        for known in (waiting, in_force):
            is_known = known and known.status != BankStatus.BLOCKED and known.proof_id is not None
            if known and is_known and opened(known) == account:
                raise Refused("We hold these details already. You need not give them again.")
        if waiting:
            _replace(waiting)
        now = clock.now()
        made = BankDetails(
            organisation_id=group.id,
            status=BankStatus.GIVEN,
            last_digits=account.number[-4:],
            sealed=sealing.seal_account(account, organisation_id=group.id),
            account_digest=sealing.digests_of(account)[0],
            given_at=now,
            given_by_id=person.id,
            changes_id=in_force.id if in_force else None,
            held_until=now + HOLD if in_force else None,
        )
        session.add(made)
        session.flush()
        if in_force:
            _write(made, letters.change_asked(group.name, _link(group.id)), "bank-details-change", in_force.given_by_id)
        else:
            _write(made, letters.given(group.name, person.name, _link(group.id)), "bank-details-given")
        verb = PaymentAct.ASK_FOR_CHANGE_OF_BANK_DETAILS if in_force else PaymentAct.GIVE_BANK_DETAILS
        audit.record(actor=person.actor, verb=verb, thing=made, changes={"status": ("", BankStatus.GIVEN)})
        return made


def prove(*, person: Person, details: BankDetails, upload: Upload) -> BankDetails:
    """Send proof of details that wait: kept sealed, scanned where there is a scanner. Raises Refused, QuotaFull."""
    upload.stream.seek(0)
    content = upload.stream.read()
    _scan(content)
    with transaction():
        queries.locked_group(details.organisation_id)
        current = queries.fresh(details.id)
        rules.can_prove(person, current).or_refuse()
        sealed, key = sealing.seal_apart(content)
        kept = Upload("proof of bank details", "application/octet-stream", len(sealed), BytesIO(sealed))
        stored = files.store(kept, owner=f"organisation:{details.organisation_id}")
        current.proof_id, current.proof_key = stored.id, key
        current.proof_name, current.proof_media_type = upload.name, upload.media_type
        current.version += 1
        audit.record(
            actor=person.actor,
            verb=PaymentAct.GIVE_PROOF_OF_BANK_DETAILS,
            thing=current,
            changes={"proof_id": ("", current.proof_id)},
        )
        return current


def verify(
    *,
    person: Person,
    details: BankDetails,
    seen: int,
    method: CheckMethod,
    compared: Collection[Compared],
    note: str = "",
    shared_why: str = "",
    supplier_number: str = "",
) -> BankDetails:
    """Verify details: from now on the group is paid to them, and those in force before are replaced.

    `seen` is the version that was looked at; who verifies opened the number and the proof before, and says what they
    `compared`. `shared_why` is why other groups have the same account, where they have. Raises Refused and LostUpdate.
    """
    with transaction():
        group = queries.locked_group(details.organisation_id)
        current, in_force = queries.fresh(details.id), queries.set_to_replace(group.id)
        rules.can_verify(person, current, in_force, clock.now(), queries.around_group(group.id)).or_refuse()
        current.expect_version(seen)
        rules.has_looked(queries.seen_by(person, current.id)).or_refuse()
        rules.has_compared(compared).or_refuse()
        rules.method_is_enough(current, method, note).or_refuse()
        rules.names_no_account(note, shared_why, supplier_number).or_refuse()
        current.shared_why = _why_shared(current, shared_why)
        givers = [current.given_by_id]
        if in_force:
            _replace(in_force)
            givers.append(in_force.given_by_id)
        _close(person, current, BankStatus.VERIFIED)
        current.method, current.note, current.supplier_number = method, note.strip(), supplier_number.strip()
        current.compared = ", ".join(one for one in Compared if one in compared)
        _write(current, letters.verified(group.name), "bank-details-verified", *givers)
        said = {name: ("", getattr(current, name)) for name in ("method", "compared", "shared_why")}
        _record_judgement(person, PaymentAct.VERIFY_BANK_DETAILS, current, said)
        return current


def _why_shared(details: BankDetails, why: str) -> str:
    """Why other groups have the same account: nothing where none has it. Raises Refused where it is not said."""
    others = shared_with(details)
    rules.may_be_shared(others, why).or_refuse()
    return why.strip() if others else ""


def refuse(*, person: Person, details: BankDetails, seen: int, reason: str) -> BankDetails:
    """Refuse details with the reason, which the group is told. Raises Refused and LostUpdate."""
    with transaction():
        group = queries.locked_group(details.organisation_id)
        current = queries.fresh(details.id)
        rules.can_refuse(person, current, queries.around_group(group.id)).or_refuse()
        current.expect_version(seen)
        if not reason.strip():
            raise Refused("Enter the reason: the group is told it.")
        rules.names_no_account(reason).or_refuse()
        _close(person, current, BankStatus.REFUSED)
        current.why = reason.strip()
        letter = letters.refused(group.name, current.why, _link(group.id))
        _write(current, letter, "bank-details-refused", current.given_by_id)
        _record_judgement(person, PaymentAct.REFUSE_BANK_DETAILS, current, {})
        return current


def block(*, person: Person, details: BankDetails, why: str) -> None:
    """Pay nothing more to details, in the caller's deed, until others or the same are verified anew."""
    with transaction():
        _take_step(details, "block")
        audit.record(actor=person.actor, verb=PaymentAct.BLOCK_BANK_DETAILS, thing=details, why=why)


def block_account_of(payment: Payment, *, person: Person, why: str) -> int | None:
    """Block the details that a payment went to, in the caller's deed, where they are in force: which set it is.

    The award is locked before the group, here as everywhere.
    """
    with transaction() as session:
        group_id = payment.bank_details.organisation_id
        queries.locked_group(group_id)
        in_force = queries.set_of(group_id, BankStatus.VERIFIED)
        if in_force is None or in_force.id != payment.bank_details_id:
            return None
        block(person=person, details=in_force, why=f"payment {payment.reference} {why}")
        session.flush()
        return in_force.id


def unblock_account_of(payment: Payment, *, person: Person, but: Reversal, why: str) -> None:
    """Pay again to the details that a payment went to, unless another payment to them failed or came back."""
    if not queries.keeps_blocked(payment, but=but):
        unblock(person=person, details=payment.bank_details, why=f"payment {payment.reference} {why}")


def unblock(*, person: Person, details: BankDetails, why: str) -> None:
    """Pay to blocked details again, in the caller's deed; where others were verified since, nothing changes."""
    with transaction():
        queries.locked_group(details.organisation_id)
        current = queries.fresh(details.id)
        if current.status == BankStatus.BLOCKED:
            _take_step(current, "unblock")
            audit.record(actor=person.actor, verb=PaymentAct.UNBLOCK_BANK_DETAILS, thing=current, why=why)


def show(*, person: Person, details: BankDetails) -> BankAccount:
    """The whole details, for a finance officer: it is written down who saw them. Raises Refused."""
    with transaction():
        rules.can_show(person, queries.around_group(details.organisation_id)).or_refuse()
        audit.record(actor=person.actor, verb=PaymentAct.SHOW_BANK_DETAILS, thing=details, changes={})
        return opened(details)


def show_proof(*, person: Person, details: BankDetails) -> bytes:
    """The proof, for a finance officer: it is written down who opened it. Raises Refused, Damaged and DamagedFile."""
    with transaction():
        rules.can_show(person, queries.around_group(details.organisation_id)).or_refuse()
        if details.proof is None:
            raise Refused("The group has not sent proof of these details yet.")
        content = sealing.unseal_apart(files.checked_path(details.proof).read_bytes(), details.proof_key)
        audit.record(actor=person.actor, verb=PaymentAct.OPEN_PROOF_OF_BANK_DETAILS, thing=details, changes={})
        return content


def number_on_file(*, person: Person, details: BankDetails, around: Around) -> str:
    """The telephone number that the group gave with details, for a finance officer to ring. Raises Refused.

    `around` is who is around the group, as `queries.around_group` says it.
    """
    rules.can_show(person, around).or_refuse()
    return opened(details).number_on_file


def shared_with(details: BankDetails) -> list[str]:
    """The names of the other groups that gave the same account."""
    return queries.others_with(sealing.digests_of(opened(details)), details.organisation_id)


def name_differs(details: BankDetails) -> bool:
    """Whether the name on the account is not that of the group, but for case, signs and small words."""
    return not is_same_name(opened(details).name, details.organisation.name)


def opened(details: BankDetails) -> BankAccount:
    """What is sealed in a set of details. Raises Damaged."""
    return sealing.unseal_account(details.sealed, organisation_id=details.organisation_id)


def _check(account: BankAccount) -> None:
    if not re.fullmatch(r"[0-9]{6}", account.sort_code) or not re.fullmatch(r"[0-9]{8}", account.number):
        raise Refused("A sort code has 6 digits, and an account number 8.")
    if not account.sort_code.strip("0") or not account.number.strip("0"):
        raise Refused("A sort code or account number of zeros alone is none.")
    if has_other_letters(account.name) or not re.search("[A-Za-z]", account.name_at_bank):
        raise Refused("Enter the name of the account in the letters A to Z, as the bank writes it.")
    if not account.name.strip() or not account.number_on_file.strip():
        raise Refused("Enter the name of the account, and a telephone number.")


def _take_step(details: BankDetails, verb: str) -> None:
    details.status = take_step(rules.BANK_STEPS, BankStatus(details.status), verb, thing="set of bank details")
    details.version += 1


def _replace(details: BankDetails) -> None:
    """Let another set of its group take the place of this one."""
    details.status = BankStatus.REPLACED
    details.version += 1
    db.session.flush()


def _record_judgement(person: Person, act: PaymentAct, details: BankDetails, said: audit.Changes) -> None:
    changes = {"status": (BankStatus.GIVEN, details.state), **said}
    audit.record(actor=person.actor, verb=act, thing=details, changes=changes)


def _close(person: Person, details: BankDetails, status: BankStatus) -> None:
    details.status, details.checked_at, details.checked_by_id = status, clock.now(), person.id
    details.version += 1


def _write(details: BankDetails, letter: Letter, purpose: str, *others: int) -> None:
    """Queue a mail to everybody of the group, and to these others."""
    people = queries.people_of(details.organisation_id, *others)
    letters.write_to(people, letter, purpose=purpose, about=f"bank_details:{details.id}")


def _link(organisation_id: int) -> str:
    return public_address("payments.own_details", organisation_id=organisation_id)


def _scan(content: bytes) -> None:
    with NamedTemporaryFile() as draft:
        draft.write(content)
        draft.flush()
        if reason := files.why_not_seal(Path(draft.name)):
            raise Refused(reason)
