"""Scalar UDFs over Arrow's types: what a schema message must carry in and out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any

import pyarrow as pa

from conformance.catalogue.build import INT, TEXT, cols, scalar_entry, source, table_entry
from conformance.catalogue.entry import Entry
from conformance.catalogue.nodes import Builtin, Call, Lit, TypeOrField, Udf

_MAPPED = """
import pyarrow as pa
def f(a):
    return pa.array([None if x is None else {body} for x in a.to_pylist()], {type})
"""


def _mapped(
    id_: str,
    note: str,
    body: str,
    inputs: TypeOrField,
    returns: str,
    column: list[Any],
    result: list[Any],
) -> Entry:
    """Make an entry of a UDF that maps each value ``x`` to ``body``, an expression.

    ``returns`` is the result type as source text, because the body needs it too.
    """
    text = _MAPPED.format(body=body, type=returns)
    type_ = eval(returns, {"pa": pa})
    return scalar_entry(f"types/{id_}", note, text, [inputs], type_, [column], result)


def _udf(id_: str, text: str, inputs: Sequence[TypeOrField], returns: TypeOrField) -> Udf:
    name = id_.replace("-", "_")
    return Udf(f"types/{id_}", "scalar", name, source(text), tuple(inputs), returns)


_POINT = pa.struct([("x", INT), ("y", pa.list_(TEXT))])
_TRACK = pa.list_(pa.field("point", _POINT, nullable=False))
_BERLIN = timezone(timedelta(hours=2))

NUMBERS = (
    _mapped(
        "boolean",
        "Booleans are bits, not bytes: an offset mixed up shifts them by rows.",
        "not x",
        pa.bool_(),
        "pa.bool_()",
        [True, None, False, False],
        [False, None, True, True],
    ),
    scalar_entry(
        "types/signed",
        "Each width of signed integer at its edge; one widened on the way no longer matches.",
        """
        import pyarrow as pa
        def f(a, b, c):
            rows = zip(a.to_pylist(), b.to_pylist(), c.to_pylist())
            return pa.array([a + b - c for a, b, c in rows], pa.int32())
        """,
        [pa.int8(), pa.int16(), pa.int32()],
        pa.int32(),
        [[-128, 127], [-32768, 32767], [2147450751, -2147450753]],
        [-2147483647, 2147483647],
    ),
    scalar_entry(
        "types/unsigned",
        "The largest unsigned values, which turn negative where signedness is lost.",
        """
        import pyarrow as pa
        def f(a, b, c, d):
            rows = zip(*(column.to_pylist() for column in (a, b, c, d)))
            return pa.array([d - c - b - a for a, b, c, d in rows], pa.uint64())
        """,
        [pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64()],
        pa.uint64(),
        [[255, 0], [65535, 1], [4294967295, 2], [18446744073709551615, 10]],
        # 255 + 65535 + 4294967295 = 4295033085
        [18446744069414518530, 7],
    ),
    scalar_entry(
        "types/float32",
        "Single precision: a result declared double would show the digits that single drops.",
        """
        import pyarrow.compute as pc
        f = lambda a: pc.divide(a, pc.cast(4, a.type))
        """,
        [pa.float32()],
        pa.float32(),
        [[1.0, -2.5, None, 16777216.0]],
        [0.25, -0.625, None, 4194304.0],
    ),
    _mapped(
        "decimal",
        "Precision and scale are two numbers in the schema; swapped or lost, the value is off by "
        "powers of ten.",
        "x * 3",
        pa.decimal128(10, 2),
        "pa.decimal128(12, 3)",
        [Decimal("1.25"), None, Decimal("-99999999.99")],
        [Decimal("3.750"), None, Decimal("-299999999.970")],
    ),
    _mapped(
        "decimal256",
        "Values wider than 128 bits, which a narrower decimal cuts off.",
        "x.copy_negate()",
        pa.decimal256(60, 1),
        "pa.decimal256(70, 3)",
        [Decimal("123456789" * 6 + ".5"), Decimal("-1.0")],
        [Decimal("-" + "123456789" * 6 + ".500"), Decimal("1.000")],
    ),
)

TIMES = (
    _mapped(
        "timestamp",
        "A time without a zone: in another unit, the date is off by decades.",
        "x.replace(year=x.year + 4, microsecond=x.microsecond * 2)",
        pa.timestamp("us"),
        "pa.timestamp('us')",
        [datetime(2000, 2, 29, 5, 6, 7, 8), None, datetime(1999, 12, 31)],
        [datetime(2004, 2, 29, 5, 6, 7, 16), None, datetime(2003, 12, 31)],
    ),
    scalar_entry(
        "types/timestamp-zone",
        "The zone is a string in the type; lost, the value becomes local time or is refused.",
        """
        import pyarrow as pa
        def f(a):
            return pa.array([f"{x} {a.type}" for x in a.cast(pa.int64()).to_pylist()])
        """,
        [pa.timestamp("ms", "Europe/Berlin")],
        TEXT,
        [[1500, 0, -7]],
        [f"{x} timestamp[ms, tz=Europe/Berlin]" for x in (1500, 0, -7)],
    ),
    scalar_entry(
        "types/timestamp-offset",
        "A zone in the result type, as an offset: dropped, the result is naive.",
        """
        import pyarrow as pa
        def f(a):
            shifted = [x + 3600 for x in a.cast(pa.int64()).to_pylist()]
            return pa.array(shifted, pa.timestamp("s", "+02:00"))
        """,
        [pa.timestamp("s", "+02:00")],
        pa.timestamp("s", "+02:00"),
        [[0, 86400]],
        [datetime(1970, 1, 1, 3, tzinfo=_BERLIN), datetime(1970, 1, 2, 3, tzinfo=_BERLIN)],
    ),
    scalar_entry(
        "types/dates",
        "Days and milliseconds are both called a date.",
        """
        import pyarrow as pa
        from datetime import timedelta
        def f(a, b):
            rows = zip(a.to_pylist(), b.to_pylist())
            return pa.array([b + timedelta(days=a.day) for a, b in rows], pa.date32())
        """,
        [pa.date32(), pa.date64()],
        pa.date32(),
        [[date(2024, 2, 29), date(1969, 7, 20)], [date(2024, 2, 1), date(1970, 1, 1)]],
        [date(2024, 3, 1), date(1970, 1, 21)],
    ),
    scalar_entry(
        "types/times",
        "Seconds in 32 bits and microseconds in 64: two units of one idea.",
        """
        import pyarrow as pa
        from datetime import time
        def f(a, b):
            rows = zip(a.to_pylist(), b.to_pylist())
            new = [time(a.hour, b.minute, a.second, b.microsecond) for a, b in rows]
            return pa.array(new, pa.time64("us"))
        """,
        [pa.time32("s"), pa.time64("us")],
        pa.time64("us"),
        [[time(1, 2, 3), time(23, 59, 58)], [time(4, 5, 6, 7), time(0, 1, 2, 999999)]],
        [time(1, 5, 3, 7), time(23, 1, 58, 999999)],
    ),
    _mapped(
        "duration",
        "A duration has a unit and no calendar.",
        "x * -2",
        pa.duration("ms"),
        "pa.duration('ms')",
        [timedelta(milliseconds=1500), None, timedelta(days=-1)],
        [timedelta(seconds=-3), None, timedelta(days=2)],
    ),
    _mapped(
        "interval",
        "Months, days and nanoseconds stand side by side and must not be swapped.",
        "(x[1], x[2], x[0])",
        pa.month_day_nano_interval(),
        "pa.month_day_nano_interval()",
        [(1, 2, 3), None, (-4, 0, 9)],
        [(2, 3, 1), None, (0, 9, -4)],
    ),
)

BYTES = (
    _mapped(
        "binary",
        "Bytes that are no UTF-8: anyone who takes them for text fails.",
        "x[::-1] + bytes([0xFE])",
        pa.binary(),
        "pa.binary()",
        [b"\xff\x00a", None, b""],
        [b"a\x00\xff\xfe", None, b"\xfe"],
    ),
    _mapped(
        "fixed-size-binary",
        "The width stands in the type.",
        "x[1:]",
        pa.binary(3),
        "pa.binary(2)",
        [b"abc", None, b"\x00\x80\xff"],
        [b"bc", None, b"\x80\xff"],
    ),
    _mapped(
        "large-string",
        "Offsets of 64 bits, declared apart from those of 32.",
        "x.upper() + '!'",
        pa.large_string(),
        "pa.large_string()",
        ["straße", None, ""],
        ["STRASSE!", None, "!"],
    ),
    _mapped(
        "large-binary",
        "The large twin of bytes, easily taken for the large twin of text.",
        "x * 2",
        pa.large_binary(),
        "pa.large_binary()",
        [b"\xc3", None, b"ab"],
        [b"\xc3\xc3", None, b"abab"],
    ),
    _mapped(
        "string-view",
        "Views are the engine's own favourite, and newer than many readers of schemas.",
        "x[::-1]",
        pa.string_view(),
        "pa.string_view()",
        ["short", None, "longer than the twelve bytes that are inlined"],
        ["trohs", None, "denilni era taht setyb evlewt eht naht regnol"],
    ),
    _mapped(
        "binary-view",
        "Views of bytes that are no UTF-8.",
        "x + x[:1]",
        pa.binary_view(),
        "pa.binary_view()",
        [b"\xff\xfe", None, b"thirteen byte"],
        [b"\xff\xfe\xff", None, b"thirteen bytet"],
    ),
)

NESTED = (
    _mapped(
        "list",
        "The smallest nested type: one child field.",
        "sorted(x, reverse=True)[:2]",
        pa.list_(INT),
        "pa.list_(pa.int64())",
        [[1, 3, 2], None, [], [5]],
        [[3, 2], None, [], [5]],
    ),
    _mapped(
        "large-list",
        "Lists with 64-bit offsets.",
        "x[1:] + [None]",
        pa.large_list(TEXT),
        "pa.large_list(pa.string())",
        [["a", "b"], None, []],
        [["b", None], None, [None]],
    ),
    _mapped(
        "fixed-size-list",
        "The length stands in the type.",
        "[x[1], x[0], x[1] - x[0]]",
        pa.list_(pa.int32(), 2),
        "pa.list_(pa.int32(), 3)",
        [[1, 5], [7, 3]],
        [[5, 1, 4], [3, 7, -4]],
    ),
    _mapped(
        "struct",
        "Children have names, an order and nullability of their own.",
        "{'y': x['y'] + x['z'], 'x': x['y'] * 2}",
        pa.struct([("z", INT), pa.field("y", INT, nullable=False)]),
        "pa.struct([('x', pa.int64()), ('y', pa.int64())])",
        [{"z": 1, "y": 10}, None, {"z": -2, "y": 4}],
        [{"x": 20, "y": 11}, None, {"x": 8, "y": 2}],
    ),
    _mapped(
        "map",
        "A map is a list of structs whose inner names are agreed nowhere.",
        "[(v, k) for k, v in x]",
        pa.map_(TEXT, INT),
        "pa.map_(pa.int64(), pa.string())",
        [[("a", 1), ("b", 2)], None, []],
        [[(1, "a"), (2, "b")], None, []],
    ),
    _mapped(
        "nested",
        "Lists of structs of lists: a schema that is flattened or cut at some depth shows here.",
        "[(p['y'][-1], [{'x': p['x'] + 1, 'y': p['y'][:1]}]) for p in x]",
        _TRACK,
        "pa.map_(pa.string(), pa.list_(pa.struct([('x', pa.int64()), "
        "('y', pa.list_(pa.string()))])))",
        [[{"x": 1, "y": ["a", "b"]}, {"x": 2, "y": ["c"]}], None, []],
        [[("b", [{"x": 2, "y": ["a"]}]), ("c", [{"x": 3, "y": ["c"]}])], None, []],
    ),
    scalar_entry(
        "types/dictionary",
        "A dictionary type names two types and an id that a schema message assigns.",
        """
        import pyarrow as pa
        def f(a):
            words = pa.array([x[::-1] for x in a.dictionary.to_pylist()])
            return pa.DictionaryArray.from_arrays(a.indices, words)
        """,
        [pa.dictionary(pa.int32(), TEXT)],
        pa.dictionary(pa.int32(), TEXT),
        [["ab", "cd", None, "ab"]],
        ["ba", "dc", None, "ba"],
    ),
    scalar_entry(
        "types/null",
        "A column without a type has no buffers at all.",
        """
        import pyarrow as pa
        def f(a, b):
            return pa.array([f"{a.type}{x}" for x in b.to_pylist()])
        """,
        [pa.null(), INT],
        TEXT,
        [[None, None], [4, 3]],
        ["null4", "null3"],
    ),
)

_HALVE = _udf(
    "float16-result",
    """
    import struct
    import pyarrow as pa
    def f(a):
        values = [x / 2 for x in a.to_pylist()]
        data = pa.py_buffer(struct.pack(f"<{len(values)}e", *values))
        return pa.Array.from_buffers(pa.float16(), len(values), [None, data])
    """,
    [pa.float32()],
    pa.float16(),
)
_UNPACK = _udf(
    "float16-input",
    """
    import struct
    import pyarrow as pa
    def f(a):
        data = a.buffers()[1].to_pybytes()[a.offset * 2 : (a.offset + len(a)) * 2]
        return pa.array([x + 1 for x in struct.unpack(f"<{len(a)}e", data)], pa.float32())
    """,
    [pa.float16()],
    pa.float32(),
)
_TENSOR = pa.field(
    "tensor",
    pa.list_(pa.int32(), 2),
    metadata={
        "ARROW:extension:name": "arrow.fixed_shape_tensor",
        "ARROW:extension:metadata": '{"shape":[2]}',
    },
)
_KEY = pa.scalar("ARROW:extension:name", TEXT)
_MAKE_TENSOR = _udf(
    "extension-result",
    """
    import pyarrow as pa
    def f(a):
        return pa.array([[x, -x] for x in a.to_pylist()], pa.list_(pa.int32(), 2))
    """,
    [INT],
    _TENSOR,
)
_READ_TENSOR = _udf(
    "extension-input",
    """
    import pyarrow as pa
    def f(a):
        storage = a.storage if isinstance(a, pa.ExtensionArray) else a
        return pa.array([f"{type(a).__name__}{x}" for x in storage.to_pylist()])
    """,
    [_TENSOR],
    TEXT,
)

COMPOSED = (
    table_entry(
        "types/float16",
        "Half floats out of one UDF and into another; few readers know the type.",
        Call(_UNPACK, (Call(_HALVE, cols("a")),)),
        {"a": pa.float32()},
        [[[1.0], [-3.0], [0.25]]],
        [1.5, -0.5, 1.125],
        result_type=pa.float32(),
    ),
    table_entry(
        "types/extension",
        "An extension type is metadata on the result field; lost, the next UDF is handed the "
        "bare storage.",
        Call(_READ_TENSOR, (Call(_MAKE_TENSOR, cols("a")),)),
        {"a": INT},
        [[[3], [-1]]],
        ["FixedShapeTensorArray[3, -3]", "FixedShapeTensorArray[-1, 1]"],
        result_type=TEXT,
    ),
    table_entry(
        "types/metadata",
        "The engine itself reads the result field's metadata, so a plan may depend on it.",
        Builtin("arrow_metadata", (Call(_MAKE_TENSOR, cols("a")), Lit(_KEY))),
        {"a": INT},
        [[[1], [2]]],
        ["arrow.fixed_shape_tensor"] * 2,
    ),
)

ENTRIES = (*NUMBERS, *TIMES, *BYTES, *NESTED, *COMPOSED)
