"""Strict with codecs: a strict session stays strict, whichever codec is installed and when."""

from __future__ import annotations

from functools import partial

import pytest

from conformance import wire
from conformance.catalogue.nodes import Family
from conformance.hostile import canary
from conformance.runner.assertions import (
    assert_equal,
    assert_raises,
    assert_same_bytes,
    assert_true,
    assert_unpickled,
)
from conformance.subjects.interface import Session, Subject
from conformance.subjects.plans import Layer
from conformance.suite.helpers.artifacts import (
    LAYER,
    Artifact,
    assert_multiplies,
    each_artifact,
    encode_by_name,
    encode_inline,
    from_bytes,
    make_call,
    to_bytes,
    with_canary,
    wrap_frames,
)
from conformance.suite.helpers.canaries import assert_unread
from conformance.suite.helpers.codec_setups import (
    ORDERS,
    chain,
    each_codec_setup,
    envelope_path,
    strict_session_with_codec,
)
from conformance.suite.helpers.markers import clause, each_family
from conformance.suite.helpers.same_name_udfs import function_of, times
from conformance.suite.helpers.samples import strict_session

CALLABLE = b"pyarrow.compute"
"""A module name that occurs only in the callable."""

each_order = pytest.mark.parametrize("order", ORDERS)


def _assert_writes_by_name(
    subject: Subject, session: Session, artifact: Artifact, family: Family
) -> None:
    data = to_bytes(subject, artifact, make_call(subject, artifact, family), session)
    seen = [found.data[:7].decode() for found in wire.locate(data).found]
    assert_equal(seen, [], "frames and envelopes in the bytes of a strict session")
    assert_true(
        CALLABLE not in data,
        "the callable is in the bytes of a strict session",
        data,
        kind="wrong-bytes",
    )


def _assert_refuses(subject: Subject, session: Session, artifact: Artifact, data: bytes) -> None:
    assert_raises(partial(from_bytes, subject, artifact, data, session), "a strict session")


def _assert_runs_nothing(
    subject: Subject, artifact: Artifact, session: Session, data: bytes
) -> None:
    assert_unread(partial(from_bytes, subject, artifact, data, session), "a canary payload")


def _assert_triggers_canary(
    subject: Subject, artifact: Artifact, session: Session, data: bytes
) -> None:
    with canary.recording() as events:
        assert_raises(partial(from_bytes, subject, artifact, data, session), "a canary payload")
        assert_unpickled(events, "a canary payload on an inlining session")


@each_codec_setup("CODEC-01")
def test_writes_by_name(
    subject: Subject, way: str, codec: str, order: str, artifact: Artifact, family: Family
) -> None:
    """A strict session with a codec encodes a call.

    It writes no frame, neither bare nor in an envelope.
    """
    setup = strict_session_with_codec(subject, LAYER[artifact], codec, order, way)
    _assert_writes_by_name(subject, setup.session, artifact, family)


@each_codec_setup("CODEC-03")
def test_bare_frame_refused(
    subject: Subject, way: str, codec: str, order: str, artifact: Artifact, family: Family
) -> None:
    """A strict session with a codec decodes a bare frame. It refuses the frame."""
    setup = strict_session_with_codec(subject, LAYER[artifact], codec, order, way)
    _assert_refuses(subject, setup.session, artifact, encode_inline(subject, artifact, family))


@each_codec_setup("CODEC-05")
def test_bare_frame_runs_nothing(
    subject: Subject, way: str, codec: str, order: str, artifact: Artifact, family: Family
) -> None:
    """A strict session with a codec decodes a bare canary frame. The canary records nothing."""
    setup = strict_session_with_codec(subject, LAYER[artifact], codec, order, way)
    data = with_canary(subject, artifact, family)
    _assert_triggers_canary(subject, artifact, subject.session(), data)
    _assert_runs_nothing(subject, artifact, setup.session, data)


@each_codec_setup("CODEC-07")
def test_wrapped_frame_refused(
    subject: Subject, way: str, codec: str, order: str, artifact: Artifact, family: Family
) -> None:
    """A strict session with a codec decodes a frame in that codec's envelope.

    It refuses the frame.
    """
    setup = strict_session_with_codec(subject, LAYER[artifact], codec, order, way)
    ids = envelope_path(subject, LAYER[artifact], codec, setup)
    _assert_refuses(
        subject,
        setup.session,
        artifact,
        wrap_frames(encode_inline(subject, artifact, family), *ids),
    )


@each_codec_setup("CODEC-09")
def test_wrapped_frame_runs_nothing(
    subject: Subject, way: str, codec: str, order: str, artifact: Artifact, family: Family
) -> None:
    """A strict session with a codec decodes a canary frame in that codec's envelope.

    The canary records nothing.
    """
    layer, data = LAYER[artifact], with_canary(subject, artifact, family)
    setup, inlining = (
        strict_session_with_codec(subject, layer, codec, order, way),
        subject.session(),
    )
    reader = chain(subject).install(subject.session(), layer, inlining, "reader")
    _assert_triggers_canary(subject, artifact, reader, wrap_frames(data, "reader"))
    ids = envelope_path(subject, layer, codec, setup)
    _assert_runs_nothing(subject, artifact, setup.session, wrap_frames(data, *ids))


@clause("CODEC-11")
@pytest.mark.parametrize("enabled", [True, False], ids=["inlining-codec", "strict-codec"])
@each_artifact
@each_family
def test_source_stays_strict(
    subject: Subject, family: Family, artifact: Artifact, enabled: bool
) -> None:
    """A codec is installed on a strict session. The source session stays strict."""
    session, codec = strict_session(subject), subject.with_inlining(subject.session(), enabled)
    chain(subject).install(session, LAYER[artifact], codec)
    _assert_writes_by_name(subject, session, artifact, family)
    _assert_refuses(subject, session, artifact, encode_inline(subject, artifact, family))


