"""Strict sessions with an extension codec, installed before or after inlining is turned off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import pytest

from conformance.subjects import current
from conformance.subjects.chain import Bundle, Chain
from conformance.subjects.interface import Session, Subject
from conformance.subjects.plans import Layer
from conformance.suite.helpers.artifacts import LAYER
from conformance.suite.helpers.markers import clause, needs_at, since
from conformance.suite.helpers.samples import SAMPLES, strict_session

CODECS = {
    "inlining": "an inlining session",
    "strict": "a strict session",
    "bare": "the capsule of an inlining session",
    "exported": "an object that exports the codecs of an inlining session",
    "sibling": "the session itself, as it was before inlining was turned off",
    "nested": "a strict session on which an inlining session is installed",
    "stacked": "an inlining session on which another inlining session is installed",
    "dropped": "an inlining session of which only the codec is still referenced",
}
"""The codecs, by the object that is installed as the codec."""

ORDERS = ("strict-first", "strict-last")
"""Whether inlining is turned off before or after the codec is installed."""

WAYS = {
    "setter": [codec for codec in CODECS if codec != "exported"],
    "bundle": [codec for codec in CODECS if codec != "bare"],
}


def each_codec_setup(id_: str) -> pytest.MarkDecorator:
    """Parametrize a case of the clause ``id_`` with every way to install a codec.

    The first two codecs run with all families and artifacts, the others with one family and
    one artifact per layer.
    """
    marks = {"setter": [clause(id_)], "bundle": [clause(id_), since("55.0.0")]}
    return pytest.mark.parametrize(
        ("way", "codec", "order", "artifact", "family"),
        [
            pytest.param(
                way, codec, order, artifact, family, marks=[*marks[way], *needs_at(artifact)]
            )
            for way, codecs in WAYS.items()
            for codec, order, artifact, family in product(codecs, ORDERS, LAYER, SAMPLES)
            if codec in ("inlining", "strict")
            or (family == "scalar" and artifact in ("expression", "physical"))
        ],
    )


@dataclass(frozen=True)
class CodecSetup:
    """A strict session with a codec, and the objects that must live as long as the session."""

    session: Session
    installed: Any
    keepalive: Sequence[Session]


def chain(subject: Subject) -> Chain:
    """Return the subject's extension codecs.

    Call this only in cases whose clause has ``needs = "chain"``.
    """
    assert subject.chain is not None
    return subject.chain


def extend_session(subject: Subject, session: Session, layer: Layer, *codecs: Any) -> Session:
    """Return ``session`` extended by one bundle with all of ``codecs``."""
    return chain(subject).extend(session, Bundle(lambda _: {layer: codecs}))


def strict_session_with_codec(
    subject: Subject, layer: Layer, codec: str, order: str, way: str = "setter"
) -> CodecSetup:
    """Return a session made strict before or after one of ``CODECS`` is installed.

    ``way`` is one of ``WAYS``, ``order`` one of ``ORDERS``.
    """
    source = subject.session()
    installed, keepalive = _make_codec(subject, layer, codec, source)
    session = subject.with_inlining(source, False) if order == "strict-first" else source
    if way == "bundle":
        session = extend_session(subject, session, layer, installed)
    else:
        session = chain(subject).install(session, layer, installed)
    if order == "strict-last":
        session = subject.with_inlining(session, False)
    if codec == "dropped":
        installed = None
    return CodecSetup(session, installed, keepalive)


def _make_codec(
    subject: Subject, layer: Layer, codec: str, source: Session
) -> tuple[Any, Sequence[Session]]:
    inlining = subject.session()
    if codec == "strict":
        return subject.with_inlining(inlining, False), [inlining]
    if codec == "bare":
        return chain(subject).capsule(inlining, layer), [inlining]
    if codec == "exported":
        return chain(subject).make_exporter(inlining, "my_library.Codec"), [inlining]
    if codec == "sibling":
        return source, []
    if codec in ("nested", "stacked"):
        outer = strict_session(subject) if codec == "nested" else subject.session()
        return chain(subject).install(outer, layer, inlining), [inlining]
    return inlining, []


def envelope_path(subject: Subject, layer: Layer, codec: str, setup: CodecSetup) -> list[str]:
    """Return the envelope ids on the path to the inlining codec, the outermost first."""
    sessions = [
        setup.session,
        *([setup.installed] if codec in ("nested", "stacked") else []),
    ]
    return [chain(subject).ids(session, layer)[-1] for session in sessions]


def anonymous_ids(layer: Layer) -> list[str]:
    """Install three bare capsules in this process; return their ids."""
    engine = current.subject()
    session = engine.session()
    for _ in range(3):
        session = chain(engine).install(session, layer, chain(engine).capsule(session, layer))
    return list(chain(engine).ids(session, layer))
