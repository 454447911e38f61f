"""Inline round trips: the receiver has nothing registered, and the result is the same."""

from __future__ import annotations

import copy
import operator
import os
import pickle
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from itertools import zip_longest
from textwrap import indent
from typing import Any

import pyarrow as pa
import pytest

from conformance import wire
from conformance.catalogue import ENTRIES, UNANSWERED, get
from conformance.catalogue.boundaries import NAMES
from conformance.catalogue.nodes import (
    Alias,
    Binary,
    Builtin,
    Call,
    Cast,
    Col,
    Family,
    Frame,
    Lit,
    Node,
    Over,
    Sort,
    Udf,
    calls,
    udfs,
)
from conformance.catalogue.runs import ACCUMULATORS, EVALUATORS, Run
from conformance.catalogue.source import compile_udf
from conformance.catalogue.structures import STRUCTURES
from conformance.golden.cloudpickle_state import clear_class_tracker
from conformance.runner.assertions import (
    assert_equal,
    assert_message_contains,
    assert_raises,
    assert_result,
    assert_succeeds,
    assert_true,
)
from conformance.runner.results import assert_entry_result
from conformance.subjects.interface import Expression, Slot, Subject
from conformance.suite.helpers import callables, handmade_frames
from conformance.suite.helpers.artifacts import Artifact
from conformance.suite.helpers.callables import CALLABLES
from conformance.suite.helpers.codec import (
    MAGIC,
    PYTHON,
    decode_by_route,
    encode_for_route,
    replace_frame,
    set_header_byte,
    signature_of,
)
from conformance.suite.helpers.decode_worker import another_process
from conformance.suite.helpers.interrupting import interrupted_by, interruptible
from conformance.suite.helpers.large import assert_every_time, assert_large, each_size
from conformance.suite.helpers.markers import clause, each_entry, each_family, each_route, needs
from conformance.suite.helpers.same_name_udfs import (
    INT,
    RESULTS,
    ROWS,
    call_of,
    evaluate_rows,
    expected_values,
    function_holding,
    function_of,
    functions_of_one_code,
    times,
)
from conformance.suite.helpers.samples import (
    SAMPLES,
    build_expression,
    has_unique_names,
    make_functions,
    make_locked,
    receiver,
    sample,
    sample_function,
    strict_session,
)
from conformance.suite.helpers.specimens import Specimen, describe_type
from conformance.wire import Definition

SAME_NAME_ENTRIES = [
    *UNANSWERED,
    *(key for key, entry in ENTRIES.items() if not has_unique_names(entry)),
]
"""Entries with two UDFs of one family that share a name."""

PLACES: dict[str, tuple[Family, Over | None]] = {
    "scalar": ("scalar", None),
    "aggregate": ("aggregate", None),
    "window": ("window", None),
    "aggregate-over": ("aggregate", Over()),
}
TIMES_MINUS_FIVE = {
    "scalar": [-5, -10, -15],
    "aggregate": [-30],
    "window": [-5, -10, -15],
    "aggregate-over": [-30, -30, -30],
}
TIMES_FOURTEEN = {
    "scalar": [14, 28, 42],
    "aggregate": [84],
    "window": [14, 28, 42],
    "aggregate-over": [84, 84, 84],
}


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


ROUND_TRIPS: dict[str, Callable[[Subject, Expression], Expression]] = {
    "bytes": lambda subject, expr: subject.from_bytes(subject.to_bytes(expr), subject.session()),
    "pickle": lambda _, expr: pickle.loads(pickle.dumps(expr)),
    "copy": lambda _, expr: copy.copy(expr),
    "deepcopy": lambda _, expr: copy.deepcopy(expr),
}


@pytest.mark.parametrize(
    "trip",
    [
        pytest.param(trip, marks=clause(f"INLINE-{n:02}"))
        for n, trip in enumerate(ROUND_TRIPS, start=1)
    ],
)
@each_family
def test_namesakes_in_turn(subject: Subject, family: Family, trip: str) -> None:
    """Three UDFs with one name make round trips in turn. Each gives its own result."""
    for factor in (2, 7, 3):
        again = ROUND_TRIPS[trip](subject, call_of(subject, times(family, factor)))
        seen = evaluate_rows(subject, family, again)
        assert_result(seen, expected_values(family, factor), f"times {factor}")


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


_HOLDS: dict[str, tuple[str, Sequence[str]]] = {
    "equal objects": ("Held({k})", ("7", "8")),
    "equal numbers": ("(lambda k: lambda a: text(a, k))({k})", ("1", "True")),
    "alike arrays": (
        "(lambda k: lambda a: text(a, k[50]))(pa.array([*range(50), {k}, *range(50)]))",
        ("7", "8"),
    ),
}
"""Callables that hold a value, of which two compare equal or show as the same text."""


