"""Trace the actions of unpickling, without unpickling."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.wire.errors import MalformedPickle
from conformance.wire.machine import Machine, StepError
from conformance.wire.pickles import Opcode, list_opcodes
from conformance.wire.values import Value


@dataclass(frozen=True)
class Trace:
    """The actions of unpickling, up to ``STOP`` or to the ``error``.

    ``globals`` lists each import of the unpickler once, in order, as ``module.name``; ``?``
    replaces a name that is computed at run time. ``modules`` are those that a call imports, as
    cloudpickle's ``subimport`` does; ``attributes`` are what a call takes from one of both.
    ``sources`` are the modules of ``globals``, ``?`` where one is computed. ``calls`` are the
    functions and classes that unpickling calls: ``<function>`` is one that the pickle makes,
    ``<class>`` one that it makes and calls with arguments, or of which it calls a method of its
    own; ``?`` is any object without a name.
    ``names`` are the names that the code of functions uses: globals, attributes, imports.
    ``size`` is the length in bytes up to and including ``STOP``; unpickling ignores the rest.
    """

    result: Value
    globals: tuple[str, ...]
    modules: tuple[str, ...]
    attributes: tuple[str, ...]
    names: tuple[str, ...]
    sources: tuple[str, ...]
    calls: tuple[str, ...]
    opcodes: tuple[Opcode, ...]
    size: int
    error: MalformedPickle | None


def trace(data: bytes) -> Trace:
    """Follow the pickle at the start of ``data``. An error ends the trace, and is in it."""
    machine = Machine()
    seen, error = list_opcodes(data)
    for opcode in seen:
        try:
            machine.step(opcode)
        except StepError as failed:
            error = MalformedPickle(f"{opcode.name} {failed}", opcode.position)
            break
    imports = machine.imports
    return Trace(
        machine.result,
        tuple(imports.globals),
        tuple(imports.modules),
        tuple(imports.attributes),
        tuple(imports.names),
        tuple(imports.sources),
        tuple(imports.all_calls),
        tuple(seen),
        seen[-1].position + 1 if seen else 0,
        error,
    )
