"""The pages of accounts: signing in and up, one's own account, organisations, people."""

from flask import Blueprint

bp = Blueprint("accounts", __name__)

from . import account, organisations, people, sign_in, sign_up  # noqa: E402, F401 - they put their pages on bp
