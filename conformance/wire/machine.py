"""The machine that takes the steps of an unpickler, without unpickling.

A small machine with a stack and a memo keeps the values of strings, bytes and
tuples. A call, an import or any other object becomes an ``Opaque``: nothing is
imported, built or called.
"""

from __future__ import annotations

import pickletools
from collections.abc import Callable
from contextlib import suppress

from conformance.wire.imports import INSTANCE, Imports
from conformance.wire.kinds import (
    is_object,
    kind,
    unsure_call,
    why_not_built,
    why_not_called,
    why_not_filled,
    why_not_hashed,
)
from conformance.wire.pickles import Opcode
from conformance.wire.values import Opaque, Tuple, Value

_HIGHEST_PROTOCOL = 5


def bytes_of_call(name: str, arguments: tuple[Value, ...]) -> bytes | None:
    """Return the bytes that a call makes in a pickle of protocol 0 to 2, which has no bytes.

    ``None`` means any other call.
    """
    if name in ("__builtin__.bytes", "builtins.bytes") and not arguments:
        return b""
    if name in ("_codecs.encode", "codecs.encode") and len(arguments) == 2:
        text, encoding = arguments
        if isinstance(text, str) and encoding in ("latin1", "latin-1"):
            with suppress(UnicodeEncodeError):
                return text.encode("latin-1")
    return None


class StepError(Exception):
    """An opcode needs a value that is missing, such as one on an empty stack."""


