"""Find the imports of which code handles the failure; for the decoder, as text."""

from __future__ import annotations

import dis
import types
from collections.abc import Iterator, Sequence
from typing import Any

_HANDLED = frozenset(("ImportError", "ModuleNotFoundError", "Exception", "BaseException"))
_BEFORE = ("LOAD_GLOBAL", "LOAD_NAME", "LOAD_ATTR", "BUILD_TUPLE", "PUSH_EXC_INFO", "DUP_TOP")
_UNSEEN = ("EXTENDED_ARG", "NOP", "CACHE", "PUSH_NULL", "NOT_TAKEN", "TO_BOOL")


def guards(code: types.CodeType, offsets: Sequence[int]) -> list[bool]:
    """Return for each offset whether an ``except`` around it takes an import error.

    Nobody looks at what the ``except`` then does: it may raise another error.
    """
    if not offsets:
        return []
    steps = [step for step in dis.get_instructions(code) if step.opname not in _UNSEEN]
    entries = getattr(dis.Bytecode(code), "exception_entries", None)
    around = [
        _handlers_of_blocks(steps, offset) if entries is None else _handlers(entries, offset)
        for offset in offsets
    ]
    return [any(_takes_import_errors(steps, handler) for handler in one) for one in around]


def _handlers_of_blocks(steps: list[dis.Instruction], offset: int) -> Iterator[int]:
    """Yield the handlers around an offset, as Python 3.10 has them in the code."""
    for step in steps:
        if step.opname == "SETUP_FINALLY" and step.offset < offset < step.argval:
            yield step.argval


def _handlers(entries: list[Any], offset: int) -> Iterator[int]:
    """Yield the handlers around an offset; each is in the block of the next outer one."""
    seen: set[int] = set()
    while offset not in seen:
        seen.add(offset)
        for one in entries:
            if one.start <= offset < one.end:
                yield one.target
                offset = one.target
                break


def _takes_import_errors(steps: list[dis.Instruction], handler: int) -> bool:
    """Return whether one clause of a handler takes import errors, or all errors."""
    names: set[object] = set()
    rest = [step for step in steps if step.offset >= handler]
    if [step.opname for step in rest if step.opname != "PUSH_EXC_INFO"][:1] == ["POP_TOP"]:
        return True
    while rest:
        step = rest.pop(0)
        if step.opname in _BEFORE:
            names.add(step.argval)
        elif step.opname in ("CHECK_EXC_MATCH", "JUMP_IF_NOT_EXC_MATCH"):
            if names & _HANDLED:
                return True
            names.clear()
            jump = step if step.opname.startswith("JUMP") else rest[0]
            rest = [one for one in rest if one.offset >= jump.argval]
        else:
            return False
    return False
