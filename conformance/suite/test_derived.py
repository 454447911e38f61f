"""Derived sessions: every public method that returns a session keeps the toggle."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from conformance import wire
from conformance.catalogue.nodes import Family
from conformance.hostile import canary
from conformance.runner.assertions import (
    assert_equal,
    assert_message_contains,
    assert_nothing_unpickled,
    assert_raises,
    assert_same_bytes,
    assert_true,
    assert_unpickled,
)
from conformance.subjects.interface import Session, Subject
from conformance.suite.helpers.artifacts import (
    Artifact,
    assert_multiplies,
    each_artifact,
    encode_by_name,
    encode_inline,
    from_bytes,
    make_call,
    to_bytes,
    with_canary,
)
from conformance.suite.helpers.markers import at_artifacts, clause, each_family, each_receiver
from conformance.suite.helpers.same_name_udfs import ROWS, function_of, times
from conformance.suite.helpers.samples import receiver, strict_session

REFUSAL = "inlining is disabled on this session"
SINGLE_METHODS = (
    "enable_url_table",
    "with_extensions",
    "with_logical_extension_codec",
    "with_physical_extension_codec",
)
"""Methods with cases of their own, so that a failure of one does not hide the others."""
OTHER_METHODS = "any-other"
each_method = pytest.mark.parametrize("method", [*SINGLE_METHODS, OTHER_METHODS])


def _derive(subject: Subject, session: Session, method: str) -> Iterator[tuple[str, Session]]:
    """Yield the sessions that ``method`` derives from ``session``, with names of methods.

    ``OTHER_METHODS`` means all methods that are not in ``SINGLE_METHODS``. A method that
    the subject lacks yields nothing.
    """
    for name, derive in subject.derivations(session).items():
        if name == method or (method == OTHER_METHODS and name not in SINGLE_METHODS):
            yield name, derive()


def _count_frames(subject: Subject, session: Session, artifact: Artifact, family: Family) -> int:
    """Return the number of frames and envelopes that ``session`` writes."""
    data = to_bytes(subject, artifact, make_call(subject, artifact, family), session)
    return len(wire.locate(data).found)


def _assert_refuses(
    subject: Subject, session: Session, artifact: Artifact, data: bytes, what: str
) -> None:
    error = assert_raises(partial(from_bytes, subject, artifact, data, session), what)
    assert_message_contains(error, [REFUSAL], what)


@clause("DERIVED-01")
@each_receiver
@each_method
def test_gives_a_session(subject: Subject, method: str, mode: str) -> None:
    """A method derives a session, which is then toggled.

    It writes no frame when strict and one when inlining, whatever its source did.
    """
    source = receiver(subject, mode)
    for name, session in _derive(subject, source, method):
        for enabled, frames in ((False, 0), (True, 1)):
            toggled = subject.with_inlining(session, enabled)
            seen = _count_frames(subject, toggled, "expression", "scalar")
            assert_equal(seen, frames, f"the frames of a session from {name}, toggled")


@clause("DERIVED-02")
@each_method
@each_artifact
@each_family
def test_strict_writes_by_name(
    subject: Subject, family: Family, artifact: Artifact, method: str
) -> None:
    """A method derives a session from a strict one. The derived session writes no frame."""
    source = strict_session(subject)
    for name, session in _derive(subject, source, method):
        assert_equal(
            _count_frames(subject, session, artifact, family),
            0,
            f"the frames of a session from strict, {name}",
        )


@clause("DERIVED-03")
@each_method
@each_artifact
@each_family
def test_strict_refuses(subject: Subject, family: Family, artifact: Artifact, method: str) -> None:
    """A method derives a session from a strict one. The derived session refuses a frame."""
    source, data = strict_session(subject), encode_inline(subject, artifact, family)
    for name, session in _derive(subject, source, method):
        _assert_refuses(subject, session, artifact, data, f"strict, {name}")


@clause("DERIVED-04")
@each_method
@each_artifact
@each_family
def test_strict_runs_nothing(
    subject: Subject, family: Family, artifact: Artifact, method: str
) -> None:
    """A method derives a session from a strict one.

    A canary payload records nothing on it, unlike on an inlining session.
    """
    source, data = strict_session(subject), with_canary(subject, artifact, family)
    with canary.recording() as events:
        assert_raises(partial(from_bytes, subject, artifact, data, subject.session()), "inlining")
        assert_unpickled(events, "an inlining session")
    for name, session in _derive(subject, source, method):
        with canary.recording() as events:
            assert_raises(partial(from_bytes, subject, artifact, data, session), f"strict, {name}")
            assert_nothing_unpickled(events, f"from strict, {name}")


@clause("DERIVED-05")
@each_method
@each_artifact
@each_family
def test_inlining_writes_the_same(
    subject: Subject, family: Family, artifact: Artifact, method: str
) -> None:
    """A method derives a session from an inlining one. Both write the same bytes."""
    source, call = subject.session(), make_call(subject, artifact, family)
    for name, session in _derive(subject, source, method):
        data = to_bytes(subject, artifact, call, session)
        assert_same_bytes(data, encode_inline(subject, artifact, family), f"inlining, {name}")


@clause("DERIVED-06")
@each_method
@each_artifact
@each_family
def test_inlining_decodes(
    subject: Subject, family: Family, artifact: Artifact, method: str
) -> None:
    """A method derives a session from an inlining one.

    The derived session decodes a frame, and the UDF runs.
    """
    source, data = subject.session(), encode_inline(subject, artifact, family)
    for _, session in _derive(subject, source, method):
        assert_multiplies(
            subject, artifact, family, from_bytes(subject, artifact, data, session), session
        )


@clause("DERIVED-07")
@each_method
@each_artifact
@each_receiver
def test_source_stays_as_it_is(
    subject: Subject, mode: str, artifact: Artifact, method: str
) -> None:
    """A method derives a session. The source session keeps its setting."""
    source, data = receiver(subject, mode), encode_inline(subject, artifact, "scalar")
    for name, _ in _derive(subject, source, method):
        expected = 0 if mode == "strict" else 1
        assert_equal(
            _count_frames(subject, source, artifact, "scalar"),
            expected,
            f"the frames of the source after {name}",
        )
        if mode == "strict":
            decode = partial(from_bytes, subject, artifact, data, source)
            assert_raises(decode, f"strict, after {name}")
        else:
            assert_multiplies(
                subject, artifact, "scalar", from_bytes(subject, artifact, data, source), source
            )


@clause("DERIVED-08")
@pytest.mark.parametrize("artifact", at_artifacts(["expression", "physical"]))
@pytest.mark.parametrize("then", [*SINGLE_METHODS, OTHER_METHODS])
@each_method
def test_two_deep(subject: Subject, method: str, then: str, artifact: Artifact) -> None:
    """Two methods derive a session from a strict one in turn. The last session is strict."""
    source, data = strict_session(subject), encode_inline(subject, artifact, "scalar")
    for name, between in _derive(subject, source, method):
        for last, session in _derive(subject, between, then):
            what = f"strict, {name}, {last}"
            assert_equal(
                _count_frames(subject, session, artifact, "scalar"),
                0,
                f"the frames of a session from {what}",
            )
            _assert_refuses(subject, session, artifact, data, what)


@clause("DERIVED-09")
@each_method
@each_receiver
@each_artifact
@each_family
def test_registered_before(
    subject: Subject, family: Family, artifact: Artifact, mode: str, method: str
) -> None:
    """A UDF is registered on the source before a method derives a session.

    The derived session resolves its name.
    """
    source, udf = receiver(subject, mode), times(family, 7)
    subject.register(source, function_of(subject, udf))
    data = encode_by_name(subject, artifact, family)
    for _, session in _derive(subject, source, method):
        assert_multiplies(
            subject, artifact, family, from_bytes(subject, artifact, data, session), session
        )


@clause("DERIVED-10")
@pytest.mark.parametrize("method", [name for name in SINGLE_METHODS if name.startswith("with_")])
@each_receiver
@each_family
def test_registered_afterwards(subject: Subject, family: Family, mode: str, method: str) -> None:
    """UDFs and tables are registered on either session after the derivation.

    Both sessions have them.
    """
    source, udf = receiver(subject, mode), times(family, 7)
    data = encode_by_name(subject, "expression", family)
    for _, session in _derive(subject, source, method):
        for giving, taking in ((source, session), (session, source)):
            subject.register(giving, function_of(subject, udf))
            decoded = subject.from_bytes(data, taking)
            assert_multiplies(subject, "expression", family, decoded, taking)
            subject.deregister(taking, function_of(subject, udf))
            assert_raises(partial(subject.from_bytes, data, giving), "deregistered")
        subject.add_table(source, "ours", ROWS[0])
        subject.add_table(session, "theirs", ROWS[0])
        there = subject.has_table(session, "ours")
        assert_true(there, f"{method}: the derived session lacks the source's table")
        there = subject.has_table(source, "theirs")
        assert_true(there, f"{method}: the source lacks the derived session's table")


@clause("DERIVED-11")
@each_method
def test_global_session_stays_as_it_is(subject: Subject, method: str) -> None:
    """A method derives a session from a strict one. The global session still inlines."""
    source, data = strict_session(subject), encode_inline(subject, "expression", "scalar")
    for _ in _derive(subject, source, method):
        session = subject.global_session()
        assert_multiplies(subject, "expression", "scalar", subject.from_bytes(data), session)
        assert_equal(
            _count_frames(subject, session, "expression", "scalar"),
            1,
            "the frames of the global session",
        )


COPIES: dict[str, Callable[[Any], Any]] = {
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "pickle": lambda session: pickle.loads(pickle.dumps(session)),
}


@clause("DERIVED-12")
@pytest.mark.parametrize("how", list(COPIES))
@each_artifact
@each_family
def test_a_copy_is_as_strict(
    subject: Subject, family: Family, artifact: Artifact, how: str
) -> None:
    """Python copies a strict session. The copy is strict, or copying raises an error."""
    source = strict_session(subject)
    try:
        session = COPIES[how](source)
    except (TypeError, pickle.PicklingError):
        return
    assert_equal(_count_frames(subject, session, artifact, family), 0, f"the frames of a {how}")
    _assert_refuses(
        subject, session, artifact, encode_inline(subject, artifact, family), f"a {how}"
    )
