"""Function definitions that are no frame of their call, and bytes that are no artifact."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from conformance.negative.artifacts import hold
from conformance.negative.frames import NAME, OTHERS, Python, canary, frame, with_magic
from conformance.negative.rows import RECEIVERS, accept, refuse
from conformance.negative.vector import ARTIFACTS, FAMILIES, LAYERS, Receiver, Vector, demand, join


def families(python: Python) -> Iterator[Vector]:
    """Yield frames of another family than their call's."""
    note = (
        "The call is of a {0} UDF and the frame of a {1} UDF. A decoder that looks at the frame "
        "alone unpickles it and calls it in the wrong way."
    )
    for family, mode in product(FAMILIES, RECEIVERS):
        for other in OTHERS[family]:
            data = canary(other, python).to_bytes()
            yield refuse(
                join("other-family", family, other, mode),
                note.format(family, other),
                hold("expression", family, data),
                demand("FRAME-19"),
                demand("FRAME-19", unpickles=False),
                receiver=RECEIVERS[mode],
            )
    for layer, family in product(LAYERS, FAMILIES):
        other = OTHERS[family][0]
        yield refuse(
            join("other-family", layer, family, other),
            note.format(family, other),
            hold(layer, family, canary(other, python).to_bytes()),
            demand("FRAME-19"),
            demand("FRAME-19", unpickles=False),
            artifact=layer,
        )


_MAGICS = {
    "none": b"",
    "first-letter": b"D",
    "cut": b"DFPYUD",
    "other-letter": b"DFPYUDX",
    "lower-case": b"dfpyudf",
    "first-byte-zero": b"\0FPYUDF",
    "last-byte-255": b"DFPYUD\xff",
    "other-text": b"XXXXXXX",
}


def magics(python: Python) -> Iterator[Vector]:
    """Yield function definitions with an unknown magic."""
    note = (
        "The definition begins with {0!r}, which is no magic. A decoder that skips the magic "
        "without comparing it unpickles what follows."
    )
    for (name, magic), mode in product(_MAGICS.items(), RECEIVERS):
        yield refuse(
            join("unknown-magic", name, mode),
            note.format(magic),
            hold("expression", "scalar", with_magic(magic, canary("scalar", python))),
            demand("FRAME-20"),
            demand("FRAME-20", unpickles=False),
            demand("HOSTILE-01" if mode == "strict" else "HOSTILE-02", unpickles=False),
            receiver=RECEIVERS[mode],
        )
    for artifact, family in product(ARTIFACTS, FAMILIES):
        if (artifact, family) != ("expression", "scalar"):
            yield refuse(
                join("unknown-magic", "other-letter", artifact, family),
                note.format(b"DFPYUDX"),
                hold(artifact, family, with_magic(b"DFPYUDX", canary(family, python))),
                demand("FRAME-20"),
                demand("FRAME-20", unpickles=False),
                artifact=artifact,
            )
    for family, mode in product(FAMILIES, RECEIVERS):
        yield accept(
            join("unknown-magic", "registered", family, mode),
            "No codec knows the definition, and a UDF of the call's name and kind is registered.",
            hold("expression", family, with_magic(b"XXXXXXX", frame(family, python))),
            "FRAME-24",
            receiver=Receiver(mode == "inlining", registered=((family, NAME),)),
        )


def no_artifacts(python: Python) -> Iterator[Vector]:
    """Yield bytes that hold something else than the receiver expects."""
    bare = canary("scalar", python).to_bytes()
    texts = {
        "empty": b"",
        "zero": b"\0",
        "no-message": b"\xff\xff",
        "magic": b"DFPYUDF",
        "text": b"not an expression",
        "frame": bare,
    }
    for (name, data), mode in product(texts.items(), RECEIVERS):
        yield refuse(
            join("no-expression", name, mode),
            "The bytes hold no expression. A decoder that defaults missing fields makes one up.",
            data,
            demand("FRAME-23"),
            receiver=RECEIVERS[mode],
        )
    for layer, other in product(LAYERS, ARTIFACTS):
        if layer == other:
            continue
        for mode in RECEIVERS:
            yield refuse(
                join(f"{other}-as-{layer}", mode),
                f"The receiver expects a {layer} plan and gets bytes of another kind ({other}).",
                hold(other, "scalar", bare),
                demand("PLAN-32"),
                demand("PLAN-32", unpickles=False),
                artifact=layer,
                receiver=RECEIVERS[mode],
            )
