"""List what bytes refer to outside themselves: modules, names of ``__main__``, a Python."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from conformance.wire import Container, Payload, locate
from conformance.wire.pickles import Opcode, opcodes

MAIN = "__main__"
_STORES = frozenset(("MEMOIZE", "PUT", "BINPUT", "LONG_BINPUT"))
_SUBIMPORT = "subimport"
"""The function of cloudpickle that imports the module whose name is its argument."""


@dataclass(frozen=True)
class References:
    """``names`` are imports as ``module.name``; ``modules`` are imported as such.

    ``main`` are names of the sender's ``__main__``. ``pythons`` are the minor versions in the
    headers of the frames, without repetition.
    """

    names: tuple[str, ...]
    modules: tuple[str, ...]
    main: tuple[str, ...]
    pythons: tuple[str, ...]


def find_references(data: bytes) -> References:
    """Return what ``data`` refers to, without unpickling it.

    Raises ``WireError`` if the bytes or a frame in them are malformed.
    """
    located = locate(data)
    frames = [found.frame() for found in located.frames]
    names: dict[str, None] = {}
    modules: dict[str, None] = {}
    for frame in frames:
        names.update(dict.fromkeys(Payload.read(frame.payload).globals))
        modules.update(dict.fromkeys(_subimports(opcodes(frame.payload))))
    if located.container is Container.PICKLE:
        seen = opcodes(data)
        # Only a tuple can be read: put the object into one, in the place of STOP.
        as_tuple = data[: seen[-1].position] + b"\x85."
        names.update(dict.fromkeys(Payload.read(as_tuple).globals))
        modules.update(dict.fromkeys(_subimports(seen)))
    of_main = [name for name in names if name.startswith(f"{MAIN}.")]
    return References(
        tuple(name for name in names if name not in of_main and not name.startswith("?")),
        tuple(modules),
        tuple(name.removeprefix(f"{MAIN}.") for name in of_main),
        tuple(dict.fromkeys(".".join(map(str, frame.python)) for frame in frames)),
    )


def _subimports(seen: list[Opcode]) -> Iterator[str]:
    """Yield the modules that cloudpickle's ``subimport`` would import.

    Its argument comes right after it: the global, a text, ``TUPLE1``, ``REDUCE``.
    """
    memo: dict[object, object] = {}
    before: object = None
    last: object = None
    for opcode in seen:
        if opcode.name in _STORES:
            memo[len(memo) if opcode.name == "MEMOIZE" else opcode.argument] = last
            continue
        if opcode.name == "TUPLE1":
            if before is _GLOBAL and isinstance(last, str):
                yield last
            before, last = None, None
            continue
        before, last = last, _value(opcode, last, memo)


def _value(opcode: Opcode, last: object, memo: dict[object, object]) -> object:
    """Return what the opcode pushes: a text, ``_GLOBAL`` for ``subimport``, else ``None``."""
    if opcode.name.endswith("GET"):
        return memo.get(opcode.argument)
    if opcode.name == "STACK_GLOBAL":
        return _GLOBAL if last == _SUBIMPORT else None
    if opcode.name == "GLOBAL":
        return _GLOBAL if str(opcode.argument).endswith(f" {_SUBIMPORT}") else None
    return opcode.argument if isinstance(opcode.argument, str) else None


_GLOBAL = object()