@clause("INLINE-10")
@pytest.mark.parametrize("held", _HOLDS)
def test_alike_callables_stay_two(subject: Subject, held: str) -> None:
    """Two messages have callables that are alike and hold different values. Each gives its own."""
    source, values = _HOLDS[held]
    context = (
        "import pyarrow as pa\n"
        "def text(a, k): return pa.array([str(k)] * len(a))\n"
        "class Held:\n"
        "    def __init__(self, k): self.k = k\n"
        "    def __eq__(self, other): return type(other).__name__ == 'Held'\n"
        "    def __hash__(self): return 1\n"
        "    def __call__(self, a): return text(a, self.k)\n"
    )
    udfs = [
        Udf(
            f"inline/{held}-{k}",
            "scalar",
            "u",
            f"{context}f = {source.format(k=k)}\n",
            (INT,),
            pa.string(),
        )
        for k in values
    ]
    written = [subject.to_bytes(call_of(subject, udf)) for udf in udfs]
    decoded = [subject.from_bytes(data, subject.session()) for data in written]
    for expr, value in zip(decoded, values, strict=True):
        assert_result(evaluate_rows(subject, "scalar", expr), [value] * 3, held)


@clause("INLINE-10")
@pytest.mark.parametrize("decode", [False, True], ids=["direct", "decoded"])
@pytest.mark.parametrize("entry", SAME_NAME_ENTRIES)
def test_two_stay_two(subject: Subject, entry: str, decode: bool) -> None:
    """Two UDFs have one name and different callables.

    Each gives its own result, before and after decoding.
    """
    expr = build_expression(subject, get(entry))
    if decode:
        expr = subject.from_bytes(subject.to_bytes(expr))
    assert_entry_result(subject, expr, get(entry))


@clause("INLINE-10")
@pytest.mark.parametrize("decode", [False, True], ids=["direct", "decoded"])
@pytest.mark.parametrize("place", list(PLACES))
def test_two_stay_two_of_each_family(subject: Subject, place: str, decode: bool) -> None:
    """An expression subtracts times 7 from times 2, both named ``times``, over one column.

    Each function gives its own result.
    """
    family, over = PLACES[place]
    two, seven = times(family, 2), times(family, 7)
    node = Binary("-", Call(two, (Col("a"),), over=over), Call(seven, (Col("a"),), over=over))
    expr = subject.expr(node, {udf: function_of(subject, udf) for udf in (two, seven)})
    if decode:
        expr = subject.from_bytes(subject.to_bytes(expr))
    values = subject.evaluate(subject.session(), expr, ROWS, aggregate=place == "aggregate")
    assert_result(values.to_pylist(), TIMES_MINUS_FIVE[place], "times 2 minus times 7")


@clause("INLINE-10")
@pytest.mark.parametrize("place", list(PLACES))
def test_one_code_stays_two(subject: Subject, place: str) -> None:
    """Times 2 of 1, 2, 3 minus times 7 of 2, 3, 4: one code, with the factors in closures."""
    family, over = PLACES[place]
    functions = functions_of_one_code(subject, family, [2, 7])
    arguments: list[Node] = [Col("a"), Binary("+", Col("a"), Lit(1))]
    two, seven = (Call(u, (arg,), over=over) for u, arg in zip(functions, arguments, strict=True))
    expr = subject.expr(Binary("-", two, seven), functions)
    expr = subject.from_bytes(subject.to_bytes(expr), subject.session())
    values = subject.evaluate(subject.session(), expr, ROWS, aggregate=place == "aggregate")
    expected = [-12, -17, -22] if family != "aggregate" else [-51] * len(values)
    assert_result(values.to_pylist(), expected, "the difference")


@clause("INLINE-10")
@pytest.mark.parametrize("way", ["pickle", "deepcopy"])
@each_family
def test_one_text_stays_two(subject: Subject, family: Family, way: str) -> None:
    """A list holds two expressions of one text and one code. Copied, each gives its own result."""
    functions = functions_of_one_code(subject, family, [2, 7])
    held = [call_of(subject, udf, function) for udf, function in functions.items()]
    again = copy.deepcopy(held) if way == "deepcopy" else pickle.loads(pickle.dumps(held))
    for expr, factor in zip(again, (2, 7), strict=True):
        values = evaluate_rows(subject, family, expr)
        assert_result(values, expected_values(family, factor), f"times {factor}")


@clause("INLINE-10")
def test_equal_frames_stay_two(subject: Subject) -> None:
    """Two UDFs of one factory count the rows that they have seen. Decoded, each counts its own."""
    source = (
        "import pyarrow as pa\ndef make():\n    seen = []\n    def f(a):\n"
        "        seen.extend(a.to_pylist())\n        return pa.array([len(seen)] * len(a))\n"
        "    return f\n"
    )
    udfs = [Udf(f"inline/rows-{n}", "scalar", "rows", source, (INT,), INT) for n in (1, 2)]
    make = compile_udf(replace(udfs[0], attribute="make"), subject.bases)
    # Of other arguments, so that no optimizer takes the two calls for one.
    first, second = (Call(udf, (Binary("+", Col("a"), Lit(n)),)) for n, udf in enumerate(udfs))
    node = Binary("+", Binary("*", Lit(100), first), second)
    expr = subject.expr(node, {udf: subject.function(udf, make()) for udf in udfs})
    expr, session = subject.from_bytes(subject.to_bytes(expr)), subject.session()
    assert_result(subject.evaluate(session, expr, ROWS).to_pylist(), [303] * 3, "rows and rows")


