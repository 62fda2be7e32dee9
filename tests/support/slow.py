"""Connections that are slow: half of them in the headers of a request, half in the body of a form."""

from __future__ import annotations

import selectors
import socket
import ssl
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

HEADERS = b"GET / HTTP/1.1\r\nHost: %s\r\nX-Slow: "
BODY = b"POST /sign-in HTTP/1.1\r\nHost: %s\r\nContent-Length: 100000\r\n\r\nx="
NO_WORD = "no word"

Connect = Callable[[], socket.socket]


@dataclass
class Slow:
    """How many there were, and how each was ended: in what, and with which code of an answer, if any."""

    connect: Connect
    host: str = "127.0.0.1"
    begun: int = 0
    told: Counter[str] = field(default_factory=Counter)
    _stop: threading.Event = field(default_factory=threading.Event)

    @property
    def ended(self) -> int:
        """How many the other side has ended."""
        return self.told.total()

    def run(self, many: int) -> None:
        """Open them, and send a byte a second on each; whatever is ended is opened again."""
        selector = selectors.DefaultSelector()
        for number in range(many):
            self._open(selector, number)
        while not self._stop.wait(1):
            for key, _ in selector.select(0):
                self._listen(selector, key)
            for key in list(selector.get_map().values()):
                try:
                    _socket_of(key).sendall(b"x")
                except OSError:
                    self._end(selector, key, NO_WORD)
        for key in list(selector.get_map().values()):
            _socket_of(key).close()

    def stop(self) -> None:
        """Close them all."""
        self._stop.set()

    def _open(self, selector: selectors.BaseSelector, number: int) -> None:
        made = self.connect()
        made.sendall((BODY if number % 2 else HEADERS) % self.host.encode())
        selector.register(made, selectors.EVENT_READ, number)
        self.begun += 1

    def _listen(self, selector: selectors.BaseSelector, key: selectors.SelectorKey) -> None:
        """What TLS says at its beginning is no answer."""
        made = _socket_of(key)
        patience = made.gettimeout()
        made.settimeout(0)
        try:
            said = made.recv(4096)
        except (BlockingIOError, ssl.SSLWantReadError):
            made.settimeout(patience)
        except OSError:
            self._end(selector, key, NO_WORD)
        else:
            self._end(selector, key, said[9:12].decode() or NO_WORD)

    def _end(self, selector: selectors.BaseSelector, key: selectors.SelectorKey, told: str) -> None:
        selector.unregister(key.fileobj)
        _socket_of(key).close()
        self.told[f"{'body' if key.data % 2 else 'headers'}, {told}"] += 1
        self._open(selector, key.data)


def _socket_of(key: selectors.SelectorKey) -> socket.socket:
    assert isinstance(key.fileobj, socket.socket)
    return key.fileobj


@contextmanager
def slow_connections(many: int, connect: Connect, host: str = "127.0.0.1") -> Iterator[Slow]:
    """So many slow connections, until the block ends."""
    slow = Slow(connect, host)
    thread = threading.Thread(target=slow.run, args=(many,))
    thread.start()
    try:
        yield slow
    finally:
        slow.stop()
        thread.join()
