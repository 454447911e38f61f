"""Read the pickled tuple of a frame without unpickling it.

A small machine follows the opcodes as an unpickler would, with a stack and a
memo. It keeps the values of strings, bytes and tuples. A call, an import or
any other object becomes an ``Opaque``: nothing is imported, built or called.
"""

from __future__ import annotations

import pickletools
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from conformance.wire.errors import MalformedPickle, MalformedTuple
from conformance.wire.pickles import Opcode, opcodes


@dataclass(frozen=True)
class Opaque:
    """An object of which only the kind is known, such as ``list`` or ``call``."""

    kind: str


_HIGHEST_PROTOCOL = 5

Item: TypeAlias = "str | bytes | Opaque"


@dataclass(frozen=True)
class Payload:
    """The content of a pickle, as far as it is known without unpickling.

    ``items`` are the members of the tuple. ``globals`` lists each import of
    the unpickler once, in order, as ``module.name``; ``?`` replaces a name
    that is computed at run time. A call may import more when it runs, as
    cloudpickle's ``subimport`` does. ``size`` is the length in bytes up to
    and including ``STOP``; unpickling ignores the rest.
    """

    items: tuple[Item, ...]
    globals: tuple[str, ...]
    opcodes: tuple[Opcode, ...]
    size: int

    @classmethod
    def read(cls, data: bytes) -> Payload:
        """Read the pickled tuple at the start of ``data``.

        Raises ``MalformedPickle`` if an opcode is invalid, and
        ``MalformedTuple`` if the result is not a tuple.
        """
        machine = _Machine()
        seen = opcodes(data)
        for opcode in seen:
            try:
                machine.step(opcode)
            except _StepError as error:
                raise MalformedPickle(f"{opcode.name} {error}", opcode.position) from None
        top = machine.result
        if not isinstance(top, _Tuple):
            raise MalformedTuple("tuple", f"the pickle holds {_kind(top)}, no tuple")
        items = tuple(
            item if isinstance(item, str | bytes) else Opaque(_kind(item)) for item in top.items
        )
        return cls(items, tuple(machine.globals), tuple(seen), seen[-1].position + 1)


class _StepError(Exception):
    """An opcode needs a value that is missing, such as one on an empty stack."""


@dataclass(frozen=True, eq=False)
class _Tuple:
    """A tuple on the stack. It is never expanded: nested tuples can be exponentially wide."""

    items: tuple[_Value, ...]


_Value: TypeAlias = "str | bytes | Opaque | _Tuple"


