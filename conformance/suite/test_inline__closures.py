"""Values in the closure of a UDF: they arrive with the types and the contents that they had."""

from __future__ import annotations

import pyarrow as pa
import pytest

from conformance.catalogue.nodes import Call, Col, Family, Over, Udf
from conformance.runner.assertions import assert_equal, assert_result
from conformance.subjects.interface import Subject
from conformance.suite.helpers.codec import (
    decode_by_route,
    encode_for_route,
    frame_of,
    signature_of,
)
from conformance.suite.helpers.markers import clause, each_family, each_route
from conformance.suite.helpers.same_name_udfs import (
    INT,
    RESULTS,
    call_of,
    decode_and_evaluate,
    evaluate_rows,
    function_holding,
    function_of,
    times,
)

_NAMES = """
import re
from collections import Counter, OrderedDict, defaultdict, deque, namedtuple
from datetime import date, datetime, timezone
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from operator import itemgetter
from pathlib import PurePosixPath
from random import Random
from types import SimpleNamespace
from uuid import UUID
import pyarrow as pa
class Kind(Enum): ONE = 1
class Text(str): pass
class Number(int): pass
Point = namedtuple("Point", "x y")
def show(value, content): return f"{type(value).__name__} {content!a}"
"""

VALUES = {
    "minus_zero": ("-0.0", "float -0.0"),
    "not_a_number": ("float('nan')", "float nan"),
    "infinity": ("float('inf')", "float inf"),
    "beyond_32_bits": ("2**40", "int 1099511627776"),
    "beyond_64_bits": ("-2**70", "int -1180591620717411303424"),
    "imaginary": ("1 + 2j", "complex (1+2j)"),
    "true": ("True", "bool True"),
    "none": ("None", "NoneType None"),
    "ellipsis": ("...", "ellipsis Ellipsis"),
    "mutable_bytes": ("bytearray(b'ab')", "bytearray bytearray(b'ab')"),
    "long_bytes": ("bytes(300)", "bytes 300"),
    "surrogate": (r"'\ud800'", r"str '\ud800'"),
    "pair": ("(1, 2)", "tuple (1, 2)"),
    "frozen": ("frozenset([1])", "frozenset frozenset({1})"),
    "steps": ("range(3)", "range range(0, 3)"),
    "part": ("slice(1, 2)", "slice slice(1, 2, None)"),
    "unsorted": ("{'b': 1, 'a': 2}", "dict {'b': 1, 'a': 2}"),
    "numbered": ("{1: 2}", "dict {1: 2}"),
    "ordered": ("OrderedDict(b=1, a=2)", "OrderedDict [('b', 1), ('a', 2)]"),
    "with_default": ("defaultdict(list, {1: [2]})", "defaultdict <class 'list'>"),
    "bounded": ("deque([1], maxlen=2)", "deque deque([1], maxlen=2)"),
    "counts": ("Counter('aab')", "Counter Counter({'a': 2, 'b': 1})"),
    "point": ("Point(1, 2)", "Point Point(x=1, y=2)"),
    "text": ("Text('x')", "Text 'x'"),
    "number": ("Number(3)", "Number 3"),
    "kind": ("Kind.ONE", "Kind <Kind.ONE: 1>"),
    "namespace": ("SimpleNamespace(a=1)", "SimpleNamespace {'a': 1}"),
    "pattern": ("re.compile('a', re.I | re.M)", "Pattern ('a', 42)"),
    "decimal": ("Decimal('1.10')", "Decimal Decimal('1.10')"),
    "fraction": ("Fraction(1, 3)", "Fraction Fraction(1, 3)"),
    "day": ("date(2020, 1, 1)", "date datetime.date(2020, 1, 1)"),
    "zoned": ("datetime(2020, 1, 1, tzinfo=timezone.utc)", "datetime datetime.timezone.utc"),
    "uuid": ("UUID(int=5)", "UUID UUID('00000000-0000-0000-0000-000000000005')"),
    "path": ("PurePosixPath('/a')", "PurePosixPath PurePosixPath('/a')"),
    "random": ("Random(5)", "Random 2796186638"),
    "getter": ("itemgetter(1)", "itemgetter operator.itemgetter(1)"),
    "sliced": ("pa.array([1, None, 3, 4]).slice(1, 2)", "Int64Array [None, 3]"),
    "scalar": ("pa.scalar(1, pa.int8())", "Int8Scalar 1"),
    "table": ("pa.table({'a': [1]}).replace_schema_metadata({'k': 'v'})", "Table {b'k': b'v'}"),
    "field": ("pa.field('a', pa.int8(), metadata={'k': 'v'})", "Field {b'k': b'v'}"),
    "type": ("pa.timestamp('ms', 'UTC')", "TimestampType 'timestamp[ms, tz=UTC]'"),
}
"""Values as source code, and the name of the type and the content of each."""

CONTENTS = {
    "long_bytes": "len(long_bytes)",
    "ordered": "[*ordered.items()]",
    "with_default": "with_default.default_factory",
    "namespace": "vars(namespace)",
    "pattern": "(pattern.pattern, pattern.flags)",
    "zoned": "zoned.tzinfo",
    "random": "random.getstate()[1][1]",
    "sliced": "sliced.to_pylist()",
    "scalar": "scalar.as_py()",
    "table": "table.schema.metadata",
    "field": "field.metadata",
    "type": "str(type)",
}
"""The source code of what is the content of a value, where it is not the value itself."""

