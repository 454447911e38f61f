"""Sessions with codecs, the envelopes that they read, and how they refuse one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import pytest

from conformance.runner.assertions import assert_message_contains, assert_raises, assert_true
from conformance.subjects.interface import Session, Subject
from conformance.subjects.plans import Layer
from conformance.suite.helpers.artifacts import LAYER, Artifact, from_bytes
from conformance.suite.helpers.codec_setups import chain, extend_session
from conformance.suite.helpers.samples import receiver

CODEC = "codec"
"""The id in handmade envelopes: bytes 12 to 16 of the envelope."""

each_way = pytest.mark.parametrize("way", ["setter", "bundle"])


def install_sessions(
    subject: Subject, session: Session, layer: Layer, way: str, *codecs: tuple[str, Session]
) -> Session:
    """Return ``session`` with sessions installed as codecs, one by one or in one bundle."""
    if way == "bundle":
        exported = [
            chain(subject).make_exporter(codec, "any.Codec", name) for name, codec in codecs
        ]
        return extend_session(subject, session, layer, *exported)
    for name, codec in codecs:
        session = chain(subject).install(session, layer, codec, name)
    return session


def make_reader(
    subject: Subject, artifact: Artifact, mode: str = "inlining"
) -> tuple[Session, Session]:
    """Return a session with an inlining codec under the id ``CODEC``, and that codec."""
    codec = subject.session()
    session = chain(subject).install(receiver(subject, mode), LAYER[artifact], codec, CODEC)
    return session, codec


def assert_raises_type(
    call: Callable[[], Any], kind: type[Exception], parts: Iterable[str]
) -> None:
    """Assert that ``call`` raises an error of this type whose message holds all ``parts``."""
    error = assert_raises(call, kind.__name__, any_error=True)
    assert_true(
        isinstance(error, kind),
        f"expected a {kind.__name__}, got a {type(error).__name__}",
        f"{type(error).__name__}: {error}",
        kind="wrong-error-kind",
    )
    assert_message_contains(error, parts, kind.__name__)


def assert_refuses(
    subject: Subject, artifact: Artifact, data: bytes, session: Session, parts: Iterable[str]
) -> None:
    """Assert that the session refuses ``data``; the message holds all ``parts``."""
    error = assert_raises(partial(from_bytes, subject, artifact, data, session), "an envelope")
    assert_message_contains(error, parts, "an envelope")
