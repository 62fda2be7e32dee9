"""The application, for gunicorn and the flask command."""

from grants import create_app

app = create_app()