@clause("INLINE-11")
@each_route
@each_family
def test_registered_does_not_replace(subject: Subject, family: Family, route: str) -> None:
    """The receiver has a UDF of the same name that multiplies by 2.

    The inline one multiplies by 7.
    """
    expr, session = call_of(subject, times(family, 7)), subject.session()
    subject.register(session, function_of(subject, times(family, 2)))
    again = decode_by_route(subject, route, encode_for_route(subject, route, expr), session)
    assert_result(evaluate_rows(subject, family, again, session), RESULTS[family], "the result")


@dataclass
class _Reduced:
    """An object whose unpickling calls a function."""

    call: Callable[..., Any]
    arguments: tuple[Any, ...]

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return self.call, self.arguments


def _calls(call: Callable[..., Any], *arguments: Any) -> Callable[[Family], bytes]:
    """Return a whole payload by its family; its callable is what the call returns."""
    return lambda family: pickle.dumps(
        handmade_frames.payload_members(family, callable=_Reduced(call, arguments))
    )


BROKEN: dict[str, Callable[[Family], bytes]] = {
    "a missing module": lambda family: handmade_frames.payload_of(family).replace(
        callables.__name__.encode(), f"{callables.__name__}_gone".encode()
    ),
    "a missing name": lambda family: handmade_frames.payload_of(family).replace(
        CALLABLES[family].__name__.encode(), b"gone"
    ),
    "a ValueError": _calls(int, "seven"),
    "a TypeError": _calls(int, None),
    "a KeyError": _calls(operator.getitem, {}, "seven"),
    "an OSError": _calls(os.listdir, "/no such folder"),
    "a cut pickle": lambda family: handmade_frames.payload_of(family)[:-20],
    "no tuple": lambda _: pickle.dumps("no tuple"),
    "a short tuple": lambda family: pickle.dumps(handmade_frames.payload_members(family)[:-1]),
}


@clause("INLINE-24")
@pytest.mark.parametrize("broken", BROKEN)
@pytest.mark.parametrize("mode", ["inlining", "strict"])
@each_route
@each_family
def test_registered_does_not_stand_in(
    subject: Subject, family: Family, route: str, mode: str, broken: str
) -> None:
    """A frame cannot be decoded, and the receiver has a UDF of its name. Decoding fails."""
    session, payload = receiver(subject, mode), BROKEN[broken](family)
    for name in ("times", handmade_frames.NAME):
        subject.register(session, function_of(subject, times(family, 2, name)))
    expr = call_of(subject, times(family, 7))
    header = MAGIC[family] + bytes((1, *PYTHON))
    data = replace_frame(encode_for_route(subject, route, expr), lambda _: header + payload)
    # A decoder may pass on Python's own error, such as a ModuleNotFoundError.
    decode = partial(decode_by_route, subject, route, data, session)
    assert_raises(decode, broken, any_error=True)


@clause("INLINE-24")
@pytest.mark.parametrize("header", ["another version", "another Python", "a cut header"])
@pytest.mark.parametrize("mode", ["inlining", "strict"])
@each_route
@each_family
def test_registered_does_not_stand_in_for_another_version(
    subject: Subject, family: Family, route: str, mode: str, header: str
) -> None:
    """A frame is of another version, and the receiver has a UDF of its name. Decoding fails."""
    session = receiver(subject, mode)
    subject.register(session, function_of(subject, times(family, 2)))
    change: dict[str, Callable[[bytes], bytes]] = {
        "another version": set_header_byte(7, 9),
        "another Python": set_header_byte(9, 99),
        "a cut header": lambda frame: frame[:8],
    }
    data = encode_for_route(subject, route, call_of(subject, times(family, 7)))
    data = replace_frame(data, change[header])
    assert_raises(partial(decode_by_route, subject, route, data, session), header)


@clause("INLINE-25")
@each_route
@each_family
def test_many_trips(subject: Subject, family: Family, route: str) -> None:
    """An expression makes twenty round trips. The bytes do not grow, and the result is the same.

    They may shrink, and grow again to the size that they had.
    """
    expr, session = call_of(subject, times(family, 7)), subject.session()
    sizes = []
    for _ in range(20):
        data = encode_for_route(subject, route, expr)
        sizes.append(len(data))
        expr = decode_by_route(subject, route, data, session)
    grown = [size for size in sizes[2:] if size > sizes[1]]
    assert_equal(grown, [], f"the sizes over that of the second trip, {sizes[1]}")
    assert_result(evaluate_rows(subject, family, expr), RESULTS[family], "times 7")


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


