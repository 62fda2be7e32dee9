"""The application, for gunicorn and the flask command. Settings that cannot be right are told in plain words."""

import sys

from grants import create_app
from grants.foundation.values.settings import BadSetting

try:
    app = create_app()
except BadSetting as bad:
    sys.exit(f"The app does not start until this is put right:\n{bad}")
