"""Frames with a faulty header: another wire version, another Python, cut short."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import product

from conformance.negative.artifacts import OUTER, PLACES, call, hold
from conformance.negative.frames import KIND, Python, canary
from conformance.negative.rows import RECEIVERS, refuse
from conformance.negative.vector import (
    ARTIFACTS,
    FAMILIES,
    Artifact,
    Demand,
    Family,
    Receiver,
    Vector,
    demand,
    join,
)
from conformance.wire import Frame

_ANY = "version"
"""The word that the errors for these faults have, and that the strict refusal lacks."""


def _kept_shut(mode: str) -> tuple[Demand, ...]:
    """Return the demand that nothing of damaged bytes is unpickled."""
    return demand("HOSTILE-01" if mode == "strict" else "HOSTILE-02", unpickles=False)


def _places(*, whole: bool) -> Iterator[tuple[str, Artifact, Family, str]]:
    """Yield the start of an id, an artifact, a family and a mode; all of them if ``whole``."""
    for artifact, family, mode in product(ARTIFACTS, FAMILIES, RECEIVERS):
        if whole or (artifact, family) == ("expression", "scalar"):
            yield "" if artifact == "expression" else artifact, artifact, family, mode


def versions(python: Python) -> Iterator[Vector]:
    """Yield wire versions that are not supported."""
    note = (
        "The wire version is {0}; 1 is the only supported one. A decoder without this check "
        "unpickles a payload that may have another format."
    )
    for version in (2, 0, 3, 129, 255):
        for start, artifact, family, mode in _places(whole=version == 2):
            frame = replace(canary(family, python), wire_version=version)
            plan, found = artifact != "expression", f"wire-format version v{version};"
            full = version == 2 and not plan
            yield refuse(
                join(f"wrong-version-{version}", start, family, mode),
                note.format(version),
                hold(artifact, family, frame.to_bytes()),
                demand("FRAME-07", kind="Execution", of=not plan),
                demand("PLAN-13", kind="Execution", of=plan),
                demand("PLAN-16", str(version), "1", "sender", "receiver", of=plan),
                demand("FRAME-08", found),
                demand("FRAME-09", "supports v1..=v1", of=full),
                demand(
                    "FRAME-10", "Align datafusion-python versions", "sender", "receiver", of=full
                ),
                demand("FRAME-11", unpickles=False),
                demand("FRAME-18", f"Python {KIND[family]} payload", of=full),
                demand("FRAME-21", _ANY, of=full and mode == "strict"),
                _kept_shut(mode) if full else (),
                demand("PLAN-14", unpickles=False, of=plan and mode == "strict"),
                artifact=artifact,
                receiver=RECEIVERS[mode],
            )


def both(python: Python) -> Iterator[Vector]:
    """Yield frames of another wire version and of another Python."""
    for start, artifact, family, mode in _places(whole=True):
        frame = replace(canary(family, python), wire_version=2, python=(python[0], python[1] - 1))
        plan = artifact != "expression"
        yield refuse(
            join("wrong-version-2", "other-python", start, family, mode),
            "The wire version is 2, and the sender's Python is not the receiver's. A decoder that "
            "checks Python first names a fault that the receiver cannot know in this version.",
            hold(artifact, family, frame.to_bytes()),
            demand("FRAME-07", kind="Execution", of=not plan),
            demand("PLAN-13", kind="Execution", of=plan),
            demand("FRAME-08", "wire-format version v2;"),
            demand("FRAME-11", unpickles=False),
            artifact=artifact,
            receiver=RECEIVERS[mode],
        )


def _other_pythons(python: Python) -> Mapping[str, Python]:
    major, minor = python
    return {
        "older": (major, minor - 1),
        "newer": (major, minor + 1),
        "minor-0": (major, 0),
        "minor-1": (major, 1),
        "minor-255": (major, 255),
        "major-2": (2, minor),
        "major-4": (4, minor),
        "same-digits": (10 * major + minor // 10, minor % 10),
        "zero": (0, 0),
    }


def pythons(python: Python) -> Iterator[Vector]:
    """Yield frames of other Python versions than the receiver's."""
    note = (
        "The sender's Python ({0}) is not the receiver's. A decoder without this check loads byte "
        "code of another version, which crashes or gives wrong results."
    )
    for name, other in _other_pythons(python).items():
        for start, artifact, family, mode in _places(whole=name == "older"):
            frame = replace(canary(family, python), python=other)
            plan, theirs, own = (
                artifact != "expression",
                "{}.{}".format(*other),
                "{}.{}".format(*python),
            )
            full = name == "older" and not plan
            yield refuse(
                join(f"python-{name}", start, family, mode),
                note.format(name),
                hold(artifact, family, frame.to_bytes()),
                demand("FRAME-12", kind="Execution", of=not plan),
                demand("FRAME-13", f"on Python {theirs}", f"running Python {own}."),
                demand("PLAN-13", kind="Execution", of=plan),
                demand("PLAN-17", theirs, own, of=plan),
                demand(
                    "FRAME-14",
                    *("not portable across Python minor versions", "Align Python versions"),
                    *("sender", "receiver"),
                    of=full,
                ),
                demand("FRAME-15", unpickles=False),
                demand("FRAME-18", f"Python {KIND[family]} payload", of=full),
                demand("FRAME-21", _ANY, of=full and mode == "strict"),
                _kept_shut(mode) if full else (),
                demand("PLAN-14", unpickles=False, of=plan and mode == "strict"),
                artifact=artifact,
                receiver=RECEIVERS[mode],
            )


_MISSING = {
    Frame.VERSION_AT: ("wire-format version", "version"),
    Frame.MAJOR_AT: ("Python major version", "major"),
    Frame.MINOR_AT: ("Python minor version", "minor"),
}
"""The missing byte by the size of the frame, and the word for it that no wording can avoid."""


def cuts(python: Python) -> Iterator[Vector]:
    """Yield frames that end inside their headers."""
    note = (
        "The frame ends before byte {0} of its header. A decoder without this check reads past it."
    )
    for (size, (missing, word)), (start, artifact, family, mode) in product(
        _MISSING.items(), _places(whole=True)
    ):
        plan = artifact != "expression"
        if plan and family != "scalar" and size != Frame.MAJOR_AT:
            continue
        named = demand("FRAME-17", "Truncated", f"missing {missing} byte", kind="Execution")
        yield refuse(
            join(f"cut-header-{size}", start, family, mode),
            note.format(size),
            hold(artifact, family, canary(family, python).to_bytes()[:size]),
            named if not plan else (),
            demand("PLAN-13", kind="Execution", of=plan),
            demand("PLAN-18", word, of=plan),
            demand("FRAME-18", f"Python {KIND[family]} payload", of=not plan),
            artifact=artifact,
            receiver=RECEIVERS[mode],
        )


def places(python: Python) -> Iterator[Vector]:
    """Yield another wire version in a frame inside another expression."""
    registered = Receiver(registered=(("scalar", OUTER), ("aggregate", OUTER), ("window", OUTER)))
    frame = replace(canary("scalar", python), wire_version=2)
    for place, around in PLACES.items():
        yield refuse(
            join("wrong-version-2", "in", place),
            "The frame is inside another expression. A decoder that checks only the outermost call "
            "unpickles it.",
            around(call("scalar", frame.to_bytes())),
            demand("FRAME-07", kind="Execution"),
            demand("FRAME-08", "wire-format version v2;"),
            demand("FRAME-11", unpickles=False),
            receiver=registered,
        )
