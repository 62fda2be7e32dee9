"""A pytest plugin for a process of its own: one file is read with a mistake in it, named by MUTANT."""

from __future__ import annotations

import json
import os
from importlib.machinery import SourceFileLoader
from pathlib import Path
from typing import Any

from .operators import mutants_of, tree_with
from .targets import ROOT

_PATH, _NODE, _VARIANT = json.loads(os.environ["MUTANT"])
_get_code = SourceFileLoader.get_code


def _with_the_mistake(self: SourceFileLoader, fullname: str) -> Any:
    if Path(self.path) != ROOT / _PATH:
        return _get_code(self, fullname)
    source = (ROOT / _PATH).read_text()
    mutant = next(each for each in mutants_of(_PATH, source) if (each.node, each.variant) == (_NODE, _VARIANT))
    return compile(tree_with(mutant, source), self.path, "exec", dont_inherit=True)


SourceFileLoader.get_code = _with_the_mistake  # type: ignore[method-assign]