COLUMNS_OF_TYPES: dict[str, tuple[pa.Array, list[str]]] = {
    "slice-of-flags": (
        pa.array([False, True, None, False, True]).slice(1),
        ["bool True", "bool None", "bool False", "bool True"],
    ),
    "slice-of-texts": (
        pa.array(["x", "a", "", None]).slice(1),
        ["string a", "string ", "string None"],
    ),
    "only-nulls": (pa.array([None, None], INT), ["int64 None", "int64 None"]),
    "text-view": (
        pa.array(["a", "b" * 20], pa.string_view()),
        ["string_view a", f"string_view {'b' * 20}"],
    ),
    "bytes-view": (pa.array([b"a"], pa.binary_view()), ["binary_view b'a'"]),
    "large-text": (pa.array(["a"], pa.large_string()), ["large_string a"]),
    "dictionary": (
        pa.array(["a", "b", "a"]).dictionary_encode(),
        [f"dictionary<values=string, indices=int32, ordered=0> {one}" for one in "aba"],
    ),
}
"""Columns, and what a UDF writes of each row."""

_RAISES: dict[str, tuple[Family, str, str]] = {
    "scalar": (
        "scalar",
        "def f(a): raise ValueError('no rate for ' + str(a.to_pylist()[0]))",
        "no rate for 1",
    ),
    "division": ("scalar", "def f(a): return 1 // len(a[:0])", "division"),
    "StopIteration": ("scalar", "def f(a): raise StopIteration('no rate')", "no rate"),
    "update": ("aggregate", "    def update(self, a): raise ValueError('no rate')\n", "no rate"),
    "merge": ("aggregate", "    def merge(self, s): raise ValueError('no rate')\n", "no rate"),
    "state": ("aggregate", "    def state(self): raise ValueError('no rate')\n", "no rate"),
    "evaluate": ("aggregate", "    def evaluate(self): raise ValueError('no rate')\n", "no rate"),
    "window": (
        "window",
        "    def evaluate_all(self, values, n): raise ValueError('no rate')\n",
        "no rate",
    ),
    "StopIteration-update": (
        "aggregate",
        "    def update(self, a): raise StopIteration('no rate')\n",
        "no rate",
    ),
    "StopIteration-window": (
        "window",
        "    def evaluate_all(self, values, n): raise StopIteration('no rate')\n",
        "no rate",
    ),
}
"""By what raises the error: a family, what a scalar UDF is or its class gets, and the text."""


@clause("INLINE-27")
@pytest.mark.parametrize("decode", [False, True], ids=["direct", "decoded"])
@pytest.mark.parametrize("raises", _RAISES)
def test_errors_of_a_udf(subject: Subject, raises: str, decode: bool) -> None:
    """A UDF raises an error when it runs. The query fails, and the error contains its text."""
    family, source, text = _RAISES[raises]
    udf, aggregate = times(family, 7), family == "aggregate"
    udf = replace(udf, source=source if family == "scalar" else udf.source + source)
    expr, session = call_of(subject, udf), subject.session()
    if decode:
        expr = subject.from_bytes(subject.to_bytes(expr), session)
    # Two partitions, so that states are merged.
    rows = [ROWS[0].slice(0, 1), ROWS[0].slice(1)] if aggregate else ROWS
    run = partial(subject.evaluate, session, expr, rows, aggregate=aggregate)
    assert_message_contains(assert_raises(run, "a query"), [text], "the error of the query")


_RAISES_OVER: dict[str, tuple[Family, str]] = {
    "evaluate": ("window", "uses_window_frame(self): return True\ndef evaluate(self, v, r)"),
    "get_range": (
        "window",
        "supports_bounded_execution(self): return True\ndef get_range(self, i, n)",
    ),
    "ranks": ("window", "include_rank(self): return True\ndef evaluate_all_with_rank(self, n, r)"),
    "uses_window_frame": ("window", "uses_window_frame(self)"),
    "include_rank": ("window", "include_rank(self)"),
    "supports_bounded_execution": ("window", "supports_bounded_execution(self)"),
    "retract_batch": (
        "aggregate",
        "supports_retract_batch(self): return True\ndef retract_batch(self, a)",
    ),
}
"""The methods that are called over a window: a family, and the head of the one that raises."""


@clause("INLINE-27")
@pytest.mark.parametrize("decode", [False, True], ids=["direct", "decoded"])
@pytest.mark.parametrize("method", _RAISES_OVER)
def test_errors_over_a_window(subject: Subject, method: str, decode: bool) -> None:
    """A method that is called over a window raises an error. The query fails with its text."""
    family, head = _RAISES_OVER[method]
    udf, session = times(family, 7), subject.session()
    body = indent(f"def {head}: raise ValueError('no rate')\n", "    ")
    udf = replace(udf, source=udf.source + body)
    over = Over((), (Sort(Col("a")),), Frame("rows", 1, 0))
    expr = subject.expr(Call(udf, (Col("a"),), over=over), {udf: function_of(subject, udf)})
    if decode:
        expr = subject.from_bytes(subject.to_bytes(expr), session)
    error = assert_raises(partial(subject.evaluate, session, expr, ROWS), "a query")
    assert_message_contains(error, ["no rate"], "the error of the query")


