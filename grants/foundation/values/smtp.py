"""Mail by SMTP: the server is verified, and nothing leaves this machine without TLS."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from enum import StrEnum
from ipaddress import ip_address
from urllib.parse import unquote, urlsplit

TIMEOUT = 30
"""Seconds to wait for the mail server's answer."""


class BadMailUrl(ValueError):
    """MAIL_URL or MAIL_CA_FILE that no mail can be sent with; the message says what to do."""


class UnsafeServer(Exception):
    """The mail server is not who it should be, or offers no TLS: neither a password nor a letter was sent to it."""


class Tls(StrEnum):
    """When a connection to the mail server is encrypted, and with it the server verified."""

    AT_ONCE = "smtps"
    STARTTLS = "starttls"
    NONE = "none"


@dataclass(frozen=True)
class MailServer:
    """Where mail goes. The authorities in `ca_file` are trusted in place of the system's, where it is given."""

    host: str
    port: int
    tls: Tls
    user: str = ""
    password: str = field(default="", repr=False)
    ca_file: str = ""

    @classmethod
    def of(cls, url: str, ca_file: str = "") -> MailServer:
        """The server of a MAIL_URL. Raises BadMailUrl."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError as error:
            raise _bad_url() from error
        if parts.scheme not in {"smtp", "smtps"} or not host:
            raise _bad_url()
        tls = tls_for(parts.scheme, host)
        login = unquote(parts.username or ""), unquote(parts.password or "")
        return cls(host, port or (465 if tls is Tls.AT_ONCE else 25), tls, *login, ca_file=ca_file)

    def trust(self) -> ssl.SSLContext:
        """Whom the server's certificate has to come from: it is always verified, its host name too.

        Raises BadMailUrl where the file of authorities cannot be read.
        """
        try:
            return ssl.create_default_context(cafile=self.ca_file or None)
        except OSError as error:
            raise BadMailUrl("MAIL_CA_FILE must be a readable file of certificates in PEM.") from error

    def send(self, mail: EmailMessage) -> None:
        """Send one letter. Raises UnsafeServer before it says anything that others may not hear."""
        with self._connection() as server:
            if self.tls is Tls.STARTTLS:
                with _safely(self.host):
                    server.starttls(context=self.trust())
            if self.user:
                server.login(self.user, self.password)
            server.send_message(mail)

    def _connection(self) -> smtplib.SMTP:
        if self.tls is not Tls.AT_ONCE:
            return smtplib.SMTP(self.host, self.port, timeout=TIMEOUT)
        with _safely(self.host):
            return smtplib.SMTP_SSL(self.host, self.port, timeout=TIMEOUT, context=self.trust())


def tls_for(scheme: str, host: str) -> Tls:
    """How a server has to be spoken to: only what stays on this machine may go without TLS.

    >>> tls_for("smtp", "mail.example.org"), tls_for("smtp", "localhost")
    (<Tls.STARTTLS: 'starttls'>, <Tls.NONE: 'none'>)
    """
    if scheme == "smtps":
        return Tls.AT_ONCE
    return Tls.NONE if is_loopback(host) else Tls.STARTTLS


def is_loopback(host: str) -> bool:
    """Whether a host is this machine by its name alone; a name that only resolves to it is not.

    >>> is_loopback("127.0.0.1"), is_loopback("::1"), is_loopback("localhost.example.org")
    (True, True, False)
    """
    if host.lower() == "localhost":
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


@contextmanager
def _safely(host: str) -> Iterator[None]:
    """Around the beginning of TLS: what goes wrong in it makes a server unsafe, in words for the office."""
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        raise UnsafeServer(f"The certificate of {host} is not trusted: {error.verify_message.rstrip('.')}.") from error
    except ssl.SSLError as error:
        raise UnsafeServer(f"{host} did not agree on TLS: {error.reason or error}.") from error
    except (smtplib.SMTPNotSupportedError, smtplib.SMTPResponseException) as error:
        raise UnsafeServer(f"{host} does not begin TLS (STARTTLS), so nothing was sent to it.") from error


def _bad_url() -> BadMailUrl:
    return BadMailUrl("MAIL_URL must be smtp://user:password@host:port or smtps://…")
