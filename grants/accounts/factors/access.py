"""The door before what counts: whoever has a second step proves anew that it is them."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from grants.accounts.access import current_session

from . import operations

P = ParamSpec("P")
R = TypeVar("R")


class ProofNeeded(Exception):
    """Somebody has to prove again that it is them, before they go on."""


def proves_again(view: Callable[P, R]) -> Callable[P, R]:
    """A page that signs, approves, shows a whole account number or gives power.

    Who has a second step, or needs one, proved within the last PROOF_HOLDS that it is them, or does so now: what they
    typed waits meanwhile. Stands under the door that says who may come in at all.
    """

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        if operations.asks_again(current_session()):
            raise ProofNeeded
        return view(*args, **kwargs)

    guarded.__dict__["proves_again"] = True
    return guarded