class Machine:
    """The stack, the memo and the imports. ``None`` on the stack is a mark."""

    def __init__(self) -> None:
        self.stack: list[Value | None] = []
        self.memo: dict[object, Value] = {}
        self.imports = Imports()
        self.result: Value = Opaque("nothing")

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

    def fill(self, opcode: Opcode) -> None:
        """Put items into a list, a dict or a set, or into an object that takes them, too."""
        if opcode.name.endswith("S"):
            items = self.pop_mark()
        else:
            items = tuple(self.pop() for _ in opcode.info.stack_before[1:])[::-1]
        self.check(why_not_filled(opcode.name, self.top(), items))
        self.unsure(opcode.name, self.top(), items)
        if opcode.name.startswith("SETITEM"):
            for key, value in zip(items[::2], items[1::2], strict=True):
                self.imports.defined(key, value)

    def collect(self, opcode: Opcode) -> None:
        """Make a dict or a frozenset of what is above the last mark."""
        items = self.pop_mark()
        made = Opaque(opcode.info.stack_after[0].name)
        self.check("has a key without a value" if made.kind == "dict" and len(items) % 2 else "")
        self.check(why_not_hashed(items if made.kind == "frozenset" else items[::2]))
        self.unsure(opcode.name, made, items)
        self.stack.append(made)

    def build(self, _: Opcode) -> None:
        """Give an object its state; a value that is no object takes none but ``None``."""
        state, target = self.pop(), self.pop()
        self.check(why_not_built(target, state))
        if isinstance(target, Opaque) and target.name == INSTANCE:
            self.imports.built(state)
        if not is_object(target) and kind(state) != "None":
            self.imports.calls["builtins.setattr"] = None
        self.stack.append(target if isinstance(target, Tuple | str | bytes) else Opaque("call"))

    def unsure(self, name: str, target: Value, items: tuple[Value, ...]) -> None:
        """Record what an opcode calls with these items, if it may fail or not end."""
        if called := unsure_call(name, target, items):
            self.imports.calls[called] = None

    def check(self, wrong: str) -> None:
        if wrong:
            raise StepError(wrong)

    def pop(self) -> Value:
        value = self.stack.pop() if self.stack else None
        if value is None:
            raise StepError("takes more than the stack holds")
        return value

    def top(self) -> Value:
        value = self.pop()
        self.stack.append(value)
        return value

    def pop_mark(self) -> tuple[Value, ...]:
        """Pop all values above the last mark, and the mark."""
        values: list[Value] = []
        while self.stack:
            value = self.stack.pop()
            if value is None:
                return tuple(reversed(values))
            values.append(value)
        raise StepError("needs a mark on the stack")

    def check_protocol(self, opcode: Opcode) -> None:
        if opcode.argument not in range(_HIGHEST_PROTOCOL + 1):
            raise StepError(
                f"expected a protocol up to {_HIGHEST_PROTOCOL}, found {opcode.argument}"
            )

    def mark(self, _: Opcode) -> None:
        self.stack.append(None)

    def drop(self, _: Opcode) -> None:
        if not self.stack:
            raise StepError("takes more than the stack holds")
        self.stack.pop()

    def duplicate(self, _: Opcode) -> None:
        self.stack.append(self.top())

    def stop(self, _: Opcode) -> None:
        self.result = self.pop()

    def tuple_from_mark(self, _: Opcode) -> None:
        self.stack.append(Tuple(self.pop_mark()))

    def tuple_of(self, opcode: Opcode) -> None:
        items = [self.pop() for _ in opcode.info.stack_before]
        self.stack.append(Tuple(tuple(reversed(items))))

    def memoize(self, _: Opcode) -> None:
        self.memo[len(self.memo)] = self.top()

    def put(self, opcode: Opcode) -> None:
        self.memo[opcode.argument] = self.top()

    def get(self, opcode: Opcode) -> None:
        if opcode.argument not in self.memo:
            raise StepError(f"asks for memo {opcode.argument}, which nothing has set")
        self.stack.append(self.memo[opcode.argument])

    def import_named(self, opcode: Opcode) -> None:
        """Record a global whose module and name are in the opcode, separated by a space."""
        module, _, name = str(opcode.argument).partition(" ")
        imported = Opaque("global", self.imports.add(module, name))
        if opcode.name == "GLOBAL":
            self.stack.append(imported)
        else:
            self.imports.called(imported)
            self.by_effect(opcode)

    def import_stacked(self, opcode: Opcode) -> None:
        """Record a global whose module and name are on the stack."""
        name, module = self.pop(), self.pop()
        parts = (part if isinstance(part, str) else "?" for part in (module, name))
        self.stack.append(Opaque(_KINDS[opcode.name], self.imports.add(*parts)))

    def import_registered(self, opcode: Opcode) -> None:
        """Record a global that the receiver's ``copyreg`` registry maps to a number."""
        self.imports.add("?", f"copyreg extension {opcode.argument}")
        self.by_effect(opcode)

    def call(self, _: Opcode) -> None:
        """Replace a callable and its arguments by the result, of which the name may be known."""
        arguments, called = self.pop(), self.pop()
        self.check(why_not_called(called, arguments))
        items = arguments.items if isinstance(arguments, Tuple) else ()
        name = called.name if isinstance(called, Opaque) else ""
        written = bytes_of_call(name, items)
        if written is None:
            self.imports.called(called, items)
        result = Opaque("call", self.imports.call(name, items)) if written is None else written
        self.stack.append(result)

    def make(self, opcode: Opcode) -> None:
        """Record the class of which an opcode makes an instance, and make one."""
        if opcode.name == "OBJ":
            self.imports.called(next(iter(self.pop_mark()), None))
            self.stack.append(Opaque("call"))
        else:
            *arguments, made = (self.pop() for _ in opcode.info.stack_before)
            self.stack.append(Opaque("call", self.imports.made(made, arguments)))


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

_STEPS: dict[str, Callable[[Machine, Opcode], None]] = {
    "PROTO": Machine.check_protocol,
    "MARK": Machine.mark,
    "POP": Machine.drop,
    "DUP": Machine.duplicate,
    "STOP": Machine.stop,
    "TUPLE": Machine.tuple_from_mark,
    **dict.fromkeys(("EMPTY_TUPLE", "TUPLE1", "TUPLE2", "TUPLE3"), Machine.tuple_of),
    "MEMOIZE": Machine.memoize,
    **dict.fromkeys(("PUT", "BINPUT", "LONG_BINPUT"), Machine.put),
    **dict.fromkeys(("GET", "BINGET", "LONG_BINGET"), Machine.get),
    **dict.fromkeys(("GLOBAL", "INST"), Machine.import_named),
    "STACK_GLOBAL": Machine.import_stacked,
    "REDUCE": Machine.call,
    **dict.fromkeys(("APPEND", "APPENDS", "SETITEM", "SETITEMS", "ADDITEMS"), Machine.fill),
    **dict.fromkeys(("DICT", "FROZENSET"), Machine.collect),
    "BUILD": Machine.build,
    **dict.fromkeys(("OBJ", "NEWOBJ", "NEWOBJ_EX"), Machine.make),
    **dict.fromkeys(("EXT1", "EXT2", "EXT4"), Machine.import_registered),
}
