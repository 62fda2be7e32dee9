"""The worker that gunicorn runs: waitress takes requests in, and a thread is used only for one that is here whole."""

from __future__ import annotations

import logging
import os
import resource
import socket
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from gunicorn.workers.base import Worker
from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import TcpWSGIServer, UnixWSGIServer
from waitress.task import ThreadedTaskDispatcher, WSGITask

from grants.foundation.values import clock
from grants.foundation.values.settings import LARGEST_REQUEST

from .arrival import ARRIVED_AT

MOST_HEADERS = 64 * 1024
IN_MEMORY = 128 * 1024
"""What of a request or an answer is beyond this many bytes waits in a temporary file."""

MOST_WAITING = 64 * 1024 * 1024
"""How many bytes of an answer wait for a slow reader before the making of it stops, and with it a thread."""

TOO_SLOW = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


@dataclass(frozen=True)
class Patience:
    """How many seconds are given to headers, to a whole request, and to the taking of an answer.

    Whole requests and answers have another second for every `rate` bytes that really moved.
    """

    headers: float = 20
    body: float = 60
    answer: float = 60
    rate: int = 16 * 1024


class Arriving(HTTPRequestParser):  # type: ignore[misc]
    """A request that is being received. It knows when its first byte came, and when its last."""

    def __init__(self, adj: Adjustments) -> None:
        super().__init__(adj)
        self.begun = time.monotonic()
        self.arrived_at: datetime | None = None

    def received(self, data: bytes) -> int:
        """Take bytes in, and note the instant at which the request is here whole."""
        taken: int = super().received(data)
        if self.completed:
            self.arrived_at = clock.now()
        return taken

    def is_slow(self, now: float, patience: Patience) -> bool:
        """Whether it takes longer than what came in so far allows."""
        given: float = patience.headers
        if self.headers_finished:
            given = patience.body + self.body_bytes_received / patience.rate
        return now - self.begun > given


class Answering(WSGITask):  # type: ignore[misc]
    """A request that is being answered. The application learns when it had arrived."""

    sent = 0

    def get_environment(self) -> dict[str, Any]:
        """What WSGI says of the request, with the instant of its last byte."""
        environ: dict[str, Any] = super().get_environment()
        environ[ARRIVED_AT] = self.request.arrived_at
        return environ

    def write(self, data: bytes) -> None:
        """Send a part of the answer."""
        self.sent += len(data)
        super().write(data)

    def finish(self) -> None:
        """End the answer, with its line in the access log where gunicorn is told to keep one."""
        super().finish()
        log = self.channel.server.log
        if log and log.access_log_enabled:
            environ = {"RAW_URI": self.request.request_uri, **self.get_environment()}
            answer = SimpleNamespace(status=self.status, headers=self.response_headers, sent=self.sent)
            log.access(answer, self.request, environ, timedelta(seconds=time.time() - self.start_time))


class Channel(HTTPChannel):  # type: ignore[misc]
    """A connection. It is ended where a request, an answer or nothing at all takes too long."""

    task_class = Answering
    parser_class = Arriving

    def __init__(self, *args: Any, **named: Any) -> None:
        self.free_since = time.monotonic()
        self.taken_since: float | None = None
        self.taken = 0
        super().__init__(*args, **named)

    def send(self, data: bytes, do_close: bool = True) -> int:
        """Send what the reader takes, and count it."""
        sent: int = super().send(data, do_close=do_close)
        self.taken += sent
        return sent

    def service(self) -> None:
        """Answer a request; the connection is free for the next one from then on."""
        super().service()
        self.free_since = time.monotonic()

    def is_busy(self) -> bool:
        """Whether a request is coming in or being answered."""
        return bool(self.request or self.requests or self.total_outbufs_len)

    def end_if_slow(self, now: float, patience: Patience) -> None:
        """End the connection where the other side has used up its time. No thread is waited for."""
        is_over = self._answer_is_slow(now, patience)
        if self.request and not self.requests:
            is_over = self.request.is_slow(now, patience)
            if is_over:
                with suppress(OSError):
                    self.socket.send(TOO_SLOW)
        elif not self.is_busy():
            is_over = now - self.free_since > patience.headers
        if is_over:
            self.handle_close()

    def _answer_is_slow(self, now: float, patience: Patience) -> bool:
        if not self.total_outbufs_len:
            self.taken_since = None
        elif self.taken_since is None:
            self.taken_since, self.taken = now, 0
        return self.taken_since is not None and now - self.taken_since > patience.answer + self.taken / patience.rate


