"""Slots: which session encodes and decodes, and how a slot is set and cleared."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest

from conformance import wire
from conformance.catalogue.nodes import Family, Udf
from conformance.runner.assertions import assert_equal, assert_raises, assert_succeeds, assert_true
from conformance.subjects.interface import Expression, Session, Slot, Subject
from conformance.suite.helpers import slot_table
from conformance.suite.helpers.codec import slot_mode
from conformance.suite.helpers.markers import SLOTS, clause, each_family, each_slot
from conformance.suite.helpers.same_name_udfs import (
    call_of,
    evaluate_rows,
    expected_values,
    function_of,
    times,
)
from conformance.suite.helpers.samples import receiver, sample, sample_function, strict_session

MODES = {"i": "inlining", "s": "strict"}
PLACES = ("explicit", "sender", "worker")


FACTORS = {"explicit": 2, "sender": 3, "worker": 5, "global": 11}
"""The factors of each place's UDF ``times``: a result shows which session decoded."""


def _row_params(table: str) -> list[Any]:
    return [
        pytest.param(
            row,
            marks=clause(row["clause"]),
            id="".join(row[place] for place in PLACES),
        )
        for row in slot_table.parse_rows(table)
    ]


def _clause_params(table: str) -> list[Any]:
    """Return the rows of each clause that have a session in some place."""
    rows = [
        row for row in slot_table.parse_rows(table) if {row[place] for place in PLACES} != {"-"}
    ]
    return [
        pytest.param([row for row in rows if row["clause"] == id_], marks=clause(id_), id=id_)
        for id_ in dict.fromkeys(row["clause"] for row in rows)
    ]


def _fill_places(
    subject: Subject, row: dict[str, str], source: Session | None = None
) -> dict[str, Session]:
    """Return the sessions of a row of the table, and fill the slots with them.

    They are new sessions, or handles of ``source`` with inlining on or off.
    """
    places = {
        place: receiver(subject, MODES[row[place]])
        if source is None
        else subject.with_inlining(source, row[place] == "i")
        for place in PLACES
        if row[place] != "-"
    }
    for slot in SLOTS:
        if slot in places:
            subject.set_slot(slot, places[slot])
    return places


def _form_in(data: bytes) -> str:
    return "frame" if wire.find(data) else "name"


@pytest.mark.parametrize("row", _row_params(slot_table.ENCODE))
@each_family
def test_who_encodes(subject: Subject, family: Family, row: dict[str, str]) -> None:
    """The explicit session encodes, else the sender slot's, else an inlining one, by the table."""
    _assert_encodes(subject, family, row, _fill_places(subject, row))


def _assert_encodes(
    subject: Subject, family: Family, row: dict[str, str], places: dict[str, Session]
) -> None:
    expr, explicit = sample(subject, family), places.get("explicit")
    if explicit is not None:
        assert_equal(_form_in(subject.to_bytes(expr, explicit)), row["to_bytes"], "to_bytes")
        return
    for protocol in range(3, pickle.HIGHEST_PROTOCOL + 1):
        assert_equal(_form_in(pickle.dumps(expr, protocol)), row["dumps"], f"protocol {protocol}")


each_source = pytest.mark.parametrize("source", ["new", "global"])


def _fill_with_handles(
    subject: Subject, source: str, rows: list[dict[str, str]]
) -> Iterator[tuple[dict[str, str], dict[str, Session]]]:
    """Yield each row while the slots are filled with handles of one session, and those."""
    session = subject.global_session() if source == "global" else subject.session()
    for row in rows:
        places = _fill_places(subject, row, session)
        yield row, places
        for slot in SLOTS:
            if slot in places:
                subject.clear_slot(slot)


@each_source
@pytest.mark.parametrize("rows", _clause_params(slot_table.ENCODE))
def test_who_encodes_of_one_session(
    subject: Subject, rows: list[dict[str, str]], source: str
) -> None:
    """All places hold handles of one session, which is new or global. The table applies."""
    for row, places in _fill_with_handles(subject, source, rows):
        _assert_encodes(subject, "scalar", row, places)


@clause("SLOT-03")
@pytest.mark.parametrize(
    "row",
    [row for row in slot_table.parse_rows(slot_table.ENCODE) if row["explicit"] == "-"],
    ids=lambda row: row["sender"] + row["worker"],
)
@each_family
def test_who_encodes_without_argument(
    subject: Subject, family: Family, row: dict[str, str]
) -> None:
    """to_bytes without a session uses the sender slot, as pickle does."""
    _fill_places(subject, row)
    assert_equal(_form_in(subject.to_bytes(sample(subject, family))), row["to_bytes"], "to_bytes()")


