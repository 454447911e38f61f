"""Strict sessions with an extension codec: which one, installed how, before or after the toggle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import pytest

from conformance.subjects.chain import Bundle, Chain
from conformance.subjects.interface import Session, Subject
from conformance.subjects.plans import Layer
from conformance.suite.helpers.artifacts import LAYER
from conformance.suite.helpers.markers import clause, needs_at, since
from conformance.suite.helpers.samples import SAMPLES, strict_session

CODECS = {
    "inlining": "a session that inlines",
    "strict": "a session that does not",
    "bare": "the capsule of a session that inlines",
    "exported": "an object with the codecs of a session that inlines",
    "sibling": "the session itself, as it was before the toggle",
    "nested": "a strict session on which a session that inlines is installed",
    "stacked": "a session that inlines on which another one that does is installed",
    "dropped": "a session that inlines and of which nothing but its codec is left",
}
ORDERS = ("strict-first", "strict-last")


WAYS = {
    "setter": [codec for codec in CODECS if codec != "exported"],
    "bundle": [codec for codec in CODECS if codec != "bare"],
}


def each_codec_setup(id_: str) -> pytest.MarkDecorator:
    """Parametrize a case of the clause ``id_`` with every way to install a codec.

    The first two codecs get all families and levels, the others one family and both layers.
    """
    marks = {"setter": [clause(id_)], "bundle": [clause(id_), since("55.0.0")]}
    return pytest.mark.parametrize(
        ("way", "codec", "order", "level", "family"),
        [
            pytest.param(way, codec, order, level, family, marks=[*marks[way], *needs_at(level)])
            for way, codecs in WAYS.items()
            for codec, order, level, family in product(codecs, ORDERS, LAYER, SAMPLES)
            if codec in ("inlining", "strict")
            or (family == "scalar" and level in ("expression", "physical"))
        ],
    )


@dataclass(frozen=True)
class CodecSetup:
    """A strict session with a codec, and what must live for as long as it is used."""

    session: Session
    installed: Any
    kept: Sequence[Session]


def chain(subject: Subject) -> Chain:
    """Return the subject's extension codecs; the clauses of whom asks need them."""
    assert subject.chain is not None
    return subject.chain


def extend_session(subject: Subject, session: Session, layer: Layer, *codecs: Any) -> Session:
    """``session`` with ``codecs``, all brought by one bundle."""
    return chain(subject).extend(session, Bundle(lambda _: {layer: codecs}))


def strict_session_with_codec(
    subject: Subject, layer: Layer, codec: str, order: str, way: str = "setter"
) -> CodecSetup:
    """Return a session made strict before or after it got one of ``CODECS``, by one of ``WAYS``."""
    source = subject.session()
    installed, kept = _codec(subject, layer, codec, source)
    session = subject.with_inlining(source, False) if order == "strict-first" else source
    if way == "bundle":
        session = extend_session(subject, session, layer, installed)
    else:
        session = chain(subject).install(session, layer, installed)
    if order == "strict-last":
        session = subject.with_inlining(session, False)
    if codec == "dropped":
        installed = None
    return CodecSetup(session, installed, kept)


def _codec(
    subject: Subject, layer: Layer, codec: str, source: Session
) -> tuple[Any, Sequence[Session]]:
    inlining = subject.session()
    if codec == "strict":
        return subject.with_inlining(inlining, False), [inlining]
    if codec == "bare":
        return chain(subject).capsule(inlining, layer), [inlining]
    if codec == "exported":
        return chain(subject).exported(inlining, "my_library.Codec"), [inlining]
    if codec == "sibling":
        return source, []
    if codec in ("nested", "stacked"):
        outer = strict_session(subject) if codec == "nested" else subject.session()
        return chain(subject).install(outer, layer, inlining), [inlining]
    return inlining, []


def envelope_path(subject: Subject, layer: Layer, codec: str, arrangement: CodecSetup) -> list[str]:
    """Return the ids by which envelopes lead to the codec that inlines, the outermost first."""
    sessions = [
        arrangement.session,
        *([arrangement.installed] if codec in ("nested", "stacked") else []),
    ]
    return [chain(subject).ids(session, layer)[-1] for session in sessions]
