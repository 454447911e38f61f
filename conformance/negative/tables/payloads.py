"""Payloads that are no valid tuple, and the valid ones beside them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from conformance.negative import pickles
from conformance.negative import protocols as protocols_of
from conformance.negative.artifacts import hold
from conformance.negative.frames import NAME, Python, canary, frame, payload
from conformance.negative.frames import members as valid_members
from conformance.negative.rows import RECEIVERS, accept, refuse
from conformance.negative.vector import ARTIFACTS, FAMILIES, Family, Receiver, Vector, demand, join


def protocols(python: Python) -> Iterator[Vector]:
    """Yield valid payloads: the refused vectors differ from them in one place."""
    for artifact, family in product(ARTIFACTS, FAMILIES):
        start = "" if artifact == "expression" else artifact
        yield accept(
            join("valid", start, family),
            "A valid frame. A decoder that refuses it refuses other vectors for a wrong reason.",
            hold(artifact, family, frame(family, python).to_bytes()),
            "PAYLOAD-22",
            artifact=artifact,
        )
    for protocol in (0, 1, 2, 4, 5):
        content = protocols_of.scalar_payload(protocol)
        yield accept(
            f"valid/protocol-{protocol}",
            f"A valid payload in pickle protocol {protocol}, which another pickler may choose.",
            hold("expression", "scalar", frame("scalar", python, content).to_bytes()),
            "PAYLOAD-22",
        )


def _members(family: Family) -> list[pickles.Opcodes]:
    return list(valid_members(family).values())


def no_tuples(python: Python) -> Iterator[Vector]:
    """Yield payloads that are no tuple, or a tuple of another length."""
    values = {
        "none": pickles.NONE,
        "number": pickles.number(7),
        "text": pickles.text("text"),
        "bytes": pickles.data(b"bytes"),
        "empty-list": pickles.collect([], b"l"),
        "dict": pickles.collect([pickles.text("name"), pickles.text(NAME)], b"d"),
        "list": pickles.collect(_members("scalar"), b"l"),
    }
    contents = {name: pickles.dump(value) for name, value in values.items()}
    contents["garbage"] = b"garbage"
    for name, content in contents.items():
        yield refuse(
            join("no-tuple", name),
            "The payload is no pickled tuple. A decoder without this check fails in a way of its "
            "own, or accepts the right members in the wrong container.",
            hold("expression", "scalar", frame("scalar", python, content).to_bytes()),
            demand("PAYLOAD-23", kind="Execution"),
        )
    for family in FAMILIES:
        whole = _members(family)
        for size in range(len(whole)):
            content = pickles.dump(pickles.collect(whole[:size]))
            yield refuse(
                join("short-tuple", family, size),
                f"The tuple has the first {size} of {len(whole)} members.",
                hold("expression", family, frame(family, python, content).to_bytes()),
                demand("PAYLOAD-23", kind="Execution"),
            )
        content = pickles.dump(pickles.collect([*whole, pickles.text("one more")]))
        yield refuse(
            join("long-tuple", family),
            "The tuple has one member more. A decoder that ignores it loses what a newer sender "
            "meant, for its wire version does not say so.",
            hold("expression", family, frame(family, python, content).to_bytes()),
            demand("PAYLOAD-27"),
        )


def cuts(python: Python) -> Iterator[Vector]:
    """Yield payloads that are cut short."""
    for family in FAMILIES:
        whole = payload(family)
        sizes = {"empty": 0, "protocol": 2, "in-the-name": 9, "middle": len(whole) // 2}
        for name, size in {**sizes, "last-byte": len(whole) - 1}.items():
            if family != "scalar" and name not in ("empty", "last-byte"):
                continue
            yield refuse(
                join("cut-payload", name, family),
                f"The payload has {size} of its {len(whole)} bytes.",
                hold("expression", family, frame(family, python, whole[:size]).to_bytes()),
                demand("FRAME-22", kind="Execution"),
                # A registered UDF must not take the place of the one that is cut.
                receiver=Receiver(registered=((family, NAME),)),
            )
        bare = canary(family, python).to_bytes()
        yield refuse(
            join("cut-payload", "strict", family),
            "The payload lacks its last byte, and the code in it would run before that shows.",
            hold("expression", family, bare[:-1]),
            demand("FRAME-22", kind="Execution"),
            demand("HOSTILE-01", unpickles=False),
            receiver=RECEIVERS["strict"],
        )


_MEMBERS = {
    "name": {"bytes": pickles.data(b"times"), "none": pickles.NONE, "number": pickles.number(7)},
    "volatility": {
        "bytes": pickles.data(b"immutable"),
        "none": pickles.NONE,
        "number": pickles.number(7),
    },
    "callable": {
        "none": pickles.NONE,
        "number": pickles.number(7),
        "text": pickles.text("operator.neg"),
    },
}
"""Values of the wrong type, by member."""

_VOLATILITIES = {
    "empty": "",
    "capital": "Immutable",
    "capitals": "IMMUTABLE",
    "space": "immutable ",
    "unknown": "sometimes",
}


def members(python: Python) -> Iterator[Vector]:
    """Yield tuples with one member that is wrong."""
    for member, values in _MEMBERS.items():
        for (name, value), family in product(values.items(), FAMILIES):
            if family != "scalar" and name != "none":
                continue
            content = payload(family, **{member: value})
            yield refuse(
                join("wrong-type", member, name, family),
                f"The {member} has the wrong type ({name}).",
                hold("expression", family, frame(family, python, content).to_bytes()),
                demand("PAYLOAD-30", of=member == "callable"),
                demand("PAYLOAD-29", kind="Execution", of=member != "callable"),
            )
    for (name, volatility), family in product(_VOLATILITIES.items(), FAMILIES):
        if family == "scalar" or name == "unknown":
            content = payload(family, volatility=pickles.text(volatility))
            yield refuse(
                join("volatility", name, family),
                f"The volatility is {volatility!r}. A decoder that takes it for a default changes "
                "when the UDF runs.",
                hold("expression", family, frame(family, python, content).to_bytes()),
                demand("PAYLOAD-26", kind="Execution"),
            )