@contextmanager
def _registered_globally(subject: Subject, family: Family, factor: int) -> Iterator[None]:
    function = function_of(subject, times(family, factor))
    subject.register(subject.global_session(), function)
    try:
        yield
    finally:
        subject.deregister(subject.global_session(), function)


def _decode(subject: Subject, data: bytes, places: dict[str, Session]) -> Expression:
    return subject.from_bytes(data, places.get("explicit"))


@pytest.mark.parametrize("row", _row_params(slot_table.DECODE))
@pytest.mark.parametrize("registered", ["everywhere", "everywhere-else"])
@each_family
def test_who_resolves_a_name(
    subject: Subject, family: Family, registered: str, row: dict[str, str]
) -> None:
    """The explicit session resolves, else the worker slot's, else the global one, by the table.

    Each place has another UDF of the same name. If the place that decides has none, the
    name is not resolved elsewhere.
    """
    data, pickled = _encode_by_name(subject, times(family, 1))
    places, decides = _fill_places(subject, row), row["decides"]
    for place, session in places.items():
        if registered == "everywhere" or place != decides:
            subject.register(session, function_of(subject, times(family, FACTORS[place])))
    ways: list[Callable[[], Expression]] = [lambda: _decode(subject, data, places)]
    if "explicit" not in places:
        ways.append(lambda: pickle.loads(pickled))
    if registered == "everywhere-else" and decides == "global":
        for way in ways:
            assert_raises(way, "nothing registered globally")
        return
    with _registered_globally(subject, family, FACTORS["global"]):
        for way in ways:
            if registered == "everywhere-else":
                assert_raises(way, f"none at {decides}")
            else:
                _assert_multiplies(subject, family, FACTORS[decides], way())


def _encode_by_name(subject: Subject, udf: Udf) -> tuple[bytes, bytes]:
    """Return a call of ``udf`` by name, as bytes and pickled, and empty the sender slot."""
    call = call_of(subject, udf)
    subject.set_slot("sender", strict_session(subject))
    pickled = pickle.dumps(call)
    subject.clear_slot("sender")
    return subject.to_bytes(call, strict_session(subject)), pickled


def _assert_multiplies(subject: Subject, family: Family, factor: int, expr: Expression) -> None:
    seen, expected = evaluate_rows(subject, family, expr), expected_values(family, factor)
    assert_equal(seen, expected, "the result, which shows the session that resolved the name")


@pytest.mark.parametrize("row", _row_params(slot_table.DECODE))
@each_family
def test_who_admits_a_frame(subject: Subject, family: Family, row: dict[str, str]) -> None:
    """The session that decides decodes or refuses a frame by its own toggle, by the table."""
    frames = _encode_inline(subject, family)
    _assert_admits(subject, frames, row, _fill_places(subject, row))


@each_source
@pytest.mark.parametrize("rows", _clause_params(slot_table.DECODE))
def test_who_admits_a_frame_of_one_session(
    subject: Subject, rows: list[dict[str, str]], source: str
) -> None:
    """All places hold handles of one session, which is new or global. The table applies."""
    frames = _encode_inline(subject, "scalar")
    for row, places in _fill_with_handles(subject, source, rows):
        _assert_admits(subject, frames, row, places)


def _encode_inline(subject: Subject, family: Family) -> tuple[bytes, bytes]:
    """Return a call with a frame, as bytes and pickled."""
    return subject.to_bytes(sample(subject, family)), pickle.dumps(sample(subject, family))


def _assert_admits(
    subject: Subject, frames: tuple[bytes, bytes], row: dict[str, str], places: dict[str, Session]
) -> None:
    data, pickled = frames
    ways: list[Callable[[], Any]] = [lambda: _decode(subject, data, places)]
    if "explicit" not in places:
        ways.append(lambda: pickle.loads(pickled))
    what = "an inline frame; explicit, sender, worker: " + " ".join(row[place] for place in PLACES)
    for way in ways:
        if row["inline"] == "decoded":
            assert_succeeds(way, what)
        else:
            assert_raises(way, what)


@clause("SLOT-02")
@pytest.mark.parametrize("mode", ["inlining", "strict"])
@each_family
def test_every_protocol_goes_by_the_sender_slot(
    subject: Subject, family: Family, mode: str
) -> None:
    """With every pickle protocol the sender slot decides whether a strict receiver can decode."""
    worker, expr = strict_session(subject), sample(subject, family)
    subject.register(worker, sample_function(subject, family))
    subject.set_slot("worker", worker)
    subject.set_slot("sender", receiver(subject, mode))
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        data, what = pickle.dumps(expr, protocol), f"protocol {protocol}"
        if mode == "strict":
            assert_succeeds(partial(pickle.loads, data), what)
        else:
            assert_raises(partial(pickle.loads, data), what)


