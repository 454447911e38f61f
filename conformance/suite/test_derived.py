"""Derived sessions: whatever public method gives a session, it keeps the toggle."""

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
    assert_unresolved,
)
from conformance.subjects.interface import Session, Subject
from conformance.suite.helpers.artifacts import (
    Level,
    each_level,
    from_bytes,
    inline,
    named,
    runs,
    shipped,
    to_bytes,
    with_canary,
)
from conformance.suite.helpers.same_name_udfs import ROWS, function_of, times
from conformance.suite.helpers.tools import (
    at_levels,
    clause,
    each_family,
    each_receiver,
    receiver,
    strict,
)

REFUSAL = "inlining is disabled on this session"
KNOWN = (
    "enable_url_table",
    "with_extensions",
    "with_logical_extension_codec",
    "with_physical_extension_codec",
)
"""Methods with cases of their own, so that what one breaks does not hide the others."""
OTHER = "any-other"
each_method = pytest.mark.parametrize("method", [*KNOWN, OTHER])


def _derived(subject: Subject, session: Session, method: str) -> Iterator[tuple[str, Session]]:
    """What ``method``, if there is one, derives from ``session``, or each that is not known."""
    for name, derive in subject.derivations(session).items():
        if name == method or (method == OTHER and name not in KNOWN):
            yield name, derive()


def _frames(subject: Subject, session: Session, level: Level, family: Family) -> int:
    """How many frames and envelopes ``session`` writes."""
    data = to_bytes(subject, level, shipped(subject, level, family), session)
    return len(wire.locate(data).found)


def _refuses(subject: Subject, session: Session, level: Level, data: bytes, what: str) -> None:
    error = assert_raises(partial(from_bytes, subject, level, data, session), what)
    assert_message_contains(error, [REFUSAL], what)


@clause("DERIVED-01")
@each_method
def test_gives_a_session(subject: Subject, method: str) -> None:
    """What a method gives has the toggle: strict or not, it can be switched off and on."""
    source = subject.session()
    for name, session in _derived(subject, source, method):
        for enabled, frames in ((False, 0), (True, 1)):
            toggled = subject.with_inlining(session, enabled)
            seen = _frames(subject, toggled, "expression", "scalar")
            assert_equal(seen, frames, f"frames by {name}, then the toggle")


@clause("DERIVED-02")
@each_method
@each_level
@each_family
def test_strict_writes_by_name(subject: Subject, family: Family, level: Level, method: str) -> None:
    """What is derived from a strict session writes no frame."""
    source = strict(subject)
    for name, session in _derived(subject, source, method):
        assert_equal(_frames(subject, session, level, family), 0, f"frames from strict, {name}")


@clause("DERIVED-03")
@each_method
@each_level
@each_family
def test_strict_refuses(subject: Subject, family: Family, level: Level, method: str) -> None:
    """What is derived from a strict session refuses a frame."""
    source, data = strict(subject), inline(subject, level, family)
    for name, session in _derived(subject, source, method):
        _refuses(subject, session, level, data, f"strict, {name}")


@clause("DERIVED-04")
@each_method
@each_level
@each_family
def test_strict_runs_nothing(subject: Subject, family: Family, level: Level, method: str) -> None:
    """What is derived from a strict session runs nothing of a frame; an inlining one does."""
    source, data = strict(subject), with_canary(subject, level, family)
    with canary.recording() as events:
        assert_raises(partial(from_bytes, subject, level, data, subject.session()), "inlining")
        assert_unpickled(events, "an inlining session")
    for name, session in _derived(subject, source, method):
        with canary.recording() as events:
            assert_raises(partial(from_bytes, subject, level, data, session), f"strict, {name}")
            assert_nothing_unpickled(events, f"from strict, {name}")


@clause("DERIVED-05")
@each_method
@each_level
@each_family
def test_inlining_writes_the_same(
    subject: Subject, family: Family, level: Level, method: str
) -> None:
    """What is derived from an inlining session writes what that writes, to the byte."""
    source, call = subject.session(), shipped(subject, level, family)
    for name, session in _derived(subject, source, method):
        data = to_bytes(subject, level, call, session)
        assert_same_bytes(data, inline(subject, level, family), f"inlining, {name}")


