"""How answers travel: compressed where nothing secret is in them, and not at all where the reader has them already.

Only what anybody gets is compressed and kept. An answer that was made with a session holds a token, or what is not for
everybody, beside texts that others typed: its length would tell of it (BREACH), and no cache may have it.
"""

from __future__ import annotations

import gzip
import hashlib
import zlib
from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from flask import Flask, Response, g, request, session

from grants.foundation.records import audit
from grants.foundation.values import clock
from grants.foundation.values.version import VERSION

TEXTS = frozenset({"text/html", "text/css", "text/csv", "text/plain", "application/json", "image/svg+xml"})
SMALL = 500
"""Bytes of a text that is not worth compressing."""
ASK_EACH_TIME = "public, no-cache"
"""Anybody may keep it, but asks whether it is still right: what is withdrawn is gone at once."""
LEVEL = 6

P = ParamSpec("P")
R = TypeVar("R")


def init_app(app: Flask) -> None:
    """Look at each answer last, when all of its headers stand."""
    app.after_request(_deliver)


def as_recorded(view: Callable[P, R]) -> Callable[P, R]:
    """A file that is sent while it is read: as long as nothing is written to the trail it stays the same."""

    @wraps(view)
    def wrapped(*args: P.args, **named: P.kwargs) -> R:
        g.recorded = audit.head()
        return view(*args, **named)

    return wrapped


def _deliver(response: Response) -> Response:
    if session or session.modified or request.method not in {"GET", "HEAD"}:
        return response
    if response.status_code in {200, 304} and not response.cache_control.no_store:
        _let_keep(response)
    if response.mimetype in TEXTS:
        response.vary.add("Accept-Encoding")
        if response.status_code != 304 and request.method == "GET" and request.accept_encodings["gzip"] > 0:
            _compress(response)
    return response


def _let_keep(response: Response) -> None:
    if g.get("without_database"):
        response.headers["Cache-Control"] = "no-store"
        return
    if not response.cache_control.public:
        response.headers["Cache-Control"] = ASK_EACH_TIME
    if tag := _tag(response):
        response.set_etag(tag, weak=True)
        response.make_conditional(request)


def _tag(response: Response) -> str:
    """What tells this answer from another at its address; nothing where it has a tag, or none can be known."""
    if response.get_etag()[0]:
        return ""
    if not response.is_streamed:
        return hashlib.sha256(response.get_data()).hexdigest()[:32]
    if not (recorded := g.get("recorded")):
        return ""
    told = (recorded, clock.today().isoformat(), VERSION, request.full_path)
    return hashlib.sha256("\n".join(told).encode()).hexdigest()[:32]


def _compress(response: Response) -> None:
    if response.direct_passthrough or "Content-Encoding" in response.headers:
        return
    if response.is_streamed:
        response.response = _Compressed(response.response)
        response.headers.pop("Content-Length", None)
    elif len(body := response.get_data()) < SMALL:
        return
    else:
        response.set_data(gzip.compress(body, LEVEL, mtime=0))
    response.headers["Content-Encoding"] = "gzip"


class _Compressed:
    """A stream, compressed part by part, so that what is made can be read at once."""

    def __init__(self, parts: Iterable[Any]) -> None:
        self._parts = parts

    def __iter__(self) -> Iterator[bytes]:
        packer = zlib.compressobj(LEVEL, wbits=16 + zlib.MAX_WBITS)
        for part in self._parts:
            yield packer.compress(part.encode() if isinstance(part, str) else part) + packer.flush(zlib.Z_SYNC_FLUSH)
        yield packer.flush()

    def close(self) -> None:
        """End the stream that is compressed."""
        if hasattr(self._parts, "close"):
            self._parts.close()
