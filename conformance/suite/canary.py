"""Proof that something was unpickled: a payload that tells, and an ear on the unpickler."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

_tripped: list[str] = []
_imports: list[str] = []
_listening = False


def trip(word: str) -> str:
    """What the canary's payload calls when it is unpickled."""
    _tripped.append(word)
    return word


class Canary:
    """An object whose pickle calls ``trip``."""

    def __reduce__(self) -> tuple[Callable[[str], str], tuple[str]]:
        """Sing when unpickled."""
        return trip, ("unpickled",)


def payload() -> bytes:
    """A pickle that sings, and that no engine could take for a UDF's tuple afterwards."""
    return pickle.dumps(Canary())


def _hear(event: str, arguments: tuple[Any, ...]) -> None:
    if _listening and event == "pickle.find_class":
        _imports.append(".".join(arguments))


@contextmanager
def listening() -> Iterator[tuple[list[str], list[str]]]:
    """Two lists that fill inside the block: words of canaries, globals that unpickling imports."""
    global _listening
    if _hear not in _hooks:
        sys.addaudithook(_hear)  # an audit hook cannot be taken out again
        _hooks.append(_hear)
    _tripped.clear()
    _imports.clear()
    _listening = True
    try:
        yield _tripped, _imports
    finally:
        _listening = False


_hooks: list[Any] = []
