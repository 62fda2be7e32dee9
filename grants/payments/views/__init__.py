"""The pages of payments: the start page, bank details, batches, return files, and the files for finance."""

from flask import Blueprint

bp = Blueprint("payments", __name__)

from . import bank, batches, exports, group, returns, start  # noqa: E402, F401 - they put their pages on bp
