"""Requests are taken in whole before a thread is used, and what is too slow is ended."""

from __future__ import annotations

import select
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import timedelta
from typing import Any

import pytest

from grants.foundation.values import clock as the_clock
from grants.foundation.web import serving
from grants.foundation.web.arrival import ARRIVED_AT
from grants.foundation.web.serving import Arriving, Patience, Server, _rules

THREADS, PATIENCE, BRISK = 2, 20.0, 0.3
GET = b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n"
HALF_HEADERS = b"GET /a HTTP/1.1\r\nHost: x\r\nX-Slow: "
HALF_BODY = b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\na="

Connect = Callable[[bytes], socket.socket]


def _app(_environ: dict[str, Any], start_response: Any) -> list[bytes]:
    start_response("200 OK", [("Content-Length", "8")])
    return [b"answered"]


@contextmanager
def _serving(patience: Patience, app: Any = _app) -> Iterator[Connect]:
    """A server on this machine with two threads; gives what opens a connection and sends its first bytes."""
    with ExitStack() as stack:
        door = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        address = door.getsockname()
        stop = threading.Event()
        server = Server(app, [door], threads=THREADS, connections=100, patience=patience)

        def run() -> None:
            while not stop.is_set():
                server.look(0.05)
            server.close()

        thread = threading.Thread(target=run)
        thread.start()
        stack.callback(thread.join)
        stack.callback(stop.set)

        def connect(first: bytes) -> socket.socket:
            made = stack.enter_context(socket.create_connection(address, timeout=PATIENCE))
            made.sendall(first)
            return made

        yield connect


def test_slow_connections_leave_every_thread_to_the_others() -> None:
    """Risk: sixteen browsers that dawdle, or one person with a script, stop the whole site."""
    with _serving(Patience()) as connect:
        for number in range(20 * THREADS):
            connect(HALF_BODY if number % 2 else HALF_HEADERS)
        assert _answer(connect(GET)) == b"answered"


def test_headers_and_bodies_that_trickle_are_ended_and_so_is_a_connection_that_says_nothing() -> None:
    with _serving(Patience(headers=BRISK, body=BRISK)) as connect:
        slow = [connect(first) for first in (HALF_HEADERS, HALF_BODY, b"")]
        assert _trickle(*slow[:2], silent=slow[2]) == [b"408", b"408", b""]


def test_body_that_comes_quickly_enough_has_the_time_that_it_needs() -> None:
    with _serving(Patience(headers=BRISK, body=0, rate=1)) as connect:
        steady = connect(HALF_BODY)
        select.select([steady], [], [], 1.5)  # two bytes are here: two seconds
        steady.sendall(b"x" * 998)
        assert _answer(steady) == b"answered"


def test_reader_who_takes_nothing_is_ended_and_the_thread_is_free(monkeypatch: pytest.MonkeyPatch) -> None:
    """Risk: answers that nobody takes fill the disk, and hold threads where they are longer than what may wait."""
    monkeypatch.setattr(serving, "MOST_WAITING", 1024 * 1024)
    freed = threading.Event()

    def endless(_environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        start_response("200 OK", [])
        try:
            while True:
                yield b"x" * 1024 * 1024
        finally:
            freed.set()

    with _serving(Patience(answer=BRISK, rate=10**9), endless) as connect:
        connect(GET)
        assert freed.wait(PATIENCE)


def test_connection_is_kept_for_the_next_request_and_served_by_any_thread() -> None:
    with _serving(Patience()) as connect:
        kept = connect(GET)
        first = _answer(kept)
        kept.sendall(GET)
        assert (first, _answer(kept)) == (b"answered", b"answered")


def test_request_that_gives_its_length_twice_is_read_once() -> None:
    """Risk: a proxy and the server differ on where a request ends, and its rest is taken for somebody else's."""
    seen: list[str] = []

    def noting(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        seen.append(environ["PATH_INFO"])
        return _app(environ, start_response)

    inner = b"GET /inner HTTP/1.1\r\nHost: localhost\r\n\r\n"
    body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(inner), inner)
    head = b"POST /outer HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"
    with _serving(Patience(), noting) as connect:
        made = connect(head + body)
        first = _answer(made)
        made.sendall(GET)
        assert (first, _answer(made)) == (b"answered", b"answered")
    assert seen == ["/outer", "/a"]


def test_request_arrives_with_its_last_byte(clock: Any) -> None:
    """Risk: whoever sends the headers before a deadline may go on writing the body after it."""
    begun, request = the_clock.now(), Arriving(_rules(10))
    request.received(HALF_BODY[request.received(HALF_BODY) :])
    at_first = request.arrived_at
    clock.shift(timedelta(minutes=5))
    request.received(b"x" * 998)
    clock.shift(timedelta(minutes=5))

    assert (at_first, request.arrived_at) == (None, begun + timedelta(minutes=5))


def test_application_learns_when_the_request_arrived() -> None:
    seen: list[Any] = []

    def noting(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        seen.append(environ[ARRIVED_AT])
        return _app(environ, start_response)

    before = the_clock.now()
    with _serving(Patience(), noting) as connect:
        _answer(connect(GET))
    assert before <= seen[0] <= the_clock.now()


def _answer(connection: socket.socket) -> bytes:
    with connection.makefile("rb") as lines:
        assert lines.readline() == b"HTTP/1.1 200 OK\r\n"
        while lines.readline() != b"\r\n":
            pass
        return lines.read(8)


def _trickle(*slow: socket.socket, silent: socket.socket) -> list[bytes]:
    """Send a byte on each now and then until all are ended; gives the codes that were told, if any."""
    told: dict[socket.socket, bytes] = {}
    every = [*slow, silent]
    until = time.monotonic() + PATIENCE
    while len(told) < len(every):
        assert time.monotonic() < until, "A connection was not ended."
        open_ones = [one for one in every if one not in told]
        for ended in select.select(open_ones, [], [], 0.05)[0]:
            told[ended] = b""
            with suppress(ConnectionError):
                told[ended] = ended.recv(4096)[9:12]
        for one in set(slow) - told.keys():
            with suppress(ConnectionError):
                one.sendall(b"x")
    return [told[one] for one in every]
