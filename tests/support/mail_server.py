"""A real SMTP server on this machine, with certificates of every kind, and names that lead to it and nowhere else."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOST = "mail.example.org"
"""A host that is not this machine by its name; `only_here` lets it lead to this machine."""

USER, PASSWORD = "office", "p@ss word"


class Authority:
    """Somebody who signs certificates; `file` is what one has to trust to trust them."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder, self.name, self.key = folder, _name(name), ec.generate_private_key(ec.SECP256R1())
        self.file = folder / f"{name}.pem"
        made = self._certificate(self.name, self.key, days=30)
        made = made.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        made = made.add_extension(_MAY_SIGN, critical=True)
        self.file.write_bytes(made.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))

    def context(self, *hosts: str, days: int = 10, by_itself: bool = False) -> ssl.SSLContext:
        """What a server needs whose certificate is for these hosts, and ends in so many days."""
        key = self.key if by_itself else ec.generate_private_key(ec.SECP256R1())
        made = self._certificate(self.name if by_itself else _name(hosts[0]), key, days=days)
        made = made.add_extension(x509.SubjectAlternativeName([_host(host) for host in hosts]), critical=False)
        made = made.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        signed = made.sign(self.key, hashes.SHA256())
        return _context(self.folder / f"{signed.serial_number}.pem", key, signed)

    def _certificate(
        self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, *, days: int
    ) -> x509.CertificateBuilder:
        now, ours = datetime.now(UTC), self.key.public_key()
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=40))
            .not_valid_after(now + timedelta(days=days))
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ours), critical=False)
        )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _host(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


_MAY_SIGN = x509.KeyUsage(
    digital_signature=True,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=False,
    encipher_only=False,
    decipher_only=False,
)


def _context(path: Path, key: ec.EllipticCurvePrivateKey, signed: x509.Certificate) -> ssl.SSLContext:
    plain = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(plain + signed.public_bytes(serialization.Encoding.PEM))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(path)
    return context


@dataclass
class Heard:
    """What a server was told: who it was introduced to, the passwords, the letters."""

    port: int = 0
    logins: list[tuple[str, str]] = field(default_factory=list)
    senders: list[str] = field(default_factory=list)
    letters: list[str] = field(default_factory=list)
    over_tls: list[bool] = field(default_factory=list)
    promises_tls: bool = False

    @property
    def nothing(self) -> bool:
        """That neither a password nor any word of a letter reached it."""
        return not (self.logins or self.senders or self.letters)

    async def handle_EHLO(  # noqa: N802 - the names are aiosmtpd's
        self, _server: SMTP, session: Session, _envelope: Envelope, host: str, answers: list[str]
    ) -> list[str]:
        """Promise TLS that there is not, where the test wants that."""
        session.host_name = host
        return [*answers[:-1], "250-STARTTLS", answers[-1]] if self.promises_tls else answers

    async def handle_MAIL(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, sender: str, _options: list[str]
    ) -> str:
        """The beginning of a letter."""
        self.senders.append(sender)
        envelope.mail_from = sender
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """A whole letter."""
        assert isinstance(envelope.content, bytes)
        self.letters.append(envelope.content.decode())
        assert server.transport is not None
        self.over_tls.append(server.transport.get_extra_info("ssl_object") is not None)
        return "250 OK"

    def authenticate(self, _server: SMTP, _session: Session, _envelope: Envelope, _how: str, data: Any) -> AuthResult:
        """Somebody logs in."""
        assert isinstance(data, LoginPassword)
        self.logins.append((data.login.decode(), data.password.decode()))
        return AuthResult(success=self.logins[-1] == (USER, PASSWORD))


class _OnAnyPort(Controller):
    def _trigger_server(self) -> None:
        assert self.server is not None
        self.port = self.server.sockets[0].getsockname()[1]  # type: ignore[attr-defined]
        super()._trigger_server()


@contextmanager
def serving(
    *, at_once: ssl.SSLContext | None = None, starttls: ssl.SSLContext | None = None, promises_tls: bool = False
) -> Iterator[Heard]:
    """An SMTP server with TLS at once, TLS when asked, or none: it takes logins in any case. Gives what it hears."""
    heard = Heard(promises_tls=promises_tls)
    server = _OnAnyPort(
        heard,
        hostname="127.0.0.1",
        port=0,
        ssl_context=at_once,
        tls_context=starttls,
        authenticator=heard.authenticate,
        auth_require_tls=False,
    )
    server.start()
    try:
        heard.port = server.port
        yield heard
    finally:
        server.stop()


def only_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every name lead to this machine, as a line in /etc/hosts would, so that no test can reach another."""
    known = socket.getaddrinfo

    def look_up(_host: Any, *args: Any, **kwargs: Any) -> Any:
        return known("127.0.0.1", *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
