"""Inline round trips: the receiver has nothing registered, and the result is the same."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pyarrow as pa
import pytest

from conformance import wire
from conformance.catalogue import ENTRIES, get
from conformance.catalogue.boundaries import NAMES
from conformance.catalogue.nodes import Alias, Binary, Builtin, Col, Family, Lit, calls
from conformance.golden.cloudpickle_state import clear_class_tracker
from conformance.runner.assertions import (
    assert_equal,
    assert_raises,
    assert_result,
    assert_succeeds,
    assert_true,
)
from conformance.runner.results import assert_entry_result
from conformance.subjects.interface import Expression, Slot, Subject
from conformance.suite.helpers.codec import decode_by_route, encode_for_route, signature_of
from conformance.suite.helpers.decode_worker import another_process
from conformance.suite.helpers.markers import clause, each_entry, each_family, each_route, needs
from conformance.suite.helpers.same_name_udfs import (
    INT,
    RESULTS,
    ROWS,
    call_of,
    evaluate_rows,
    expected_values,
    function_of,
    times,
)
from conformance.suite.helpers.samples import (
    SAMPLES,
    build_expression,
    make_functions,
    make_locked,
    strict_session,
)
from conformance.wire import Definition


@clause("INLINE-01")
@each_entry
def test_bytes(subject: Subject, entry: str) -> None:
    """A new session decodes the entry's bytes. The entry gives its hand-written result."""
    data = subject.to_bytes(build_expression(subject, get(entry)))
    clear_class_tracker()
    assert_entry_result(subject, subject.from_bytes(data, subject.session()), get(entry))


@clause("INLINE-02")
@each_entry
def test_pickle(subject: Subject, entry: str) -> None:
    """The entry is pickled and unpickled with both slots empty.

    It gives its hand-written result.
    """
    data = pickle.dumps(build_expression(subject, get(entry)))
    clear_class_tracker()
    assert_entry_result(subject, pickle.loads(data), get(entry))


@clause("INLINE-02")
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@each_family
def test_pickle_protocols(subject: Subject, family: Family, protocol: int) -> None:
    """The sample is pickled with each protocol. It gives its hand-written result."""
    entry = get(SAMPLES[family])
    assert_entry_result(
        subject, pickle.loads(pickle.dumps(build_expression(subject, entry), protocol)), entry
    )


@clause("INLINE-02")
@pytest.mark.parametrize("buffer", [bytes, bytearray, memoryview])
@each_family
def test_out_of_band_buffers(subject: Subject, family: Family, buffer: Callable[..., Any]) -> None:
    """Two expressions are pickled with their buffers outside, and both are then unpickled."""
    pickled = []
    for factor in (2, 7):
        outside: list[pickle.PickleBuffer] = []
        expr = call_of(subject, times(family, factor))
        pickled.append((pickle.dumps(expr, 5, buffer_callback=outside.append), outside))
    for factor, (data, outside) in zip((2, 7), pickled, strict=True):
        again = pickle.loads(data, buffers=[buffer(one.raw()) for one in outside])
        values = evaluate_rows(subject, family, again)
        assert_result(values, expected_values(family, factor), f"times {factor}")


@clause("INLINE-03")
@each_entry
def test_copy(subject: Subject, entry: str) -> None:
    """The entry's expression is copied with copy.copy. It gives its hand-written result."""
    assert_entry_result(subject, copy.copy(build_expression(subject, get(entry))), get(entry))


@clause("INLINE-04")
@each_entry
def test_deepcopy(subject: Subject, entry: str) -> None:
    """The entry's expression is copied with copy.deepcopy. It gives its hand-written result."""
    assert_entry_result(subject, copy.deepcopy(build_expression(subject, get(entry))), get(entry))


@clause("INLINE-05")
@each_entry
def test_reads_the_same(subject: Subject, entry: str) -> None:
    """An expression is encoded and decoded. Its text stays the same."""
    expr = build_expression(subject, get(entry))
    again = subject.from_bytes(subject.to_bytes(expr))
    assert_equal(subject.display(again), subject.display(expr), "the text of the expression")


@clause("INLINE-05")
@needs("sql")
def test_escapes_read_the_same(subject: Subject) -> None:
    """LIKE has an escape letter. The text of the expression stays the same.

    No release runs such a LIKE, so that its result cannot show whether the letter is lost.
    """
    udf = times("scalar", 7)
    text = "CAST(times(a) AS VARCHAR) LIKE '7!%' ESCAPE '!'"
    assert subject.sql is not None
    expr = subject.sql.expression(text, ROWS[0], [function_of(subject, udf)])
    again = subject.from_bytes(subject.to_bytes(expr))
    assert_equal(subject.display(again), subject.display(expr), "the text of the expression")