@clause("CODEC-12")
@pytest.mark.parametrize("enabled", [True, False], ids=["inlining-codec", "strict-codec"])
@each_order
@each_artifact
@each_family
def test_other_layer_stays_strict(
    subject: Subject, family: Family, artifact: Artifact, order: str, enabled: bool
) -> None:
    """A codec is installed on one layer of a strict session. The other layer stays strict."""
    other: Layer = "physical" if LAYER[artifact] == "logical" else "logical"
    setup = strict_session_with_codec(subject, other, "inlining" if enabled else "strict", order)
    _assert_writes_by_name(subject, setup.session, artifact, family)
    _assert_refuses(subject, setup.session, artifact, encode_inline(subject, artifact, family))


@clause("CODEC-13")
@each_artifact
@each_family
def test_inlining_session_writes_as_before(
    subject: Subject, family: Family, artifact: Artifact
) -> None:
    """An inlining session with a strict codec encodes a call.

    It writes the same bytes as without the codec.
    """
    codec = strict_session(subject)
    session = chain(subject).install(subject.session(), LAYER[artifact], codec)
    data = to_bytes(subject, artifact, make_call(subject, artifact, family), session)
    assert_same_bytes(data, encode_inline(subject, artifact, family), "with a strict codec")


@clause("CODEC-14")
@each_artifact
@each_family
def test_inlining_session_reads_as_before(
    subject: Subject, family: Family, artifact: Artifact
) -> None:
    """An inlining session with a strict codec decodes a bare frame. The UDF runs."""
    codec = strict_session(subject)
    session = chain(subject).install(subject.session(), LAYER[artifact], codec)
    call = from_bytes(subject, artifact, encode_inline(subject, artifact, family), session)
    assert_multiplies(subject, artifact, family, call, session)


@clause("CODEC-15")
@each_artifact
@each_family
def test_strict_codec_refuses(subject: Subject, family: Family, artifact: Artifact) -> None:
    """A strict session is the codec of an inlining one.

    It refuses a frame in its envelope and runs nothing.
    """
    codec = strict_session(subject)
    session = chain(subject).install(subject.session(), LAYER[artifact], codec, "strict")
    data, canary_data = (
        encode_inline(subject, artifact, family),
        with_canary(subject, artifact, family),
    )
    _assert_refuses(subject, session, artifact, wrap_frames(data, "strict"))
    _assert_runs_nothing(subject, artifact, session, wrap_frames(canary_data, "strict"))


@clause("CODEC-16")
@pytest.mark.parametrize("codec", ["inlining", "strict"])
@each_order
@each_artifact
@each_family
def test_names_are_the_sessions_own(
    subject: Subject, family: Family, artifact: Artifact, order: str, codec: str
) -> None:
    """A session and its codec's session can both have registrations.

    Only the session's own one resolves a name.
    """
    setup = strict_session_with_codec(subject, LAYER[artifact], codec, order)
    data, session = encode_by_name(subject, artifact, family), setup.session
    subject.register(setup.installed, function_of(subject, times(family, 3)))
    assert_raises(partial(from_bytes, subject, artifact, data, session), "not registered")
    subject.register(session, function_of(subject, times(family, 7)))
    assert_multiplies(
        subject, artifact, family, from_bytes(subject, artifact, data, session), session
    )


@clause("CODEC-17")
@pytest.mark.parametrize("codec", ["inlining", "strict", "nested"])
@each_artifact
@each_family
def test_on_again_is_as_before(
    subject: Subject, family: Family, artifact: Artifact, codec: str
) -> None:
    """A session with a codec is toggled off and on.

    It keeps the codec and encodes and decodes as before.
    """
    layer = LAYER[artifact]
    setup = strict_session_with_codec(subject, layer, codec, "strict-last")
    session = subject.with_inlining(setup.session, True)
    ids = chain(subject).ids(setup.session, layer)
    assert_equal(chain(subject).ids(session, layer), ids, "the ids after on, off, on")
    data, call = encode_inline(subject, artifact, family), make_call(subject, artifact, family)
    assert_same_bytes(to_bytes(subject, artifact, call, session), data, "after on, off, on")
    assert_multiplies(
        subject, artifact, family, from_bytes(subject, artifact, data, session), session
    )


@clause("CODEC-18")
@each_artifact
@each_family
def test_own_id_is_no_codec(subject: Subject, family: Family, artifact: Artifact) -> None:
    """An envelope has the strict session's own id, which is not installed as a codec.

    Decoding raises an error and runs nothing.
    """
    session = strict_session(subject)
    own = f"session:{subject.session_id(session)}"
    data = wrap_frames(with_canary(subject, artifact, family), own)
    _assert_runs_nothing(subject, artifact, session, data)


@clause("CODEC-19")
@each_artifact
@each_family
def test_later_toggle_reaches_no_codec(
    subject: Subject, family: Family, artifact: Artifact
) -> None:
    """A session is toggled after it was installed as a codec. The codec keeps its first setting."""
    data, codec = (
        wrap_frames(encode_inline(subject, artifact, family), "codec"),
        strict_session(subject),
    )
    session = chain(subject).install(subject.session(), LAYER[artifact], codec, "codec")
    toggled = subject.with_inlining(codec, True)
    _assert_refuses(subject, session, artifact, data)
    session = chain(subject).install(subject.session(), LAYER[artifact], toggled, "codec")
    subject.with_inlining(toggled, False)
    assert_multiplies(
        subject, artifact, family, from_bytes(subject, artifact, data, session), session
    )
