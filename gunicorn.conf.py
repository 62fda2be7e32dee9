"""How gunicorn serves the app. Everything here can be overridden on its command line or by GUNICORN_CMD_ARGS."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

_port = os.environ.get("PORT", "8000")

bind = os.environ.get("BIND", f"127.0.0.1:{_port}")
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
worker_class = "grants.foundation.web.serving.WaitressWorker"
threads = 8
worker_connections = 1000  # those that are slow as well: a thread is used only for a request that is here whole
preload_app = True
control_socket_disable = True  # nobody speaks to a running server by a socket in somebody's home
timeout = 60
graceful_timeout = 20
loglevel = "warning"
if Path("/dev/shm").is_dir():  # noqa: S108 - where gunicorn beats its heart, so that a slow disk stops no worker
    worker_tmp_dir = "/dev/shm"  # noqa: S108


def post_fork(_server: Any, _worker: Any) -> None:
    """A worker opens connections of its own."""
    from grants.foundation.records.db import db
    from wsgi import app

    with app.app_context():
        db.engine.dispose(close=False)


def when_ready(server: Any) -> None:
    """Say that a server runs here, where to look and, in a demonstration, as whom."""
    from grants.foundation.records import presence
    from wsgi import app

    with suppress(OSError):  # a full disk is told by /healthz, and stops nobody from reading
        server.in_use = presence.mark(app.config["INSTANCE"])
    print(f"\nServing on http://{bind}", flush=True)
    if app.config["DEMO"]:
        from grants.accounts.demo import EMAILS, PASSWORD

        print(f"Accounts, all with the password {PASSWORD!r}:", flush=True)
        for email in EMAILS:
            print(f"  {email}", flush=True)
    print("Ctrl-C stops everything.\n", flush=True)
