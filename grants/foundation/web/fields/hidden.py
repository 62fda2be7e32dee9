"""Hidden fields: which version a form was opened with, and the key by which it is sent once."""

from __future__ import annotations

import re
from typing import Any

from wtforms import Field
from wtforms.widgets import HiddenInput

from grants.foundation.records import once


class VersionField(Field):
    """Which version of a thing the form was opened with. A value that was tampered with is 0: no thing has it."""

    widget = HiddenInput()
    data: int

    def process_data(self, value: Any) -> None:
        """Take the version of the thing that the form shows."""
        self.data = value or 0

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read the number."""
        text = str(valuelist[0]) if valuelist else ""
        self.data = int(text) if re.fullmatch(r"[0-9]{1,18}", text) else 0

    def _value(self) -> str:
        return str(self.data)


class FingerprintField(Field):
    """What a section of a draft held when the form was opened. A value that was tampered with is "": nothing has it."""

    widget = HiddenInput()
    data: str

    def process_data(self, value: Any) -> None:
        """Take the fingerprint of the section that the form shows."""
        self.data = value or ""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read it."""
        text = str(valuelist[0]) if valuelist else ""
        self.data = text if re.fullmatch(r"[0-9a-f]{16}", text) else ""

    def _value(self) -> str:
        return self.data


class KeyField(Field):
    """The key by which a form that is sent twice creates once."""

    widget = HiddenInput()
    data: str

    def __init__(self, **kwargs: Any) -> None:
        super().__init__("", default=once.new_key, **kwargs)

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Take the key. Raises ValueError where it is none, and puts in a new one."""
        self.data = str(valuelist[0]) if valuelist else ""
        if not once.is_key(self.data):
            self.data = once.new_key()
            raise ValueError("The page was not complete when it was sent. Check what you entered and send it again")

    def _value(self) -> str:
        return self.data