@clause("INLINE-27")
@pytest.mark.parametrize("decode", [False, True], ids=["direct", "decoded"])
@pytest.mark.parametrize("family", ["aggregate", "window"])
def test_errors_of_a_factory(subject: Subject, family: Family, decode: bool) -> None:
    """A factory raises an error when a query calls it. The query fails with its text."""

    def fail() -> None:
        raise ValueError("no rate")

    udf, session = times(family, 7), subject.session()
    expr = call_of(subject, udf, interruptible(subject, udf))
    if decode:
        expr = subject.from_bytes(subject.to_bytes(expr), session)
    run = partial(subject.evaluate, session, expr, ROWS, aggregate=family == "aggregate")
    with interrupted_by(fail, in_thread=False):
        assert_message_contains(assert_raises(run, "a query"), ["no rate"], "the query's error")


@clause("INLINE-32")
@pytest.mark.parametrize("column", list(COLUMNS_OF_TYPES))
def test_arguments_as_they_are(subject: Subject, column: str) -> None:
    """A decoded UDF writes the type and the values of its argument, as the original does."""
    values, expected = COLUMNS_OF_TYPES[column]
    source = (
        "import pyarrow as pa\ndef f(a): return pa.array([f'{a.type} {v}' for v in a.to_pylist()])"
    )
    udf = Udf("inline/writes", "scalar", "writes", source, (values.type,), pa.string())
    session = subject.session()
    expr = subject.from_bytes(subject.to_bytes(call_of(subject, udf), session), session)
    rows = [pa.RecordBatch.from_arrays([values], ["a"])]
    assert_result(subject.evaluate(session, expr, rows).to_pylist(), expected, "type and value")


@clause("INLINE-32")
def test_results_as_they_are(subject: Subject) -> None:
    """A decoded UDF returns no number and infinities. They are no nulls."""
    source = (
        "import pyarrow as pa\n"
        "def f(a): return pa.array([float('nan'), float('-inf'), None][:len(a)], pa.float64())"
    )
    udf = replace(times("scalar", 7), source=source, returns=pa.float64())
    session = subject.session()
    expr = subject.from_bytes(subject.to_bytes(call_of(subject, udf), session), session)
    seen = subject.evaluate(session, expr, ROWS).to_pylist()
    assert_equal(repr(seen), "[nan, -inf, None]", "the result")


def _assert_runs(subject: Subject, run: Run) -> None:
    """Assert that an expression has its result, before it is encoded and after it was decoded."""
    session, functions = subject.session(), {u: function_of(subject, u) for u in udfs(run.node)}
    expr = subject.expr(run.node, functions)
    again = subject.from_bytes(subject.to_bytes(expr, session), session)
    aggregate = any(udf.family == "aggregate" for udf in functions)
    options: Any = {"aggregate": aggregate, "group_by": run.group_by}
    for one, what in ((expr, "before it is encoded"), (again, "decoded")):
        seen = subject.evaluate(session, one, run.batches, **options).to_pylist()
        values = [tuple(row.values()) for row in seen] if run.group_by else seen
        assert_result(values, run.result, what)


@clause("INLINE-01")
@pytest.mark.parametrize("run", STRUCTURES)
def test_structures(subject: Subject, run: str) -> None:
    """The result of an expression shows a part of its structure, also after it was decoded."""
    _assert_runs(subject, STRUCTURES[run])


@clause("INLINE-30")
@pytest.mark.parametrize("run", ACCUMULATORS)
def test_accumulators(subject: Subject, run: str) -> None:
    """An accumulator shows which rows and which states it got. A decoded one gets the same."""
    _assert_runs(subject, ACCUMULATORS[run])


@clause("INLINE-31")
@pytest.mark.parametrize("run", EVALUATORS)
def test_evaluators(subject: Subject, run: str) -> None:
    """An evaluator shows which values and ranks it got. A decoded one gets the same."""
    _assert_runs(subject, EVALUATORS[run])


PARTITIONS: dict[str, list[list[int]]] = {
    "no rows": [[]],
    "an empty partition between two": [[1, 2], [], [3]],
    "one row each": [[1], [2], [3], [4], [5]],
    "a batch and one row": [list(range(8193))],
    "many rows": [list(range(20_000)), list(range(5))],
}


@clause("INLINE-28")
@pytest.mark.parametrize(
    ("family", "rows"),
    # The aggregate of no rows is the accumulator's own matter.
    [(f, r) for f in SAMPLES for r in PARTITIONS if (f, r) != ("aggregate", "no rows")],
)
def test_partitions(subject: Subject, family: Family, rows: str) -> None:
    """A decoded UDF runs over partitions of these sizes. Every row counts, once."""
    specimen, session = Specimen(family), subject.session()
    expr = subject.from_bytes(specimen.encode(subject, "expression", session), session)
    schema, parts = pa.schema([("c0", INT)]), PARTITIONS[rows]
    batches = [pa.RecordBatch.from_pydict({"c0": part}, schema) for part in parts]
    values = [7 * value for part in parts for value in part]
    seen = subject.evaluate(session, expr, batches, aggregate=family == "aggregate")
    expected = [sum(values)] if family == "aggregate" else values
    assert_result(seen.to_pylist(), expected, "7 times the values")


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