class _Machine:
    """The stack, the memo and the imports. ``None`` on the stack is a mark."""

    def __init__(self) -> None:
        self.stack: list[_Value | None] = []
        self.memo: dict[object, _Value] = {}
        self.globals: dict[str, None] = {}
        self.result: _Value = Opaque("nothing")

    def step(self, opcode: Opcode) -> None:
        """Apply one opcode."""
        name, argument = opcode.name, opcode.argument
        special = _STEPS.get(name)
        if special is not None:
            special(self, opcode)
        elif name in _LITERALS and isinstance(argument, str | bytes):
            self.stack.append(argument)
        else:
            self.by_effect(opcode)

    def by_effect(self, opcode: Opcode) -> None:
        """Pop and push as many values as ``pickletools`` documents for the opcode."""
        before = opcode.info.stack_before
        if pickletools.markobject in before:
            self.pop_mark()
            before = before[: before.index(pickletools.markobject)]
        for _ in before:
            self.pop()
        for after in opcode.info.stack_after:
            self.stack.append(Opaque(_KINDS.get(opcode.name, after.name)))

    def pop(self) -> _Value:
        value = self.stack.pop() if self.stack else None
        if value is None:
            raise _StepError("takes more than the stack holds")
        return value

    def top(self) -> _Value:
        value = self.pop()
        self.stack.append(value)
        return value

    def pop_mark(self) -> tuple[_Value, ...]:
        """Pop all values above the last mark, and the mark."""
        values: list[_Value] = []
        while self.stack:
            value = self.stack.pop()
            if value is None:
                return tuple(reversed(values))
            values.append(value)
        raise _StepError("needs a mark on the stack")

    def check_protocol(self, opcode: Opcode) -> None:
        if opcode.argument not in range(_HIGHEST_PROTOCOL + 1):
            raise _StepError(
                f"expected a protocol up to {_HIGHEST_PROTOCOL}, found {opcode.argument}"
            )

    def mark(self, _: Opcode) -> None:
        self.stack.append(None)

    def drop(self, _: Opcode) -> None:
        if not self.stack:
            raise _StepError("takes more than the stack holds")
        self.stack.pop()

    def duplicate(self, _: Opcode) -> None:
        self.stack.append(self.top())

    def stop(self, _: Opcode) -> None:
        self.result = self.pop()

    def tuple_from_mark(self, _: Opcode) -> None:
        self.stack.append(_Tuple(self.pop_mark()))

    def tuple_of(self, opcode: Opcode) -> None:
        items = [self.pop() for _ in opcode.info.stack_before]
        self.stack.append(_Tuple(tuple(reversed(items))))

    def memoize(self, _: Opcode) -> None:
        self.memo[len(self.memo)] = self.top()

    def put(self, opcode: Opcode) -> None:
        self.memo[opcode.argument] = self.top()

    def get(self, opcode: Opcode) -> None:
        if opcode.argument not in self.memo:
            raise _StepError(f"asks for memo {opcode.argument}, which nothing has set")
        self.stack.append(self.memo[opcode.argument])

    def import_named(self, opcode: Opcode) -> None:
        """Record a global whose module and name are in the opcode, separated by a space."""
        module, _, name = str(opcode.argument).partition(" ")
        self.globals[f"{module}.{name}"] = None
        self.by_effect(opcode)

    def import_stacked(self, opcode: Opcode) -> None:
        """Record a global whose module and name are on the stack."""
        name, module = self.pop(), self.pop()
        parts = (part if isinstance(part, str) else "?" for part in (module, name))
        self.globals[".".join(parts)] = None
        self.stack.append(Opaque(_KINDS[opcode.name]))

    def import_registered(self, opcode: Opcode) -> None:
        """Record a global that the receiver's ``copyreg`` registry maps to a number."""
        self.globals[f"?.copyreg extension {opcode.argument}"] = None
        self.by_effect(opcode)


_LITERALS = frozenset(
    info.name
    for info in pickletools.opcodes
    if info.stack_after
    and info.stack_after[0]
    in (pickletools.pyunicode, pickletools.pybytes, pickletools.pybytes_or_str)
)

_KINDS = {
    **dict.fromkeys(("REDUCE", "OBJ", "INST", "NEWOBJ", "NEWOBJ_EX", "BUILD"), "call"),
    **dict.fromkeys(("GLOBAL", "STACK_GLOBAL", "EXT1", "EXT2", "EXT4"), "global"),
    **dict.fromkeys(("PERSID", "BINPERSID"), "persistent object"),
}
"""The kind of an opcode's result, for opcodes whose result is ``any`` in ``pickletools``."""

_CALLABLE = frozenset(("call", "global", "persistent object"))

_STEPS: dict[str, Callable[[_Machine, Opcode], None]] = {
    "PROTO": _Machine.check_protocol,
    "MARK": _Machine.mark,
    "POP": _Machine.drop,
    "DUP": _Machine.duplicate,
    "STOP": _Machine.stop,
    "TUPLE": _Machine.tuple_from_mark,
    **dict.fromkeys(("EMPTY_TUPLE", "TUPLE1", "TUPLE2", "TUPLE3"), _Machine.tuple_of),
    "MEMOIZE": _Machine.memoize,
    **dict.fromkeys(("PUT", "BINPUT", "LONG_BINPUT"), _Machine.put),
    **dict.fromkeys(("GET", "BINGET", "LONG_BINGET"), _Machine.get),
    **dict.fromkeys(("GLOBAL", "INST"), _Machine.import_named),
    "STACK_GLOBAL": _Machine.import_stacked,
    **dict.fromkeys(("EXT1", "EXT2", "EXT4"), _Machine.import_registered),
}


def is_callable(item: Item) -> bool:
    """Return whether an item may be a callable once it is unpickled."""
    return isinstance(item, Opaque) and item.kind in _CALLABLE


def _kind(value: _Value) -> str:
    if isinstance(value, Opaque):
        return value.kind
    return "tuple" if isinstance(value, _Tuple) else type(value).__name__
