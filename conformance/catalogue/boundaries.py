"""Boundary values by dimension: where a length, a counter, a buffer or a comparison could slip."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pyarrow as pa

INT = pa.int64()

COUNTS = (0, 1, 2, 3, 10, 11, 16, 17, 32, 33, 127, 128, 129, 255, 256, 257)
"""Around each power of two that could be a limit, and where ``10`` sorts before ``2`` as text."""

SIZES = tuple(2**power + step for power in range(7, 18) for step in (-1, 1))
"""Bytes: around the powers of two that a length prefix or a buffer could have."""

LARGE_SIZES = (2**20 - 1, 2**20 + 1, 16 * 2**20)
"""Bytes: few, since each costs as much as all others."""

NAMES: Mapping[str, str] = {
    "one-letter": "f",
    "63": "n" * 63,
    "64": "n" * 64,
    "127": "n" * 127,
    "128": "n" * 128,
    "255": "n" * 255,
    "256": "n" * 256,
    "257": "n" * 257,
    "1000": "nm" * 500,
    "65536": "n" * 65536,
    "128-of-two-bytes": "ä" * 128,
    "upper-case": "TIMES",
    "mixed-case": "tiMes",
    "sharp-s": "straße",
    "dotted-i": "İstanbul",
    "composed": "caf\u00e9",
    "decomposed": "cafe\u0301",
    "ligature": "ﬁeld",
    "blank-inside": "two words",
    "blank-before": " times",
    "blank-behind": "times ",
    "no-break-space": "two\u00a0words",
    "tab-and-newline": "a\tb\nc",
    "nul": "a\0b",
    "delete": "a\x7fb",
    "escape": "\x1b[31mred",
    "double-quote": 'say "hi"',
    "in-double-quotes": '"times"',
    "doubled-quotes": 'a""b',
    "quoted-parts": '"a"."b"',
    "single-quote": "it's",
    "backtick": "`times`",
    "backslash": "a\\b\\n",
    "percent": "100%s%d",
    "braces": "{0}{name}{}",
    "dot": "schema.times",
    "dot-first": ".times",
    "slash": "../times",
    "comma": "a,b(c)",
    "digits": "007",
    "right-to-left": "\u05d0\u05d1\u05d2",
    "override": "a\u202eb",
    "byte-order-mark": "\ufefftimes",
    "zero-width": "a\u200bb",
    "astral": "\U0001f600\U0001f468\u200d\U0001f469",
    "cjk": "三倍",
    "built-in-scalar": "abs",
    "built-in-aggregate": "sum",
    "built-in-window": "row_number",
    "alias-of-a-built-in": "mean",
    "keyword": "select",
    "literal": "null",
    "of-a-lambda": "make.<locals>.<lambda>",
    "magic": "DFPYUDF",
    "envelope": "DFPYCHN",
    "field-name": "arg_0",
    "volatility": "volatile",
}
"""Names of UDFs, by what is special about them."""

NAMED = [
    key for key, name in NAMES.items() if name.isascii() and name.isprintable() and len(name) < 300
]
"""The names that an error has as a whole: it may cut longer ones, and escape other letters."""

METADATA: Mapping[str, Mapping[str, str]] = {
    "none": {},
    "one": {"unit": "mm"},
    "two": {"unit": "mm", "scale": "2"},
    "out-of-order": {"b": "1", "a": "2", "10": "3", "9": "4", "B": "5"},
    "empty-value": {"unit": ""},
    "empty-key": {"": "mm"},
    "16": {f"k{n}": f"v{n}" for n in range(16)},
    "17": {f"k{n}": f"v{n}" for n in range(17)},
    "100": {f"k{n}": f"v{n}" for n in range(100)},
    "long-key": {"k" * 300: "v"},
    "long-value": {"k": "v" * 70_000},
    "non-ascii": {"größe": "三", "\U0001f600": "\u0301"},
    "nul": {"a\0b": "c\0d"},
    "json": {"a": '{"b": [1, "c"]}'},
    "extension": {"ARROW:extension:name": "a.b", "ARROW:extension:metadata": "c"},
    "pandas": {"pandas": "{}"},
    "lines": {"a": "1\n2\r\n3", " blank ": " blank "},
}
"""Metadata of a field."""

_PLAIN = (
    pa.null(),
    pa.bool_(),
    *(pa.int8(), pa.int16(), pa.int32(), pa.int64()),
    *(pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64()),
    *(pa.float16(), pa.float32(), pa.float64()),
    *(pa.date32(), pa.date64()),
    *(pa.time32("s"), pa.time32("ms"), pa.time64("us"), pa.time64("ns")),
    *(pa.timestamp(unit) for unit in ("s", "ms", "us", "ns")),
    *(
        pa.timestamp("us", zone)
        for zone in ("UTC", "Etc/UTC", "+00:00", "-09:30", "America/Argentina/Ushuaia")
    ),
    *(pa.duration(unit) for unit in ("s", "ms", "us", "ns")),
    pa.month_day_nano_interval(),
    *(
        pa.decimal128(1, 0),
        pa.decimal128(38, 38),
        pa.decimal128(10, -3),
        pa.decimal256(76, 7),
        pa.decimal256(9, 2),
    ),
    *(pa.string(), pa.large_string(), pa.binary(), pa.large_binary()),
    *(pa.string_view(), pa.binary_view()),
    *(pa.binary(0), pa.binary(1), pa.binary(257)),
)
_HAS_SMALL = hasattr(pa, "decimal32")  # since pyarrow 18
_NOT_NULL = pa.field("x", INT, nullable=False)


def _nest(depth: int) -> pa.DataType:
    """Return the type of a list that nests so deep."""
    return pa.list_(_nest(depth - 1)) if depth else INT


TYPES: Mapping[str, pa.DataType] = {
    **{str(type_): type_ for type_ in _PLAIN},
    "list": pa.list_(INT),
    "list-of-not-null": pa.list_(pa.field("element", INT, nullable=False)),
    "list-with-metadata": pa.list_(pa.field("item", INT, metadata={"unit": "mm", "z": "a"})),
    "lists-in-lists": pa.list_(pa.list_(pa.list_(pa.string()))),
    "large-list": pa.large_list(INT),
    "list-of-0": pa.list_(INT, 0),
    "list-of-3": pa.list_(INT, 3),
    "list-of-3-not-null": pa.list_(pa.field("item", INT, nullable=False), 3),
    "empty-struct": pa.struct([]),
    "struct-out-of-order": pa.struct([("b", INT), ("a", pa.string()), ("B", pa.bool_())]),
    "struct-of-not-null": pa.struct([pa.field("x", INT, nullable=False), pa.field("", pa.null())]),
    "struct-field-with-metadata": pa.struct([pa.field("x", INT, metadata={"b": "1", "a": "2"})]),
    "struct-with-metadata": pa.struct(
        [pa.field("x", pa.list_(pa.field("item", INT, metadata={"b": "1", "a": "2"})))]
    ),
    "struct-of-17": pa.struct([(f"c{n}", INT) for n in range(17)]),
    "map": pa.map_(pa.string(), INT),
    "map-of-not-null": pa.map_(pa.string(), pa.field("value", INT, nullable=False)),
    "sorted-map": pa.map_(pa.string(), INT, keys_sorted=True),
    "dictionary-of-int8": pa.dictionary(pa.int8(), pa.string()),
    "dictionary-of-uint32": pa.dictionary(pa.uint32(), pa.int64()),
    "ordered-dictionary": pa.dictionary(pa.int32(), pa.string(), ordered=True),
    "sparse-union": pa.sparse_union([pa.field("n", INT), pa.field("w", pa.string())]),
    "dense-union": pa.dense_union(
        [pa.field("n", INT, nullable=False), pa.field("w", pa.string())], [5, 2]
    ),
    "struct-of-namesakes": pa.struct([pa.field("x", INT), pa.field("x", pa.string())]),
    "dictionary-of-lists": pa.dictionary(pa.int8(), pa.list_(INT)),
    "large-list-with-metadata": pa.large_list(pa.field("item", INT, metadata={"unit": "mm"})),
    "large-list-of-not-null": pa.large_list(_NOT_NULL),
    "list-of-structs-of-not-null": pa.list_(pa.struct([_NOT_NULL])),
    "list-of-nulls": pa.list_(pa.null()),
    "list-of-65537": pa.list_(INT, 65_537),
    "lists-32-deep": _nest(32),
    "list-view": pa.list_view(INT),
    "large-list-view": pa.large_list_view(INT),
    "list-of-text-views": pa.list_(pa.string_view()),
    "struct-of-views": pa.struct([("x", pa.string_view()), ("y", pa.binary_view())]),
    "dictionary-of-uint64": pa.dictionary(pa.uint64(), pa.string()),
    "dictionary-of-large-texts": pa.dictionary(pa.int32(), pa.large_string()),
    "sparse-union-of-3": pa.sparse_union(
        [pa.field("n", INT), pa.field("w", pa.string()), pa.field("b", pa.bool_())], [7, 1, 4]
    ),
    "run-end-encoded": pa.run_end_encoded(pa.int16(), pa.string()),
    **({"decimal32": pa.decimal32(5, 2), "decimal64": pa.decimal64(5, -2)} if _HAS_SMALL else {}),
}
"""Arrow types with the parameters that a schema can lose."""


CONTAINERS: Mapping[str, Callable[[pa.DataType], pa.DataType]] = {
    "list": pa.list_,
    "list-of-2": lambda type_: pa.list_(type_, 2),
    "large-list": pa.large_list,
    "list-view": pa.list_view,
    "struct": lambda type_: pa.struct([("x", type_)]),
    "map": lambda type_: pa.map_(pa.string(), type_),
    "union": lambda type_: pa.dense_union([pa.field("n", INT), pa.field("x", type_)], [5, 2]),
}
"""Types with a type inside."""
