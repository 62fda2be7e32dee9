"""The application with a bare Flask page beside it, so that one gunicorn serves both."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Flask

from grants import create_app

ours = create_app()
bare = Flask("bare")


@bare.get("/bare")
def bare_page() -> str:
    """As little as Flask can answer."""
    return "<!doctype html><title>Bare</title><h1>Bare</h1>"


def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """The bare page at /bare, ours everywhere else."""
    serve = bare if environ["PATH_INFO"] == "/bare" else ours
    return serve(environ, start_response)
