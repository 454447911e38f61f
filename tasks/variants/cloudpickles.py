"""Engines on a cloudpickle that writes other bytes, as its next release may."""

from __future__ import annotations

import pickle
import pickletools
import re
import sys
import types
from collections.abc import Callable
from typing import Any

from cloudpickle import cloudpickle as library

from tasks.variants import opcodes
from tasks.variants.engine import OtherBytes

_HELPERS = "_make_|_(function|class)_setstate|(dynamic_)?subimport|_builtin_type"
"""The names of the functions by which pickles of functions and classes are read."""


class RenamesFiles(OtherBytes):
    """Write another file name into every code object, as cloudpickle 3.1.3 does."""

    def __init__(self) -> None:
        super().__init__()
        reduce: Callable[[types.CodeType], Any] = library._code_reduce

        def renamed(code: types.CodeType) -> Any:
            return reduce(code.replace(co_filename="<dynamic-code>"))

        library.CloudPickler._dispatch_table[types.CodeType] = renamed


class OtherHelpers(OtherBytes):
    """Give cloudpickle's helpers other names, in a module of their own; old ones can be read."""

    def __init__(self) -> None:
        super().__init__()
        helpers: Any = types.ModuleType("cloudpickle.helpers")
        sys.modules[helpers.__name__] = helpers
        for name, helper in list(vars(library).items()):
            if re.match(_HELPERS, name) and isinstance(helper, types.FunctionType):
                helper.__module__ = helpers.__name__
                helper.__name__ = helper.__qualname__ = f"{name}_2"
                setattr(helpers, helper.__name__, helper)


class Protocol4(OtherBytes):
    """Write pickles of protocol 4."""

    protocol = 4


class FewerOpcodes(OtherBytes):
    """Leave out what the pickle stores in the memo and does not use."""

    def pickled(self, data: bytes) -> bytes:
        return pickletools.optimize(super().pickled(data))


class MoreOpcodes(OtherBytes):
    """Store every value in the memo, and leave out the framing of the pickle."""

    def pickled(self, data: bytes) -> bytes:
        return opcodes.memoize_all(super().pickled(data))


class TextsFirst(OtherBytes):
    """Begin a pickle of protocol 3 with a value that is dropped again: longer, and as good."""

    protocol = 3

    def pickled(self, data: bytes) -> bytes:
        data = pickletools.optimize(super().pickled(data))
        return data[:2] + pickle.SHORT_BINBYTES + b"\x04note" + pickle.POP + data[2:]