class _Tcp(TcpWSGIServer):  # type: ignore[misc]
    channel_class = Channel
    log: Any = None


class _Unix(UnixWSGIServer):  # type: ignore[misc]
    channel_class = Channel
    log: Any = None


class Server:
    """Takes requests in on sockets that are bound already, and has them answered by threads."""

    def __init__(
        self,
        app: Any,
        sockets: list[socket.socket],
        *,
        threads: int,
        connections: int,
        patience: Patience | None = None,
        log: Any = None,
    ) -> None:
        self._map: dict[int, Any] = {}
        self._threads = ThreadedTaskDispatcher()
        self._threads.set_thread_count(threads)
        self._patience = patience or Patience()
        self._looked_at = 0.0
        rules = _rules(connections)
        self._doors = [self._open(app, one, rules, log) for one in sockets]

    def _open(self, app: Any, bound: socket.socket, rules: Adjustments, log: Any) -> Any:
        kind = _Unix if bound.family == socket.AF_UNIX else _Tcp
        named = (bound.family, bound.type, bound.proto, bound.getsockname())
        door = kind(app, self._map, _sock=bound, dispatcher=self._threads, adj=rules, sockinfo=named, bind_socket=False)
        door.log = log
        return door

    def look(self, seconds: float) -> None:
        """Receive and send what can be, waiting this long at most; once a second, end what has used up its time."""
        wasyncore.loop(timeout=seconds, use_poll=True, map=self._map, count=1)
        now = time.monotonic()
        if now - self._looked_at > 1:
            self._looked_at = now
            for channel in self._channels():
                channel.end_if_slow(now, self._patience)

    def take_no_more(self) -> None:
        """Let nobody in from now on."""
        for door in self._doors:
            door.accepting = False

    def is_busy(self) -> bool:
        """Whether any connection has something under way. What has nothing, or nothing any more, is ended."""
        for channel in self._channels():
            if not channel.is_busy():
                channel.handle_close()
        return bool(self._channels())

    def _channels(self) -> list[Channel]:
        return [channel for door in self._doors for channel in door.active_channels.values()]

    def close(self) -> None:
        """End every connection and thread."""
        self._threads.shutdown(timeout=1)
        wasyncore.close_all(self._map)


def _rules(connections: int) -> Adjustments:
    return Adjustments(
        ident="",
        clear_untrusted_proxy_headers=False,  # the application's ProxyFix believes as many proxies as it is told of
        connection_limit=connections,
        inbuf_overflow=IN_MEMORY,
        outbuf_overflow=IN_MEMORY,
        outbuf_high_watermark=MOST_WAITING,
        max_request_header_size=MOST_HEADERS,
        max_request_body_size=LARGEST_REQUEST + IN_MEMORY,  # what is a little too large gets the application's words
        log_socket_errors=False,
    )


class WaitressWorker(Worker):  # type: ignore[misc]
    """What gunicorn starts, watches and stops, one in each process."""

    patience = Patience()

    def run(self) -> None:
        """Serve until gunicorn says that it is enough, and then end what was begun."""
        most = self.cfg.worker_connections
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)
        server = Server(
            self.wsgi,
            [listener.sock for listener in self.sockets],
            threads=self.cfg.threads,
            connections=min(most, _allow_files(2 * most) // 2),
            patience=self.patience,
            log=self.log,
        )
        while self.alive and self.ppid == os.getppid():
            self.notify()
            server.look(1)
        server.take_no_more()
        end = time.monotonic() + self.cfg.graceful_timeout
        while server.is_busy() and time.monotonic() < end:
            self.notify()
            server.look(0.1)
        server.close()


def _allow_files(wanted: int) -> int:
    """Let this process have as many files open as its connections may need, as far as the machine does; says how many.

    A connection may have a temporary file beside it.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return wanted if soft == resource.RLIM_INFINITY else min(wanted, soft)
