"""List what bytes refer to outside themselves: modules, names of ``__main__``, a Python."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.inspection.call_shapes import kind_around
from conformance.wire import Container, Payload, WireError, locate
from conformance.wire.frame import Frame
from conformance.wire.imports import name_in_python_3
from conformance.wire.trace import Trace, trace

MAIN = "__main__"


@dataclass(frozen=True)
class References:
    """``names`` are imports as ``module.name``; ``modules`` are what a call imports.

    ``main`` are names of the sender's ``__main__``. ``pythons`` are the minor versions in the
    headers of the frames, without repetition.
    """

    names: tuple[str, ...]
    modules: tuple[str, ...]
    main: tuple[str, ...]
    pythons: tuple[str, ...]


def find_references(data: bytes) -> References:
    """Return what ``data`` refers to, without unpickling it.

    Raises ``WireError`` if the bytes or a frame in them are malformed. What begins like a frame,
    and is no call's, may be a name or a text.
    """
    located = locate(data)
    frames: list[Frame] = []
    traces: list[Trace] = []
    for found in located.frames:
        try:
            frame = found.frame()
            payload = trace(frame.payload)
            Payload.of(payload)  # raises for a payload that is no tuple
        except WireError:
            if kind_around(found) is None:
                continue
            raise
        frames.append(frame)
        traces.append(payload)
    if located.container is Container.PICKLE:
        traces.append(trace(data))
        if (error := traces[-1].error) is not None:
            raise error
    names = dict.fromkeys(name for one in traces for name in _names(one))
    modules = dict.fromkeys(name for one in traces for name in one.modules if name != "?")
    of_main = [name for name in names if name.startswith(f"{MAIN}.")]
    return References(
        tuple(name for name in names if name not in of_main and not name.startswith("?")),
        tuple(modules),
        tuple(name.removeprefix(f"{MAIN}.") for name in of_main),
        tuple(dict.fromkeys(".".join(map(str, frame.python)) for frame in frames)),
    )


def _names(found: Trace) -> list[str]:
    """Return the imports as ``module.name``, by the names of Python 3.

    Protocols 0 to 2 write the names of Python 2, which unpickling maps.
    """
    opcodes = found.opcodes
    protocol = opcodes[0].argument if opcodes and opcodes[0].name == "PROTO" else 0
    if isinstance(protocol, int) and protocol > 2:
        return [*found.globals]
    names = []
    for name in found.globals:
        module, _, item = name.rpartition(".")
        names.append(".".join(name_in_python_3(module, item)))
    return names
