"""What keeps pages safe whatever a room does: headers, forgery protection, proxies, static files."""

from __future__ import annotations

import re
from functools import partial
from wsgiref.headers import Headers

from flask import Flask, Response, request, session
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix
from whitenoise import WhiteNoise

from . import arrival
from .pages import STATIC

INLINE_SCRIPT = "sha256-GUQ5ad8JK5KmEWmROf3LZd9ge94daqNvd8xy9YS1iDw="
"""The one inline script, of govuk-frontend's template: it only says that scripts run."""

HEADERS = {
    "Content-Security-Policy": "; ".join(
        [
            "default-src 'self'",
            f"script-src 'self' '{INLINE_SCRIPT}'",
            "style-src 'self'",
            "img-src 'self' data:",
            "object-src 'none'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
            "form-action 'self'",
        ]
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}

HSTS = "max-age=31536000; includeSubDomains"
ONE_DAY = 24 * 60 * 60

csrf = CSRFProtect()


def init_app(app: Flask) -> None:
    """Protect an app. It comes before every room, so that a request is read whole before anything asks the database."""
    arrival.init_app(app)
    csrf.init_app(app)
    app.after_request(_set_headers)
    _serve_static(app)
    _trust_proxies(app)


def _set_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if session and not response.cache_control.public:
        response.headers["Cache-Control"] = "no-store"
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", HSTS)
    return response


def _serve_static(app: Flask) -> None:
    if STATIC.is_dir():
        app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
            app.wsgi_app,
            root=str(STATIC),
            prefix="/static/",
            max_age=ONE_DAY,
            immutable_file_test=has_hash,
            add_headers_function=partial(_add_static_headers, is_demo=app.config["DEMO"]),
            allow_all_origins=False,
        )


def has_hash(_path: str, url: str) -> bool:
    """Whether a file is named by its content, so that a browser may keep it for ever.

    >>> has_hash("", "/static/build/app.0a1b2c3d4e.css"), has_hash("", "/static/build/icon.svg")
    (True, False)
    """
    return re.search(r"\.[0-9a-f]{10}\.\w+$", url) is not None


def _add_static_headers(headers: Headers, path: str, _url: str, *, is_demo: bool) -> None:
    for name, value in HEADERS.items():
        headers[name] = value
    if not is_demo:
        headers["Strict-Transport-Security"] = HSTS
    if path.endswith(".svg"):
        headers["Content-Type"] = "image/svg+xml; charset=utf-8"


def _trust_proxies(app: Flask) -> None:
    """Believe as many proxies as the office says stand before the app; by default none."""
    if count := app.config["TRUSTED_PROXIES"]:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]
