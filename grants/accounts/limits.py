"""How often somebody may try. Only failures count, so a busy office behind one address is never locked out."""

from __future__ import annotations

import hashlib
import ipaddress
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Unpack

from flask import Flask, current_app, make_response, request
from flask_limiter import Limiter
from limits import RateLimitItem, parse
from limits.strategies import RateLimiter
from werkzeug.wrappers import Response

from grants.foundation.web.forms import Form
from grants.foundation.web.posting import Answered, Manner, done

EXTENSION: Final = "accounts.limiter"

PAIR: Final = parse("5 per 15 minutes")
ADDRESS: Final = parse("200 per 15 minutes")
ACCOUNT: Final = parse("100 per 1 hour")
TOLD: Final = parse("600 per 1 hour")
"""So many failures stand in the audit trail, whomever they are about: nobody fills it by guessing."""
MAILS_TO: Final = parse("5 per 1 hour")
MAILS_FROM: Final = parse("100 per 1 hour")


@dataclass(frozen=True)
class Wait:
    """How long somebody has to wait before they may try again, in whole seconds."""

    seconds: int

    def __str__(self) -> str:
        minutes = max(1, math.ceil(self.seconds / 60))
        return "1 minute" if minutes == 1 else f"{minutes} minutes"


def init_app(app: Flask) -> None:
    """Keep the counts where RATELIMIT_STORAGE_URI says."""
    limiter = Limiter(key_func=address, strategy="moving-window", storage_uri=app.config["RATELIMIT_STORAGE_URI"])
    limiter.init_app(app)
    app.extensions[EXTENSION] = limiter


def wait_to_sign_in(email: str) -> Wait | None:
    """How long to wait before another try at this account from here, or None."""
    return _longest_wait(_sign_in_limits(email))


def note_failure(email: str) -> bool:
    """Count a try that failed; whether it was the last that is let through for now."""
    for item, keys in _sign_in_limits(email):
        _strategy().hit(item, *keys)
    return wait_to_sign_in(email) is not None


def is_told() -> bool:
    """Count a failure that may stand in the audit trail; whether it does."""
    return _strategy().hit(TOLD, "told")


def forgive(email: str) -> None:
    """Forget the failures at an account from here: its owner came in."""
    _strategy().clear(PAIR, *_pair(email))


def wait_to_mail(email: str) -> Wait | None:
    """Count a mail that somebody who is not signed in asks for; how long to wait where it is one too many."""
    limits = [(MAILS_TO, ("mails-to", _digest(email))), (MAILS_FROM, ("mails-from", address()))]
    if wait := _longest_wait(limits):
        return wait
    for item, keys in limits:
        _strategy().hit(item, *keys)
    return None


def too_many(page: Answered, wait: Wait) -> Response:
    """An answer that says when to try again, for machines too."""
    response = make_response(page)
    response.status_code = 429
    response.headers["Retry-After"] = str(wait.seconds)
    return response


def answered(
    form: Form,
    do: Callable[[], str],
    show: Callable[[], Answered],
    *,
    wait: Callable[[], Wait | None],
    words: str,
    **how: Unpack[Manner],
) -> Answered:
    """Answer a form with which somebody may try only so often: `done`, or `show` what is wrong with it.

    `words` tell how long to `wait` where there is a wait; the rest is `done`'s.
    """
    if not form.validate_on_submit():
        return show()
    if found := wait():
        form.refuse(words.format(wait=found))
        return too_many(show(), found)
    return done(form, do, **how) or show()


def address() -> str:
    """Where the request comes from. An IPv6 network of one household or office (/64) is one address."""
    try:
        found = ipaddress.ip_address(request.remote_addr or "")
    except ValueError:
        return "unknown"
    if isinstance(found, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)


_Limits = Sequence[tuple[RateLimitItem, tuple[str, ...]]]


def _sign_in_limits(email: str) -> _Limits:
    return [(PAIR, _pair(email)), (ADDRESS, ("from", address())), (ACCOUNT, ("account", _digest(email)))]


def _pair(email: str) -> tuple[str, ...]:
    return ("pair", _digest(email), address())


def _longest_wait(limits: _Limits) -> Wait | None:
    full = [_strategy().get_window_stats(item, *keys) for item, keys in limits if not _strategy().test(item, *keys)]
    if not full:
        return None
    return Wait(max(1, math.ceil(max(stats.reset_time for stats in full) - time.time())))


def _strategy() -> RateLimiter:
    limiter: Limiter = current_app.extensions[EXTENSION]
    return limiter.limiter


def _digest(email: str) -> str:
    return hashlib.sha256(email.strip().lower().encode()).hexdigest()[:32]