_BODIES: dict[Family, str] = {
    "scalar": "    def f(a): return pa.array([{shown}] * len(a))\n",
    "aggregate": (
        "    class f(Accumulator):\n"
        "        def update(self, a): pass\n"
        "        def merge(self, states): pass\n"
        "        def state(self): return [pa.scalar(0)]\n"
        "        def evaluate(self): return pa.scalar({shown})\n"
    ),
    "window": (
        "    class f(WindowEvaluator):\n"
        "        def evaluate_all(self, values, n): return pa.array([{shown}] * n)\n"
    ),
}


def _udf_holding_values(family: Family) -> Udf:
    """Return a UDF that shows each value, with each in a variable of its own."""
    shown = ", ".join(f"show({name}, {CONTENTS.get(name, name)})" for name in VALUES)
    source = (
        f"{_NAMES}def make({', '.join(VALUES)}):\n"
        f"{_BODIES[family].format(shown=f'chr(10).join([{shown}])')}    return f\n"
        f"f = make({', '.join(value for value, _ in VALUES.values())})\n"
    )
    state = (INT,) if family == "aggregate" else ()
    return Udf(f"inline/values-{family}", family, "shown", source, (INT,), pa.string(), state)


@clause("INLINE-20")
@each_family
def test_values_in_closures(subject: Subject, family: Family) -> None:
    """A callable holds a value of each of many types. Each has its type and content afterwards."""
    expr = call_of(subject, _udf_holding_values(family))
    again = subject.from_bytes(subject.to_bytes(expr), subject.session())
    for one, what in ((expr, "before encoding"), (again, "after decoding")):
        lines = evaluate_rows(subject, family, one)[0].splitlines()
        seen = dict(zip(VALUES, lines, strict=True))
        wrong = {name: text for name, text in seen.items() if text != VALUES[name][1]}
        assert_result(wrong, {name: VALUES[name][1] for name in wrong}, f"the values {what}")


@clause("INLINE-06")
@each_family
def test_expression_of_other_types_in_a_closure(subject: Subject, family: Family) -> None:
    """The callable holds an expression with a volatile UDF of text, which travels inside.

    The definition of the outer UDF is that of a callable without it, and its result stays.
    """
    outer, text, session = times(family, 7), pa.string(), subject.session()
    same = "def f(a): return a\n"
    inner = Udf("inline/text", "scalar", "text", same, (text,), text, (), "volatile")
    held = function_holding(subject, outer, call_of(subject, inner))
    first = subject.to_bytes(call_of(subject, outer, held), session)
    second = subject.to_bytes(subject.from_bytes(first, session), session)
    expected = signature_of(frame_of(subject.to_bytes(call_of(subject, outer), session)))
    for data, time in ((first, "first"), (second, "second")):
        seen = signature_of(frame_of(data))
        assert_equal(seen, expected, f"the definition of the {time} encoding")
    values = decode_and_evaluate(subject, family, second, session)
    assert_result(values, RESULTS[family], "times 7")


@clause("INLINE-01")
@each_route
def test_what_a_callable_keeps(subject: Subject, route: str) -> None:
    """A UDF counts the different values that it has seen, in two queries over several partitions.

    A decoded one keeps what it counts in from one batch to the next, as the original does.
    """
    count = "    def f(a):\n        seen.update(a.to_pylist())\n"
    count += "        return pa.array([len(seen)] * len(a))\n    return f\nf = make(set())\n"
    source = f"import pyarrow as pa\ndef make(seen):\n{count}"
    original = call_of(subject, Udf("inline/keeps", "scalar", "count", source, (INT,), INT))
    session, data = subject.session(), encode_for_route(subject, route, original)
    several = [pa.RecordBatch.from_pydict({"a": [n, n + 10]}) for n in range(8)]
    last = [pa.RecordBatch.from_pydict({"a": [99]})]
    for one in (original, decode_by_route(subject, route, data, session)):
        subject.evaluate(session, one, several)
        seen = subject.evaluate(session, one, last).to_pylist()
        assert_result(seen, [17], "how many values the UDF has seen")


_NUMBERED: dict[Family, str] = {
    "aggregate": """
class One(Accumulator):
    def __init__(self, number): self.number = number
    def update(self, a): pass
    def merge(self, states): pass
    def state(self): return [pa.scalar(0)]
    def evaluate(self): return pa.scalar(self.number)
""",
    "window": """
class One(WindowEvaluator):
    def __init__(self, number): self.number = number
    def evaluate_all(self, values, n): return pa.array([self.number] * n)
""",
}
"""Each gives the number that its factory gave it."""


@clause("INLINE-01")
@pytest.mark.parametrize("family", _NUMBERED)
def test_factories_are_called_again(subject: Subject, family: Family) -> None:
    """A factory numbers what it makes. Each of three groups or partitions has its own number."""
    make = "def make(numbers): return lambda: One(next(numbers))\nf = make(iter(range(999)))\n"
    source = f"import pyarrow as pa\n{_NUMBERED[family]}{make}"
    state = (INT,) if family == "aggregate" else ()
    udf = Udf(f"inline/numbered-{family}", family, "numbered", source, (INT,), INT, state)
    over = Over(partition_by=(Col("a"),)) if family == "window" else None
    original = subject.expr(Call(udf, (Col("a"),), over=over), {udf: function_of(subject, udf)})
    data, session = subject.to_bytes(original), subject.session()
    rows = [pa.RecordBatch.from_pydict({"a": [1, 2, 2, 3, 1]})]
    for one in (original, subject.from_bytes(data, session)):
        if family == "window":
            seen = subject.evaluate(session, one, rows)
        else:
            grouped = subject.evaluate(session, one, rows, aggregate=True, group_by=("a",))
            seen = grouped.field(1)
        assert_result(len(set(seen.to_pylist())), 3, "the different numbers")