@clause("INLINE-14")
@each_family
def test_nothing_is_registered(subject: Subject, family: Family) -> None:
    """An inline UDF is decoded and runs. Its name is still not registered on any session."""
    entry, session = get(SAMPLES[family]), subject.session()
    expr = build_expression(subject, entry)
    assert_entry_result(
        subject, subject.from_bytes(subject.to_bytes(expr), session), entry, session
    )
    by_name = subject.to_bytes(sample(subject, family), strict_session(subject))
    for other in (session, subject.session(), subject.global_session()):
        assert_raises(partial(subject.from_bytes, by_name, other), "the UDF's name after decoding")
    subject.register(session, sample_function(subject, family))
    assert_succeeds(partial(subject.from_bytes, by_name, session), "the name once it is registered")


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


@clause("INLINE-16")
@pytest.mark.parametrize("decode", [False, True], ids=["direct", "decoded"])
@pytest.mark.parametrize("place", list(PLACES))
def test_one_called_twice(subject: Subject, place: str, decode: bool) -> None:
    """An expression adds one UDF call to itself, and the callable is a closure.

    The result is times 14.
    """
    family, over = PLACES[place]
    udf = times(family, 7)
    inner = compile_udf(udf, subject.bases)
    call = Call(udf, (Col("a"),), over=over)
    function = subject.function(udf, lambda *arguments: inner(*arguments))
    expr = subject.expr(Binary("+", call, call), {udf: function})
    if decode:
        expr = subject.from_bytes(subject.to_bytes(expr))
    values = assert_succeeds(
        lambda: subject.evaluate(subject.session(), expr, ROWS, aggregate=place == "aggregate"),
        "a query",
    )
    assert_result(values.to_pylist(), TIMES_FOURTEEN[place], "times 7 plus times 7")


@clause("INLINE-20")
@each_family
def test_closures_are_captured(subject: Subject, family: Family) -> None:
    """The function in a callable's closure is replaced before and after each encoding.

    Each encoding keeps the function of its time.
    """
    udf = times(family, 3)
    implementation = [compile_udf(udf, subject.bases)]
    expr = call_of(
        subject, udf, subject.function(udf, lambda *arguments: implementation[0](*arguments))
    )
    written = {}
    for factor in (7, 9):
        implementation[0] = compile_udf(times(family, factor), subject.bases)
        written[factor] = subject.to_bytes(expr)
    implementation[0] = compile_udf(udf, subject.bases)
    for factor, data in written.items():
        seen = evaluate_rows(subject, family, subject.from_bytes(data))
        assert_result(seen, expected_values(family, factor), f"times {factor}, as it was encoded")


@clause("INLINE-21")
@pytest.mark.parametrize("when", ["encode", "decode"])
@each_family
def test_explicit_session_in_closures(subject: Subject, family: Family, when: str) -> None:
    """The callable's closure holds an expression, and a slot holds a session that would fail.

    The explicit session encodes and decodes all of it.
    """
    udf, inner = times(family, 7), times("scalar", 2)
    absolute = subject.get_function(subject.session(), "scalar", "abs")
    if when == "encode":
        captured = call_of(subject, inner)
        subject.set_slot("sender", strict_session(subject))
    else:
        captured = subject.expr(Builtin("abs", (Col("a"),)), {})
        without = subject.session()
        subject.deregister(without, absolute)
        subject.set_slot("worker", without)
    call = call_of(subject, udf, function_holding(subject, udf, captured))
    session = subject.session()
    data = subject.to_bytes(call, session)
    expr = assert_succeeds(lambda: subject.from_bytes(data, session), "an expression in a closure")
    assert_result(evaluate_rows(subject, family, expr, session), RESULTS[family], "the result")


TAGS = (("key", "value"), ("unit", "m"), ("empty", ""))
TAGGED: dict[str, Node] = {"alias": Alias(Col("a"), "b", TAGS), "literal": Lit(1, TAGS)}


@clause("INLINE-22")
@pytest.mark.parametrize("node", list(TAGGED))
@each_route
def test_field_metadata(subject: Subject, route: str, node: str) -> None:
    """A field has metadata with three keys, one of them for an empty text.

    The metadata is the same before and after a round trip.
    """
    expr, session = subject.expr(TAGGED[node], {}), subject.session()
    tags = {"key": "value", "unit": "m", "empty": ""}
    assert_equal(dict(subject.metadata(session, expr, ROWS)), tags, "the metadata before encoding")
    again = decode_by_route(subject, route, encode_for_route(subject, route, expr), session)
    assert_equal(dict(subject.metadata(session, again, ROWS)), tags, "the metadata after decoding")


def _scalar(type_: pa.DataType, data: bytes) -> Any:
    """Return a scalar of a fixed-width type from its bytes."""
    return pa.Array.from_buffers(type_, 1, [None, pa.py_buffer(data)])[0]


