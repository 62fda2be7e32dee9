"""A field for a file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from werkzeug.datastructures import FileStorage

from grants.foundation.records.db import let_go
from grants.foundation.records.kinds import (
    DOCUMENTS,
    LARGEST_FILE,
    BadFile,
    FileType,
    Upload,
    examine,
    listed,
    megabytes,
)
from grants.foundation.values.words import capital, the

from .base import OwnField


class UploadField(OwnField):
    """A file, told by its content. `data` is an Upload for `files.store`, or None.

    The form must be sent as multipart/form-data, and be a form of its own, so that no error elsewhere loses the file.
    """

    kind = "file"
    verb = "Choose"
    data: Upload | None

    def __init__(
        self, label: str, *, kinds: Sequence[FileType] = DOCUMENTS, largest: int = LARGEST_FILE, **kwargs: Any
    ) -> None:
        super().__init__(label, **kwargs)
        self.kinds, self.largest = kinds, largest

    @property
    def accept(self) -> str:
        """The endings that a browser offers first."""
        return ",".join(ending for kind in self.kinds for ending in kind.endings)

    @property
    def advice(self) -> str:
        """What may be sent, in words."""
        return f"{capital(listed(self.kinds))}, {megabytes(self.largest)} or less."

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Look at the file, with nothing locked. Raises ValueError with the message where it cannot be taken."""
        self.data = None
        sent = next((value for value in valuelist if isinstance(value, FileStorage) and value.filename), None)
        if sent is None:
            return
        let_go()
        try:
            self.data = examine(sent.stream, sent.filename or "", kinds=self.kinds, largest=self.largest)
        except BadFile as error:
            raise ValueError(f"{the(self.thing)} {error}") from error

    def _value(self) -> str:
        return ""