@clause("SLOT-02")
@pytest.mark.parametrize("how", ["copy", "deepcopy"])
@each_family
def test_copy_encodes_by_the_sender_slot(subject: Subject, family: Family, how: str) -> None:
    """With a strict session in the sender slot, a copy gets the registered UDF of that name."""
    expr, worker = call_of(subject, times(family, 1)), subject.session()
    subject.register(worker, function_of(subject, times(family, 5)))
    subject.set_slot("worker", worker)
    subject.set_slot("sender", strict_session(subject))
    _assert_multiplies(subject, family, 5, getattr(copy, how)(expr))


@clause("SLOT-02")
@each_family
def test_every_pickle_asks_the_slot(subject: Subject, family: Family) -> None:
    """The sender slot changes between two pickles of one expression. Each obeys its session."""
    expr = call_of(subject, times(family, 2))
    for mode, form in (("inlining", "frame"), ("strict", "name"), ("inlining", "frame")):
        subject.set_slot("sender", receiver(subject, mode))
        assert_equal(_form_in(pickle.dumps(expr)), form, f"{mode} in the slot")


@clause("SLOT-10")
@each_slot
def test_overwriting(subject: Subject, slot: Slot) -> None:
    """Sessions are put into one slot, one after another. The last one applies."""
    for mode in ("strict", "inlining", "strict"):
        subject.set_slot(slot, receiver(subject, mode))
        assert_equal(slot_mode(subject, slot), mode, "the slot's session")


@clause("SLOT-10")
@each_slot
def test_overwriting_by_the_same_session(subject: Subject, slot: Slot) -> None:
    """Both sessions are one, toggled on and off. The one that was set last applies."""
    session = subject.session()
    for mode in ("inlining", "strict", "inlining"):
        subject.set_slot(slot, subject.with_inlining(session, mode == "inlining"))
        assert_equal(slot_mode(subject, slot), mode, "the slot's session")


@clause("SLOT-11")
@each_slot
def test_the_very_session(subject: Subject, slot: Slot) -> None:
    """A slot returns the object that was put in."""
    session = strict_session(subject)
    subject.set_slot(slot, session)
    assert_true(subject.get_slot(slot) is session, "the slot holds another object")


@clause("SLOT-12")
@each_slot
def test_clearing(subject: Subject, slot: Slot) -> None:
    """A cleared slot is empty and has no effect, even if it was set several times."""
    for _ in range(2):
        subject.set_slot(slot, strict_session(subject))
    assert_equal(slot_mode(subject, slot), "strict", "before clearing")
    subject.clear_slot(slot)
    assert_equal(subject.get_slot(slot), None, "the slot")
    assert_equal(slot_mode(subject, slot), "inlining", "after clearing")


@clause("SLOT-12")
@each_slot
def test_clearing_a_session_that_was_set_twice(subject: Subject, slot: Slot) -> None:
    """One session is set twice. The slot is empty once it is cleared."""
    session = strict_session(subject)
    for _ in range(2):
        subject.set_slot(slot, session)
    subject.clear_slot(slot)
    assert_equal(subject.get_slot(slot), None, "the slot")


@clause("SLOT-13")
@each_slot
def test_clearing_an_empty_slot(subject: Subject, slot: Slot) -> None:
    """An empty slot is cleared, twice. That is no error."""
    for _ in range(2):
        assert_succeeds(lambda: subject.clear_slot(slot), "clearing")
        assert_equal(subject.get_slot(slot), None, "the slot")


@clause("SLOT-14")
@each_slot
@pytest.mark.parametrize("sessions", ["two", "one", "handles"])
def test_slots_do_not_touch(subject: Subject, sessions: str, slot: Slot) -> None:
    """Setting or clearing one slot leaves the other unchanged.

    They hold two sessions, one, or two handles of one.
    """
    other: Slot = "worker" if slot == "sender" else "sender"
    first = strict_session(subject)
    subject.set_slot(slot, first)
    assert_equal(subject.get_slot(other), None, "the other slot after setting")
    session = {
        "two": subject.session(),
        "one": first,
        "handles": subject.with_inlining(first, True),
    }[sessions]
    subject.set_slot(other, session)
    subject.clear_slot(slot)
    assert_true(subject.get_slot(other) is session, "the other slot after clearing")