@clause("INLINE-05")
def test_an_alias_reads_the_same(subject: Subject) -> None:
    """An alias has letters beyond ASCII. The text of the expression stays the same."""
    expr = subject.expr(Alias(Col("a"), "größe e\u0301 \U0001f600"), {})
    again = subject.from_bytes(subject.to_bytes(expr))
    assert_equal(subject.display(again), subject.display(expr), "the text of the expression")


OPTIONS = {
    "aggregate": "two(DISTINCT a, 7 ORDER BY a NULLS FIRST) FILTER (WHERE a > 1)",
    "window": "two(a, 7) FILTER (WHERE a > 1) OVER (PARTITION BY b, a ORDER BY a NULLS FIRST)",
}
"""Calls with several options at once. Their results do not show all of them."""


@clause("INLINE-05")
@needs("sql")
@pytest.mark.parametrize("call", OPTIONS)
def test_options_read_the_same(subject: Subject, call: str) -> None:
    """An aggregate UDF is called with several options. The text of the call stays the same."""
    udf = replace(times("aggregate", 7), name="two", inputs=(INT, INT))
    rows = pa.RecordBatch.from_pydict({"a": [1], "b": [2]})
    assert subject.sql is not None
    expr = subject.sql.expression(OPTIONS[call], rows, [function_of(subject, udf)])
    again = subject.from_bytes(subject.to_bytes(expr))
    assert_equal(subject.display(again), subject.display(expr), "the text of the expression")


def _read_definitions(data: bytes) -> list[tuple[Any, ...]]:
    """Return the header and the definition in each frame, without its callable, in any order."""
    frames = [found.frame() for found in wire.find(data)]
    return sorted((frame.wire_version, frame.python, signature_of(frame)) for frame in frames)


@clause("INLINE-06")
@each_entry
def test_twice(subject: Subject, entry: str) -> None:
    """An expression is decoded and encoded again. Its definitions and its result stay the same."""
    first = subject.to_bytes(build_expression(subject, get(entry)))
    clear_class_tracker()
    second = subject.to_bytes(subject.from_bytes(first))
    # Another pickle of the same callable may have other bytes.
    if second != first:
        assert_equal(
            _read_definitions(second), _read_definitions(first), "header, name, schemas, volatility"
        )
    clear_class_tracker()
    assert_entry_result(subject, subject.from_bytes(second), get(entry))


@clause("INLINE-07")
@each_entry
def test_every_udf_travels(subject: Subject, entry: str) -> None:
    """An entry is encoded. The bytes have one frame per call, with the UDF's family and name."""
    data = subject.to_bytes(build_expression(subject, get(entry)))
    frames = [found.frame() for found in wire.find(data)]
    inline = sorted((frame.family.name.lower(), Definition.read(frame).name) for frame in frames)
    expected = sorted((udf.family, udf.name) for udf in calls(get(entry).expr))
    assert_equal(inline, expected, "the inline UDFs")


@clause("INLINE-08")
@pytest.mark.parametrize(("name", "result"), [("abs", [2, 1, 0]), ("sum", [-3])])
@each_route
def test_builtins(subject: Subject, route: str, name: str, result: list[int]) -> None:
    """A call of a built-in function is encoded.

    It has no frame, and inlining and strict sessions decode it.
    """
    node = Builtin(name, (Binary("-", Col("a"), Lit(3)),))
    data = encode_for_route(subject, route, subject.expr(node, {}))
    assert_equal(wire.find(data), [], "the frames in the bytes")
    for session in (subject.session(), strict_session(subject)):
        expr = decode_by_route(subject, route, data, session)
        values = subject.evaluate(session, expr, ROWS, aggregate=name == "sum")
        assert_result(values.to_pylist(), result, f"{name}(a - 3)")


@clause("INLINE-09")
@each_entry
def test_names(subject: Subject, entry: str) -> None:
    """A UDF is built. It reports its declared name."""
    for udf, function in make_functions(subject, get(entry)).items():
        assert_equal(subject.function_name(function), udf.name, "the name")


