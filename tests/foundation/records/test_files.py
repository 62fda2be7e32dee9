"""Files that people send are what they say they are, are kept whole, and open nowhere but where they should."""

from __future__ import annotations

import hashlib
import io
import shutil
import socketserver
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from flask import Config, Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import DatabaseError, IntegrityError

from grants.foundation.records import files, proof, worker
from grants.foundation.records.db import Refused, db, transaction
from grants.foundation.records.files import DamagedFile, QuotaFull, ScanState, StoredFile
from grants.foundation.records.kinds import CSV, DOCUMENTS, ODT, PDF, TABLES, BadFile, Upload, examine, sniff, tidy_name


def stored_file(sent: Upload) -> StoredFile:
    return files.store(sent, owner=files.OFFICE)


PAPER = b"%PDF-1.7\n1 0 obj\n" + b"x" * 3_000_000


def zipped(**members: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml").replace("_bin", ".bin"), content)
    return file.getvalue()


def workbook() -> bytes:
    file = io.BytesIO()
    openpyxl.Workbook().save(file)
    return file.getvalue()


GOOD = {
    "a.pdf": PAPER,
    "a.docx": zipped(Content_Types_xml=b"x", word__document_xml=b"x"),
    "a.xlsx": workbook(),
    "a.odt": zipped(mimetype=b"application/vnd.oasis.opendocument.text", content_xml=b"x"),
    "a.jpg": b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(64),
    "a.png": b"\x89PNG\r\n\x1a\n" + bytes(64),
}
BAD = {
    "program": b"MZ" + bytes(500),
    "linux program": b"\x7fELF" + bytes(500),
    "script": b"#!/bin/sh\nrm -rf /\n",
    "page": b"<!doctype html><script>alert(1)</script>",
    "drawing": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "archive": zipped(other_xml=b"x"),
    "archive with a program": zipped(**{"word__document_xml": b"x", "a.exe": b"MZ"}),
    "macros": zipped(word__document_xml=b"x", word__vbaProject_bin=b"x"),
    "broken archive": b"PK\x03\x04" + bytes(100),
    "old Word, or an installer": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
    "noughts": bytes(1000),
    "text": b"hello",
}


@pytest.mark.parametrize("name", GOOD)
def test_document_is_told_by_its_content(name: str) -> None:
    upload = examine(io.BytesIO(GOOD[name]), name)
    assert (upload.name, upload.size) == (name, len(GOOD[name]))
    assert upload.media_type == next(kind.media_type for kind in DOCUMENTS if Path(name).suffix in kind.endings)
    assert upload.stream.read() == GOOD[name]


@pytest.mark.parametrize("what", BAD)
@pytest.mark.parametrize("name", ["a.pdf", "a.docx", "a.png", "a"])
def test_what_is_something_else_inside_is_refused(what: str, name: str) -> None:
    """Risk: an officer opens a program that came as a bank statement."""
    with pytest.raises(BadFile, match="is something else inside"):
        examine(io.BytesIO(BAD[what]), name)


def test_name_gets_the_ending_of_the_content() -> None:
    assert examine(io.BytesIO(GOOD["a.png"]), "photo.pdf").name == "photo.png"
    assert examine(io.BytesIO(GOOD["a.png"]), "photo").name == "photo.png"
    assert examine(io.BytesIO(GOOD["a.jpg"]), "photo.JPEG").name == "photo.JPEG"


def test_only_the_kinds_that_are_asked_for_are_taken() -> None:
    with pytest.raises(BadFile, match="must be a PDF file"):
        examine(io.BytesIO(GOOD["a.png"]), "a.png", kinds=[PDF])
    assert examine(io.BytesIO(b"a,b\r\n1,2\r\n"), "a.csv", kinds=TABLES).media_type == CSV.media_type
    with pytest.raises(BadFile, match="must be an Excel or CSV file"):
        examine(io.BytesIO(b"a,b\x00"), "a.csv", kinds=TABLES)


def test_size_is_held_to_its_limit_to_the_byte() -> None:
    assert examine(io.BytesIO(PAPER), "a.pdf", largest=len(PAPER)).size == len(PAPER)
    with pytest.raises(BadFile, match=r"must be 2\.9\u00a0MB or less"):
        examine(io.BytesIO(PAPER), "a.pdf", largest=len(PAPER) - 1)


@given(st.binary(max_size=200))
def test_any_content_is_a_kind_or_none(content: bytes) -> None:
    assert sniff(io.BytesIO(content)) is None or content.startswith((b"%PDF", b"\xff\xd8\xff", b"\x89PNG"))


@given(st.text())
def test_any_name_is_tidied(name: str) -> None:
    tidy = tidy_name(name)
    assert tidy == tidy_name(tidy)
    assert not set(tidy) & set('/\\<>:"|?*\x00\r\n\u202e')
    assert 0 < len(tidy) <= 131


# Keeping


def upload(content: bytes = PAPER, name: str = "Accounts – Zoë.pdf") -> Upload:
    return Upload(name, "application/pdf", len(content), io.BytesIO(content))


def kept(instance: Path) -> list[str]:
    return sorted(path.name for path in (instance / "files").rglob("*") if path.is_file())


@pytest.fixture
def instance(instance: Path) -> Path:
    """The folder, without the files of another test."""
    shutil.rmtree(instance / "files", ignore_errors=True)
    return instance


def test_file_is_kept_by_its_content(app: Flask, instance: Path, clock: Any) -> None:
    stored = stored_file(upload())
    digest = hashlib.sha256(PAPER).hexdigest()
    assert (stored.sha256, stored.size, stored.scan) == (digest, len(PAPER), ScanState.NOT_SCANNED)
    assert kept(instance) == [digest]
    assert (instance / "files" / digest[:2] / digest).read_bytes() == PAPER


def test_same_content_is_kept_once_under_both_names(app: Flask, instance: Path) -> None:
    first, second = stored_file(upload()), stored_file(upload(name="other.pdf"))
    assert first.id != second.id
    assert kept(instance) == [first.sha256]


def test_file_is_sent_as_an_attachment(app: Flask) -> None:
    """Risk: a browser opens what somebody sent as a page of ours."""
    stored = stored_file(upload())
    with app.test_request_context("/"):
        response = files.send(stored)
        response.direct_passthrough = False
        assert response.get_data() == PAPER
        response.close()
    assert response.headers["Content-Disposition"] == (
        "attachment; filename=\"Accounts  Zoe.pdf\"; filename*=UTF-8''Accounts%20%E2%80%93%20Zo%C3%AB.pdf"
    )
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Type"] == "application/pdf"


def test_file_that_was_changed_or_lost_is_not_sent(app: Flask, instance: Path) -> None:
    stored = stored_file(upload())
    path = files.checked_path(stored)
    path.write_bytes(b"%PDF-another")
    with pytest.raises(DamagedFile, match="its content was changed"):
        files.checked_path(stored)
    path.unlink()
    with pytest.raises(DamagedFile, match="its content is missing"):
        files.checked_path(stored)


def test_crash_while_writing_leaves_no_half_file(app: Flask, instance: Path) -> None:
    class Breaking(io.BytesIO):
        """A connection that breaks after the first block."""

        def read(self, size: int | None = -1) -> bytes:
            if self.tell():
                raise ConnectionResetError
            return super().read(size)

    with pytest.raises(ConnectionResetError):
        stored_file(Upload("a.pdf", "application/pdf", len(PAPER), Breaking(PAPER)))
    assert kept(instance) == []
    assert db.session.query(StoredFile).count() == 0


def test_content_is_there_before_its_row(app: Flask, instance: Path) -> None:
    def store_and_fail() -> None:
        with transaction():
            stored_file(upload())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        store_and_fail()
    assert kept(instance) == [hashlib.sha256(PAPER).hexdigest()]
    assert db.session.query(StoredFile).count() == 0


@pytest.mark.parametrize(
    ("field", "value", "constraint"), [("scan", "fine", "scan_is_known"), ("size", 0, "size_is_positive")]
)
def test_row_that_cannot_be_is_refused_by_the_database(app: Flask, field: str, value: Any, constraint: str) -> None:
    columns = [column.key for column in StoredFile.__table__.columns if column.key != "id"]
    values = {name: getattr(stored_file(upload()), name) for name in columns}
    with pytest.raises(IntegrityError, match=constraint), transaction() as session:
        session.add(StoredFile(**values | {field: value}))


@given(st.lists(st.tuples(st.sampled_from(["organisation:1", "organisation:2", files.OFFICE]), st.integers(1, 9))))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
def test_what_an_owner_has_is_the_sum_of_its_files_and_never_more_than_the_quota(
    config: Config, sent: list[tuple[str, int]]
) -> None:
    config["GROUP_QUOTA"], wanted = 12, dict.fromkeys(["organisation:1", "organisation:2"], 0)
    with transaction() as session:
        for owner, size in sent:
            try:
                files.store(Upload("a.csv", "text/csv", size, io.BytesIO(b"x" * size)), owner=owner)
            except QuotaFull:
                assert wanted[owner] + size > 12
            else:
                wanted |= {owner: wanted[owner] + size} if owner in wanted else {}
        assert {owner: files.used_by(owner) for owner in wanted} == wanted
        assert max(wanted.values()) <= 12
        session.rollback()


def test_what_was_sent_never_changes(app: Flask) -> None:
    stored = stored_file(upload())
    with pytest.raises(DatabaseError, match="append-only"), transaction():
        stored.sha256 = "a" * 64


# Scanning


class Scanner(socketserver.StreamRequestHandler):
    """As much of ClamAV as INSTREAM needs: a file with "virus" in it is infected."""

    def handle(self) -> None:
        assert self.rfile.read(10) == b"zINSTREAM\0"
        content = b""
        while size := int.from_bytes(self.rfile.read(4), "big"):
            content += self.rfile.read(size)
        answer = b"stream: Eicar FOUND\0" if b"virus" in content else b"stream: OK\0"
        self.wfile.write(b"INSTREAM size limit exceeded. ERROR\0" if b"large" in content else answer)


@pytest.fixture(params=["path", "port"])
def scanner(
    request: pytest.FixtureRequest, app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    path = tmp_path / "clamd"
    server = (
        socketserver.UnixStreamServer(str(path), Scanner)
        if request.param == "path"
        else socketserver.TCPServer(("127.0.0.1", 0), Scanner)
    )
    address = str(path) if request.param == "path" else f"127.0.0.1:{server.server_address[1]}"
    monkeypatch.setitem(app.config, "CLAMAV_SOCKET", address)
    with server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield
        server.shutdown()


@pytest.mark.usefixtures("scanner")
def test_file_is_held_until_it_was_scanned(app: Flask) -> None:
    good, bad = stored_file(upload()), stored_file(upload(b"%PDF virus"))
    assert (good.scan, bad.scan) == (ScanState.AWAITING, ScanState.AWAITING)
    with pytest.raises(Refused, match="being checked for viruses"):
        files.send(good)
    assert files.scan_waiting() == (1, 1)
    assert (good.scan, bad.scan) == (ScanState.CLEAN, ScanState.INFECTED)
    assert (good.may_be_opened, bad.may_be_opened) == (True, False)
    with pytest.raises(Refused, match="has a virus in it"):
        files.send(bad)
    assert files.scan_waiting() == (0, 0)


@pytest.mark.usefixtures("scanner")
def test_file_stays_held_where_the_scanner_gives_no_answer(app: Flask) -> None:
    stored = stored_file(upload(b"%PDF large"))
    with pytest.raises(OSError, match="size limit exceeded"):
        files.scan_waiting()
    assert stored.scan == ScanState.AWAITING


def test_audit_verify_names_a_file_that_is_missing_or_was_changed(app: Flask, instance: Path) -> None:
    missing, changed, good = stored_file(upload(b"%PDF one")), stored_file(upload(b"%PDF two")), stored_file(upload())
    assert proof.prove().faults == []

    files.checked_path(missing).unlink()
    files.checked_path(changed).write_bytes(b"%PDF 2wo")

    faults = [str(fault) for fault in proof.prove().faults]
    assert len(faults) == 2
    for named, stored in zip(faults, (missing, changed), strict=True):
        assert f"{stored.id}" in named
    assert not any(good.sha256 in fault for fault in faults)


@pytest.mark.usefixtures("scanner")
def test_damaged_file_keeps_no_other_waiting(app: Flask, instance: Path) -> None:
    damaged, good = stored_file(upload(b"%PDF damaged")), stored_file(upload())
    files.checked_path(damaged).unlink()
    assert files.scan_waiting() == (1, 0)
    assert (damaged.scan, good.scan) == (ScanState.AWAITING, ScanState.CLEAN)


@pytest.mark.usefixtures("scanner")
def test_worker_scans_what_is_held(app: Flask) -> None:
    stored, said = stored_file(upload()), []  # type: ignore[var-annotated]
    worker.one_pass(said.append)
    assert said == ["1 files clean, 0 infected."]
    assert db.session.get_one(StoredFile, stored.id).scan == ScanState.CLEAN


def test_worker_goes_on_where_no_scanner_answers(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "CLAMAV_SOCKET", str(tmp_path / "nobody"))
    stored_file(upload())
    said: list[str] = []
    assert worker.one_pass(said.append) == (0, 0)
    assert said[0].startswith("Could not scan files: ")


def test_kinds_are_named_in_one_voice() -> None:
    with pytest.raises(BadFile) as refused:
        examine(io.BytesIO(b"hello"), "a.txt", kinds=[ODT])
    assert str(refused.value) == "must be an OpenDocument text file. “a.txt” is something else inside"
