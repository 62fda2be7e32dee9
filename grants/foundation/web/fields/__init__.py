"""The fields of every form.

A field is made with its label and `thing=`, the words by which its errors name it, with an article:
`LineField("Project title", thing="a project title", longest=120)` says "Enter a project title".

What a template needs of a field: `kind` (line, text, words, email, password, pounds, number, day, radios, select,
checkboxes, confirm, file), `label.text`, `description` (the hint), `required`, `errors`, `id`, `name`, `error_id`
(where the error summary leads), `value` (what the box shows: as it was typed, tidied where it was understood), `width`,
`rows`, `autocomplete`, `inputmode`; `most_words` and `longest` (the counter); `options` with value, label, hint, id and
checked (for radios, checkboxes and a select, whose empty first option is `prompt`; `look` says radios or select);
`parts` with name, id, label, value, wrong and width (the boxes of a day); `accept` and `advice` (files).
"""

from .base import OwnField
from .choices import Choice, ChoiceField, ChoicesField, ConfirmField, Option, YesNoField
from .day import DayField, Part
from .hidden import FingerprintField, KeyField, VersionField
from .numbers import PoundsField, WholeNumberField
from .text import EmailField, LineField, PasswordField, TextField, WordsField
from .upload import UploadField

__all__ = [
    "Choice",
    "ChoiceField",
    "ChoicesField",
    "ConfirmField",
    "DayField",
    "EmailField",
    "FingerprintField",
    "KeyField",
    "LineField",
    "Option",
    "OwnField",
    "Part",
    "PasswordField",
    "PoundsField",
    "TextField",
    "UploadField",
    "VersionField",
    "WholeNumberField",
    "WordsField",
    "YesNoField",
]