@clause("INLINE-09")
@pytest.mark.parametrize("taken", [False, True], ids=["declared", "taken-from-a-session"])
@pytest.mark.parametrize("name", NAMES)
@each_family
def test_names_to_the_letter(subject: Subject, family: Family, name: str, taken: bool) -> None:
    """A UDF has an unusual name. It reports the name to the letter, and so does its session's."""
    function, session = function_of(subject, times(family, 7, NAMES[name])), subject.session()
    if taken:
        subject.register(session, function)
        function = subject.get_function(session, family, NAMES[name])
    assert_equal(subject.function_name(function), NAMES[name], "the name")


@clause("INLINE-26")
@each_family
def test_containers(subject: Subject, family: Family) -> None:
    """One pickle holds several expressions in lists and dictionaries, one of them twice.

    Each gives its own result, and the one that was there twice is still one object.
    """
    two, seven = (call_of(subject, times(family, factor)) for factor in (2, 7))
    again = pickle.loads(pickle.dumps([two, {"seven": seven}, two, (seven, [two])]))
    seen = [again[0], again[1]["seven"], again[2], again[3][0], again[3][1][0]]
    for expr, factor in zip(seen, (2, 7, 2, 7, 2), strict=True):
        values = evaluate_rows(subject, family, expr)
        assert_result(values, expected_values(family, factor), f"times {factor}")
    assert_true(again[0] is again[2], "the expression that was there twice is two objects")


@clause("INLINE-12")
@pytest.mark.parametrize(
    ("way", "place"),
    [
        *((way, "worker") for way in ("to_bytes", "dumps", "copy", "deepcopy")),
        *((way, "sender") for way in ("to_bytes", "dumps")),
    ],
)
@each_family
def test_unpicklable_is_an_error(subject: Subject, family: Family, way: str, place: Slot) -> None:
    """The callable holds a lock. The worker has a UDF of that name, or the sender the UDF itself.

    Encoding raises an error; without the lock it succeeds.
    """
    udf, session = times(family, 2), subject.session()
    locked = subject.function(udf, make_locked(subject, udf))
    expr, namesake = call_of(subject, udf, locked), function_of(subject, times(family, 7))
    subject.register(session, locked if place == "sender" else namesake)
    subject.set_slot(place, session)
    ways: dict[str, Callable[[Expression], Any]] = {
        "to_bytes": subject.to_bytes,
        "dumps": pickle.dumps,
        "copy": copy.copy,
        "deepcopy": copy.deepcopy,
    }
    assert_succeeds(partial(ways[way], call_of(subject, udf)), f"{way} without the lock")
    # Picklers raise errors of several types for objects that they cannot pickle.
    assert_raises(partial(ways[way], expr), way, any_error=True)


@clause("INLINE-13")
@each_family
def test_from_bytes_takes_pickles(subject: Subject, family: Family) -> None:
    """An expression is pickled with each protocol. from_bytes decodes each pickle."""
    entry = get(SAMPLES[family])
    expr = build_expression(subject, entry)
    for protocol in reversed(range(pickle.HIGHEST_PROTOCOL + 1)):
        decode = partial(subject.from_bytes, pickle.dumps(expr, protocol))
        assert_entry_result(subject, assert_succeeds(decode, "a pickle"), entry)


@clause("INLINE-13")
@each_family
def test_from_bytes_takes_pickles_by_name(subject: Subject, family: Family) -> None:
    """from_bytes resolves a pickle by name on the session that it is given, by no slot."""
    given, worker = subject.session(), subject.session()
    for session, factor in ((given, 7), (worker, 3)):
        subject.register(session, function_of(subject, times(family, factor)))
    subject.set_slot("sender", strict_session(subject))
    data = pickle.dumps(call_of(subject, times(family, 2)))
    subject.set_slot("worker", worker)
    expr = assert_succeeds(partial(subject.from_bytes, data, given), "a pickle by name")
    assert_result(evaluate_rows(subject, family, expr, given), RESULTS[family], "times 7")


@clause("INLINE-15")
@pytest.mark.deadline(60)
def test_another_process(subject: Subject) -> None:
    """Another process, which never saw the sources, decodes the catalogue.

    Each entry gives its hand-written result.
    """
    with another_process() as peer:
        written = [
            (id_, pickle.dumps(build_expression(subject, entry))) for id_, entry in ENTRIES.items()
        ]
        wrong = peer.call(
            "conformance.suite.helpers.decode_worker:decode_all", written, deadline=30
        )
    assert_equal(wrong, {}, "the entries that another process could not run")
