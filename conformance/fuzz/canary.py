"""Proof that something was unpickled: a payload that sings when it is."""

from __future__ import annotations

import importlib
import pickle
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

SONG = ["looked up", "imported", "unpickled"]
"""What a canary sings where its payload is unpickled; less of it, where only names are.

The first word is that of an audit hook: an unpickler asked for the singer,
whether it got it or not.
"""

_SINGER = "conformance.fuzz.song"
_heard: list[str] = []
_hooks: list[str] = []


def heard(word: str) -> None:
    """Takes note of a word of the song."""
    _heard.append(word)


def _audit(event: str, arguments: tuple[object, ...]) -> None:
    if event == "pickle.find_class" and arguments[0] == _SINGER:
        heard("looked up")


class Canary:
    """An object whose pickle imports the singer and has it sing."""

    def __reduce__(self) -> tuple[Callable[[], str], tuple[()]]:
        """Sing when unpickled."""
        return importlib.import_module(_SINGER).sing, ()


def payload() -> bytes:
    """A pickle that sings, and that no engine could take for a UDF's tuple afterwards."""
    return pickle.dumps(Canary())


@contextmanager
def listening() -> Iterator[list[str]]:
    """A list that fills with the words that are sung inside the block."""
    if not _hooks:  # a hook stays for as long as the process lives
        sys.addaudithook(_audit)
        _hooks.append("pickle.find_class")
    sys.modules.pop(_SINGER, None)  # to import it again is to have it sing again
    _heard.clear()
    yield _heard


def loads() -> Any:
    """``cloudpickle.loads``, inside the block a mock that counts its calls and does its work."""
    cloudpickle = importlib.import_module("cloudpickle")
    return mock.patch.object(cloudpickle, "loads", wraps=cloudpickle.loads)
