"""The rows of the tables: a vector that is refused, one that is accepted, and their sessions."""

from __future__ import annotations

from collections.abc import Mapping

from conformance.negative.vector import FIRST, Artifact, Demand, Receiver, Vector

RECEIVERS: Mapping[str, Receiver] = {"inlining": Receiver(), "strict": Receiver(inlining=False)}
"""Sessions without codecs and registrations."""


def refuse(
    id_: str,
    note: str,
    data: bytes,
    *demands: tuple[Demand, ...],
    artifact: Artifact = "expression",
    receiver: Receiver = RECEIVERS["inlining"],
    since: str = FIRST,
) -> Vector:
    """Return a vector that a decoder refuses; each of ``demands`` may be empty."""
    joined = tuple(one for some in demands for one in some)
    return Vector(id_, note, artifact, data, "refuse", joined, receiver, since)


def accept(
    id_: str,
    note: str,
    data: bytes,
    *clauses: str,
    artifact: Artifact = "expression",
    receiver: Receiver = RECEIVERS["inlining"],
    since: str = FIRST,
) -> Vector:
    """Return a vector that a decoder accepts, as each of ``clauses`` demands."""
    demands = tuple(map(Demand, clauses))
    return Vector(id_, note, artifact, data, "accept", demands, receiver, since)
