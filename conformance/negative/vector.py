"""A negative vector: bytes, the session that gets them, and what the clauses demand of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Artifact: TypeAlias = Literal["expression", "logical", "physical"]
Family: TypeAlias = Literal["scalar", "aggregate", "window"]

ARTIFACTS: tuple[Artifact, ...] = ("expression", "logical", "physical")
LAYERS: tuple[Artifact, ...] = ("logical", "physical")
FAMILIES: tuple[Family, ...] = ("scalar", "aggregate", "window")

FIRST, CHAINED = "54.0.0", "55.0.0"
"""The first engine with frames, and the first with envelopes."""


@dataclass(frozen=True)
class Demand:
    """A demand of one clause on the decision about a vector, and no more.

    ``kind`` is the class of the error of a refusal, ``words`` are parts of its message. If
    ``unpickles`` is false, nothing may be unpickled, and the demand is nothing else. If none of
    them is set, the refusal or the acceptance is enough. A clause may have two demands of a vector:
    the refusal, and that nothing is unpickled.
    """

    clause: str
    kind: str = ""
    words: tuple[str, ...] = ()
    unpickles: bool = True


@dataclass(frozen=True)
class Receiver:
    """The session that gets the bytes.

    ``codecs`` are the ids of its extension codecs, each an inlining session, in install order.
    ``registered`` are its UDFs: pairs of a family and a name.
    """

    inlining: bool = True
    codecs: tuple[str, ...] = ()
    registered: tuple[tuple[Family, str], ...] = ()


@dataclass(frozen=True)
class Vector:
    """Bytes to accept or to refuse, with the clauses that say so.

    ``note`` says why the vector exists. ``since`` is the first engine to which it applies.
    """

    id: str
    note: str
    artifact: Artifact
    data: bytes
    do: Literal["refuse", "accept"]
    demands: tuple[Demand, ...]
    receiver: Receiver
    since: str = FIRST


def demand(
    clause: str, *words: str, kind: str = "", unpickles: bool = True, of: bool = True
) -> tuple[Demand, ...]:
    """Return the demand of a clause in a tuple, to be added to others; ``()`` unless ``of``."""
    return (Demand(clause, kind, words, unpickles),) if of else ()


def join(*parts: object) -> str:
    """Return an id of these parts; empty ones are left out."""
    return "/".join(str(part) for part in parts if part != "")