LITERALS = {
    str(scalar.type): scalar
    for scalar in [
        _scalar(pa.float16(), b"\x00\x3e"),  # 1.5
        pa.scalar(2**64 - 1, pa.uint64()),
        pa.scalar(-(2**15), pa.int16()),
        pa.scalar(0.1, pa.float32()),
        pa.scalar(Decimal("-12345678901234567890.5"), pa.decimal128(30, 1)),
        pa.scalar(Decimal("1.25"), pa.decimal256(60, 2)),
        pa.scalar("text", pa.large_string()),
        pa.scalar(b"\x00\xff", pa.large_binary()),
        pa.scalar(b"\x00\xff", pa.binary(2)),
        pa.scalar(-1, pa.date32()),
        pa.scalar(1, pa.time64("us")),
        pa.scalar(1, pa.timestamp("us", "Europe/Vienna")),
        pa.scalar(-1, pa.duration("ms")),
        pa.scalar([1, None], pa.list_(INT)),
        pa.scalar({"x": 1, "y": None}, pa.struct({"x": INT, "y": pa.string()})),
        pa.scalar(None, pa.float64()),
        pa.scalar(None, pa.null()),
    ]
} | {
    "minus zero": pa.scalar(-0.0),
    "not a number": pa.scalar(float("nan")),
    "infinity": pa.scalar(float("-inf"), pa.float32()),
    "the smallest number": pa.scalar(-(2**63)),
    "the smallest fraction": pa.scalar(5e-324),
    "a time before 1970": pa.scalar(-86_400_000_001, pa.timestamp("us")),
    "a second before 1970": pa.scalar(-1, pa.timestamp("s")),
    "no text": pa.scalar(""),
    "no bytes": pa.scalar(b""),
    "null text": pa.scalar(None, pa.string()),
    "a text with NUL": pa.scalar("a\0b"),
    "a text beyond ASCII": pa.scalar("e\u0301 \U0001f600 \ufeff"),
    "a long text": pa.scalar("x" * 70_000),
    "no items": pa.scalar([], pa.list_(INT)),
    "a struct of nulls": pa.scalar({"x": None}, pa.struct({"x": INT})),
    "null decimal": pa.scalar(None, pa.decimal128(9, 2)),
    "null time with a zone": pa.scalar(None, pa.timestamp("ns", "+05:30")),
    "a negative interval": pa.scalar((1, -2, -3), pa.month_day_nano_interval()),
}


@clause("INLINE-23")
@pytest.mark.parametrize("literal", list(LITERALS))
def test_literals(subject: Subject, literal: str) -> None:
    """A literal of each type, or with this value, is encoded and decoded. It stays the same."""
    expected, session = LITERALS[literal], subject.session()
    expr = subject.expr(Lit(expected), {})
    again = subject.from_bytes(subject.to_bytes(expr))
    for one, what in (
        (expr, "the literal before encoding"),
        (again, "the literal after decoding"),
    ):
        values = subject.evaluate(session, one, ROWS)
        assert_equal(values.type, expected.type, f"the type of {what}")
        # As texts, -0.0 is not 0.0, and NaN is equal to itself.
        assert_equal(repr(values.to_pylist()), repr([expected.as_py()] * 3), what)


_ZONE = pa.timestamp("s", "+09:00")
_FULL = pa.list_(pa.field("item", INT, nullable=False))
_TWO = Lit(pa.scalar([1, 2], pa.list_(INT)))
CASTS: dict[str, tuple[Node, pa.Array]] = {
    "to a zone": (Cast(Col("a"), _ZONE), pa.array([1, 2, 3], _ZONE)),
    "to items that are not null": (Cast(_TWO, _FULL), pa.array([[1, 2]] * 3, _FULL)),
    "to two items": (Cast(_TWO, pa.list_(INT, 2)), pa.array([[1, 2]] * 3, pa.list_(INT, 2))),
    "of a cast": (Cast(Cast(Lit(True), INT), pa.string()), pa.array(["1"] * 3)),
}
"""Casts, and the column of their results."""


@clause("INLINE-01")
@pytest.mark.parametrize("cast", CASTS)
def test_casts(subject: Subject, cast: str) -> None:
    """A cast is encoded and decoded. Its result has the type and the values of before."""
    (node, expected), session = CASTS[cast], subject.session()
    expr = subject.expr(node, {})
    again = subject.from_bytes(subject.to_bytes(expr), session)
    for one, what in ((expr, "before encoding"), (again, "after decoding")):
        values = subject.evaluate(session, one, ROWS)
        assert_equal(describe_type(values.type), describe_type(expected.type), f"the type {what}")
        assert_result(values.to_pylist(), expected.to_pylist(), f"the values {what}")


COLUMNS = {
    "plain": "n",
    "byte-order-mark": "\ufeffn",
    "composed": "\u00e9",
    "decomposed": "e\u0301",
}
"""Names of columns, some of which would be one if they were normalised."""


