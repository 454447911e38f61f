"""Engines on a cloudpickle that writes other bytes, as its next release may."""

from __future__ import annotations

import pickle
import pickletools
import types
from collections.abc import Callable
from typing import Any

import cloudpickle
from cloudpickle import cloudpickle as library

from conformance.subjects.engine import Engine

_dumps: Callable[..., bytes] = cloudpickle.dumps


class RenamesFiles(Engine):
    """Write another file name into every code object, as cloudpickle 3.1.3 does."""

    def __init__(self) -> None:
        super().__init__()
        reduce: Callable[[types.CodeType], Any] = library._code_reduce

        def renamed(code: types.CodeType) -> Any:
            return reduce(code.replace(co_filename="<dynamic-code>"))

        library.CloudPickler._dispatch_table[types.CodeType] = renamed


class OtherHelpers(Engine):
    """Give cloudpickle's helpers other names; the old ones can still be read."""

    def __init__(self) -> None:
        super().__init__()
        for name in ("_make_function", "_make_skeleton_class", "_function_setstate"):
            if helper := getattr(library, name, None):
                setattr(library, f"{name}_2", helper)
                helper.__name__ = helper.__qualname__ = f"{name}_2"


class Protocol4(Engine):
    """Write pickles of protocol 4."""

    def __init__(self) -> None:
        super().__init__()
        _replace_dumps(lambda value: _dumps(value, protocol=4))


class FewerOpcodes(Engine):
    """Leave out what the pickle stores in the memo and does not use."""

    def __init__(self) -> None:
        super().__init__()
        _replace_dumps(lambda value: pickletools.optimize(_dumps(value)))


class TextsFirst(Engine):
    """Begin a pickle with a value that is dropped again: longer, and as good."""

    def __init__(self) -> None:
        super().__init__()
        _replace_dumps(_with_a_value)


def _with_a_value(value: Any) -> bytes:
    data = pickletools.optimize(_dumps(value, protocol=3))
    return data[:2] + pickle.SHORT_BINBYTES + b"\x04note" + pickle.POP + data[2:]


def _replace_dumps(dumps: Callable[[Any], bytes]) -> None:
    cloudpickle.dumps = lambda value, *_, **__: dumps(value)
