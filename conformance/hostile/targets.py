"""Readers of hostile bytes: an implementation's decoders by level.

The other readers are this project's own.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from conformance.catalogue import ENTRIES
from conformance.catalogue.queries import QUERIES
from conformance.catalogue.source import compile_udf
from conformance.golden.cases import CODEC_ID
from conformance.hostile.seeds import LEVELS, Level
from conformance.subjects.interface import Session, Subject
from conformance.subjects.plans import Layer

READERS = "conformance.hostile.targets:readers"
"""The target that is our own room ``wire/``."""

Decode = Callable[[bytes], Any]


@dataclass(frozen=True)
class Target:
    """Decoders by level and mode, each called for every input of its level.

    In the mode ``strict`` nothing may be unpickled. ``refusal`` is the class of
    what a decoder may raise.
    """

    name: str
    decoders: Mapping[Level, Mapping[str, Decode]]
    versions: Mapping[str, str]
    refusal: type[BaseException] = Exception
    python: tuple[int, int] = sys.version_info[:2]

    @property
    def modes(self) -> tuple[str, ...]:
        """The modes, the same on every level."""
        return tuple(next(iter(self.decoders.values())))


def load_target(spec: str) -> Target:
    """Return the target that ``module:factory`` makes, be it a ``Target`` or a subject."""
    module, _, factory = spec.partition(":")
    made = getattr(importlib.import_module(module), factory)()
    return made if isinstance(made, Target) else subject_target(made)


def subject_target(subject: Subject) -> Target:
    """Return a subject's strict and inlining sessions, with every UDF of the catalogue registered.

    The levels of a chain have a session with one codec; where there are no
    codecs, one without. What the subject has no plans for is read as an expression.
    """
    inlining = subject.session()
    _register(subject, inlining)
    sessions = {"strict": subject.with_inlining(inlining, False), "inlining": inlining}
    chained = {mode: _chained(subject, session) for mode, session in sessions.items()}
    decoders = {
        level: {
            mode: _decoder(subject, level, session)
            for mode, session in (chained if "chain" in level else sessions).items()
        }
        for level in LEVELS
    }
    return Target(subject.name, decoders, dict(subject.versions()))


def _register(subject: Subject, session: Session) -> None:
    udfs = [udf for entry in ENTRIES.values() for udf in entry.udfs]
    for udf in (*udfs, *(udf for query in QUERIES.values() for udf in query.udfs)):
        # Some are in the catalogue because an engine does not take them.
        with suppress(Exception):
            subject.register(session, subject.function(udf, compile_udf(udf, subject.bases)))


def _chained(subject: Subject, session: Session) -> Session:
    """``session`` with a codec on its layers: another session of the same mode."""
    if subject.chain is None:
        return session
    layers: tuple[Layer, ...] = ("logical", "physical") if subject.plans else ("logical",)
    chained = session
    for layer in layers:
        try:
            chained = subject.chain.install(chained, layer, session, CODEC_ID)
        except TypeError:
            return session  # engines before 55 know no ids
    return chained


def _decoder(subject: Subject, level: Level, session: Session) -> Decode:
    layer = level.removeprefix("chain-")
    if subject.plans is None or layer == "expression":
        return lambda data: subject.from_bytes(data, session)
    return partial(subject.plans.from_bytes, layer, session)  # type: ignore[arg-type]


def readers() -> Target:
    """Our own readers: whatever the level, they show what is in it, or raise a ``WireError``."""
    from conformance import __version__, wire

    decoders: dict[str, Decode] = {
        "inspect": wire.disassemble,
        "listing": partial(wire.disassemble, short=True),
    }
    versions = {"wire": __version__}
    return Target("wire", dict.fromkeys(LEVELS, decoders), versions, wire.WireError)