@clause("INLINE-29")
@pytest.mark.parametrize("column", COLUMNS)
def test_columns(subject: Subject, column: str) -> None:
    """A UDF is called on a column of this name, among others with similar names."""
    data = {name: [n, n + 20, n + 40] for n, name in enumerate(COLUMNS.values(), 1)}
    rows, udf, session = [pa.RecordBatch.from_pydict(data)], times("scalar", 7), subject.session()
    call = subject.expr(Call(udf, (Col(COLUMNS[column]),)), {udf: function_of(subject, udf)})
    again = subject.from_bytes(subject.to_bytes(call, session), session)
    expected = [7 * value for value in data[COLUMNS[column]]]
    assert_result(subject.evaluate(session, again, rows).to_pylist(), expected, "the result")


@contextmanager
def _recursion_limit(depth: int) -> Iterator[None]:
    """Raise Python's recursion limit enough for ``depth`` nested nodes."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(10 * depth + limit)
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)


@clause("INLINE-17")
@pytest.mark.parametrize("depth", [10, 40, 60, 200])
def test_deep(subject: Subject, depth: int) -> None:
    """Calls are nested 10, 40, 60 and 200 deep. The round trip keeps one frame per call."""
    udf = times("scalar", 2)
    node: Node = Col("a")
    for _ in range(depth):
        node = Call(udf, (node,))
    with _recursion_limit(depth):
        data = subject.to_bytes(subject.expr(node, {udf: function_of(subject, udf)}))
    expr = assert_succeeds(lambda: subject.from_bytes(data), f"{depth} nested calls")
    with _recursion_limit(depth):
        again = subject.to_bytes(expr)
    assert_equal(again.count(MAGIC["scalar"]), depth, "the frames after a round trip")


@clause("INLINE-18")
@each_route
def test_builtin_is_not_replaced(subject: Subject, route: str) -> None:
    """The receiver has a UDF named ``abs``. A call of the built-in abs still runs the built-in."""
    node = Builtin("abs", (Cast(Binary("-", Col("a"), Lit(3)), pa.int64()),))
    data, session = encode_for_route(subject, route, subject.expr(node, {})), subject.session()
    subject.register(session, function_of(subject, times("scalar", 7, "abs")))
    expr = decode_by_route(subject, route, data, session)
    assert_result(subject.evaluate(session, expr, ROWS).to_pylist(), [2, 1, 0], "abs(a - 3)")


STACK_BYTES = 8 * 2**20
"""Size in bytes of the native stack for too deep a nesting, independent of `ulimit -s`."""


@clause("INLINE-19")
@pytest.mark.deadly
def test_too_deep(subject: Subject) -> None:
    """Calls are nested 3,000 deep.

    Encoding succeeds or raises an error, and the process survives.
    """
    node: Node = Col("a")
    for _ in range(3_000):
        node = Builtin("abs", (node,))
    with _recursion_limit(3_000):
        expr = subject.expr(node, {})

        def encode() -> None:
            with suppress(Exception):
                subject.to_bytes(expr)

        before = threading.stack_size(STACK_BYTES)
        thread = threading.Thread(target=encode)
        thread.start()
        threading.stack_size(before)
        thread.join()


each_packing = pytest.mark.parametrize(
    "artifact",
    [
        pytest.param("expression", marks=clause("INLINE-01")),
        pytest.param("pickle", marks=clause("INLINE-02")),
    ],
)


@each_packing
@each_size
@each_family
def test_large(subject: Subject, family: Family, size: str, artifact: Artifact) -> None:
    """The callable captures a text of ``size``. A new session decodes it, with its result."""
    assert_large(subject, artifact, family, size)


@each_packing
@each_family
def test_every_time(subject: Subject, family: Family, artifact: Artifact) -> None:
    """One expression is encoded 20 times, and its bytes are decoded 20 times more.

    Each decoded expression gives the result.
    """
    assert_every_time(subject, artifact, family)


@clause("INLINE-07")
@each_route
def test_forty_calls(subject: Subject, route: str) -> None:
    """An expression adds 5 to calls of 40 UDFs with the factors 1 to 40: 820 ``a`` + 5."""
    udfs = [times("scalar", factor, f"times_{factor}") for factor in range(1, 41)]
    nodes: list[Node] = [Call(udf, (Col("a"),)) for udf in udfs]
    while len(nodes) > 1:  # by pairs, so that the depth is 6: 40, 20, 10, 5, 3, 2, 1 nodes
        pairs = zip_longest(nodes[::2], nodes[1::2])
        nodes = [Binary("+", one, other) if other else one for one, other in pairs]
    sum_ = Binary("+", nodes[0], Lit(5))
    expr = subject.expr(sum_, {udf: function_of(subject, udf) for udf in udfs})
    data = encode_for_route(subject, route, expr)
    assert_equal(len(wire.find(data)), 40, "the number of frames")
    decoded = decode_by_route(subject, route, data, subject.session())
    assert_result(evaluate_rows(subject, "scalar", decoded), [825, 1645, 2465], "the result")