@clause("DERIVED-06")
@each_method
@each_level
@each_family
def test_inlining_decodes(subject: Subject, family: Family, level: Level, method: str) -> None:
    """What is derived from an inlining session decodes a frame, and its UDF runs."""
    source, data = subject.session(), inline(subject, level, family)
    for _, session in _derived(subject, source, method):
        runs(subject, level, family, from_bytes(subject, level, data, session), session)


@clause("DERIVED-07")
@each_method
@each_level
@each_receiver
def test_source_stays_as_it_is(subject: Subject, mode: str, level: Level, method: str) -> None:
    """The session from which others were derived is as strict, or as inlining, as before."""
    source, data = receiver(subject, mode), inline(subject, level, "scalar")
    for name, _ in _derived(subject, source, method):
        expected = 0 if mode == "strict" else 1
        assert_equal(_frames(subject, source, level, "scalar"), expected, f"frames after {name}")
        if mode == "strict":
            _refuses(subject, source, level, data, f"strict, after {name}")
        else:
            runs(subject, level, "scalar", from_bytes(subject, level, data, source), source)


@clause("DERIVED-08")
@pytest.mark.parametrize("level", at_levels(["expression", "physical"]))
@pytest.mark.parametrize("then", [*KNOWN, OTHER])
@each_method
def test_two_deep(subject: Subject, method: str, then: str, level: Level) -> None:
    """What is derived from what was derived from a strict session is strict."""
    source, data = strict(subject), inline(subject, level, "scalar")
    for name, between in _derived(subject, source, method):
        for last, session in _derived(subject, between, then):
            what = f"strict, {name}, {last}"
            assert_equal(_frames(subject, session, level, "scalar"), 0, f"frames from {what}")
            _refuses(subject, session, level, data, what)


@clause("DERIVED-09")
@each_method
@each_receiver
@each_level
@each_family
def test_registered_before(
    subject: Subject, family: Family, level: Level, mode: str, method: str
) -> None:
    """What was registered on the source resolves on the derived session."""
    source, udf = receiver(subject, mode), times(family, 7)
    subject.register(source, function_of(subject, udf))
    data = named(subject, level, family)
    for _, session in _derived(subject, source, method):
        runs(subject, level, family, from_bytes(subject, level, data, session), session)


@clause("DERIVED-10")
@pytest.mark.parametrize("method", [name for name in KNOWN if name.startswith("with_")])
@each_receiver
@each_family
def test_registered_afterwards(subject: Subject, family: Family, mode: str, method: str) -> None:
    """A UDF and a table that are registered later on either session are there on both."""
    source, udf = receiver(subject, mode), times(family, 7)
    data = named(subject, "expression", family)
    ((_, session),) = _derived(subject, source, method)
    for giving, taking in ((source, session), (session, source)):
        subject.register(giving, function_of(subject, udf))
        runs(subject, "expression", family, subject.from_bytes(data, taking), taking)
        subject.deregister(taking, function_of(subject, udf))
        assert_unresolved(partial(subject.from_bytes, data, giving), "times", "deregistered")
    subject.add_table(source, "ours", ROWS[0])
    subject.add_table(session, "theirs", ROWS[0])
    assert_true(subject.has_table(session, "ours"), f"{method}: no table of the source")
    assert_true(subject.has_table(source, "theirs"), f"{method}: no table of the derived one")


@clause("DERIVED-11")
@each_method
def test_global_session_stays_as_it_is(subject: Subject, method: str) -> None:
    """Nothing that is derived from a strict session turns the global one strict."""
    source, data = strict(subject), inline(subject, "expression", "scalar")
    for _ in _derived(subject, source, method):
        session = subject.global_session()
        runs(subject, "expression", "scalar", subject.from_bytes(data), session)
        assert_equal(_frames(subject, session, "expression", "scalar"), 1, "frames, globally")


COPIES: dict[str, Callable[[Any], Any]] = {
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "pickle": lambda session: pickle.loads(pickle.dumps(session)),
}


@clause("DERIVED-12")
@pytest.mark.parametrize("how", list(COPIES))
@each_level
@each_family
def test_a_copy_is_as_strict(subject: Subject, family: Family, level: Level, how: str) -> None:
    """Python's own copy of a strict session is strict, or there is none."""
    source = strict(subject)
    try:
        session = COPIES[how](source)
    except (TypeError, pickle.PicklingError):
        return
    assert_equal(_frames(subject, session, level, family), 0, f"frames from a {how}")
    _refuses(subject, session, level, inline(subject, level, family), f"a {how}")
