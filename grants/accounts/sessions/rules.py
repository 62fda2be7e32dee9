"""How long a session lasts, and what a browser is called. Pure."""

from __future__ import annotations

import re
from datetime import timedelta

from grants.accounts.models import LONGEST_SESSION, LONGEST_STAFF_SESSION, Person

UNKNOWN_BROWSER = "a browser that does not say what it is"

_BROWSERS = {
    "Edg": "Edge",
    "OPR": "Opera",
    "SamsungBrowser": "Samsung Internet",
    "FxiOS": "Firefox",
    "Firefox": "Firefox",
    "CriOS": "Chrome",
    "Chrome": "Chrome",
    "Version": "Safari",
}
"""What a browser writes before its number, and its name. Most write the names of others too: the first counts."""

_SYSTEMS = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "Windows": "Windows",
    "Macintosh": "a Mac",
    "CrOS": "a Chromebook",
    "Linux": "Linux",
}


def longest(person: Person) -> timedelta:
    """How long the person stays signed in at most."""
    return LONGEST_STAFF_SESSION if person.roles else LONGEST_SESSION


def words_of(user_agent: str) -> str:
    """What a browser calls itself, in words. It may lie: it is a help to memory, no proof.

    >>> words_of("Mozilla/5.0 (Android 14; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0")
    'Firefox on Android'
    """
    browser = next((name for word, name in _BROWSERS.items() if re.search(rf"\b{word}\w*/\d", user_agent)), "")
    system = next((name for word, name in _SYSTEMS.items() if word in user_agent), "")
    return " on ".join(filter(None, [browser or ("a browser" if system else ""), system])) or UNKNOWN_BROWSER
