"""List what bytes refer to outside themselves: modules, names of ``__main__``, a Python."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.wire import Container, Payload, locate
from conformance.wire.machine import trace

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

    Raises ``WireError`` if the bytes or a frame in them are malformed.
    """
    located = locate(data)
    frames = [found.frame() for found in located.frames]
    traces = [trace(frame.payload) for frame in frames]
    for payload in traces:
        Payload.of(payload)  # raises for a payload that is no tuple
    if located.container is Container.PICKLE:
        traces.append(trace(data))
        if (error := traces[-1].error) is not None:
            raise error
    names = dict.fromkeys(name for one in traces for name in one.globals)
    modules = dict.fromkeys(name for one in traces for name in one.modules if name != "?")
    of_main = [name for name in names if name.startswith(f"{MAIN}.")]
    return References(
        tuple(name for name in names if name not in of_main and not name.startswith("?")),
        tuple(modules),
        tuple(name.removeprefix(f"{MAIN}.") for name in of_main),
        tuple(dict.fromkeys(".".join(map(str, frame.python)) for frame in frames)),
    )
