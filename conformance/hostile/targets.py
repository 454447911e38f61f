"""Targets for hostile bytes: the decoders of a subject, or this project's own readers."""

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
from conformance.subjects.loading import check_methods
from conformance.subjects.plans import Layer

READERS = "conformance.hostile.targets:readers"
"""The target for this project's own readers, ``conformance.wire``."""

Decode = Callable[[bytes], Any]


@dataclass(frozen=True)
class Target:
    """Decoders by level and mode; each decodes every input of its level.

    In the mode ``strict`` nothing may be unpickled. ``refusal`` is the class of the exceptions
    that a decoder may raise.
    """

    name: str
    decoders: Mapping[Level, Mapping[str, Decode]]
    versions: Mapping[str, str]
    refusal: type[BaseException] = Exception
    python: tuple[int, int] = sys.version_info[:2]

    @property
    def modes(self) -> tuple[str, ...]:
        """The modes, which all levels share."""
        return tuple(next(iter(self.decoders.values())))


def load_target(spec: str) -> Target:
    """Return the target that ``module:factory`` makes; the factory may also make a subject."""
    module, _, factory = spec.partition(":")
    made = getattr(importlib.import_module(module), factory)()
    if isinstance(made, Target):
        return made
    check_methods(made, spec)
    return subject_target(made)


def subject_target(subject: Subject) -> Target:
    """Return a target with a strict and an inlining session that know every UDF of the catalogue.

    Chain levels use a session with one codec, if the subject supports codecs. A subject without
    plans decodes the inputs of plan levels as expressions.
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
        # Engines refuse some UDFs of the catalogue.
        with suppress(Exception):
            subject.register(session, subject.function(udf, compile_udf(udf, subject.bases)))


def _chained(subject: Subject, session: Session) -> Session:
    """Return a session of the same mode with a codec on each layer."""
    if subject.chain is None:
        return session
    layers: tuple[Layer, ...] = ("logical", "physical") if subject.plans else ("logical",)
    chained = session
    for layer in layers:
        try:
            chained = subject.chain.install(chained, layer, session, CODEC_ID)
        except TypeError:
            return session  # engines before 55 have no codec ids
    return chained


def _decoder(subject: Subject, level: Level, session: Session) -> Decode:
    layer = level.removeprefix("chain-")
    if subject.plans is None or layer == "expression":
        return lambda data: subject.from_bytes(data, session)
    return partial(subject.plans.from_bytes, layer, session)  # type: ignore[arg-type]


def readers() -> Target:
    """Return this project's own readers: they read any input, or raise ``WireError``."""
    from conformance import __version__, inspection, wire

    decoders: dict[str, Decode] = {
        "inspect": lambda data: inspection.summary(inspection.inspect(data), "-"),
        "listing": wire.listing,
    }
    versions = {"wire": __version__}
    return Target("wire", dict.fromkeys(LEVELS, decoders), versions, wire.WireError)
