"""Entries with scalar UDFs: names, arguments, volatility and result field."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa

from conformance.catalogue.build import BOOL, FLOAT, INT, TEXT, scalar_entry
from conformance.catalogue.nodes import Binary, Call, Col, Lit

_ZERO = scalar_entry(
    "scalar/zero-arguments",
    "No input fields. An encoder that takes the schema from the first field has none.",
    """
    import pyarrow as pa
    f = lambda: pa.array([40], pa.int64())
    """,
    [],
    INT,
    [],
    [],
)

_VOLATILE = scalar_entry(
    "scalar/volatile",
    "A volatile UDF of a literal runs for every row. If it is decoded as immutable, the planner "
    "folds it and every row gets the first value.",
    """
    import pyarrow as pa
    def f(a):
        return pa.array([x * 10 + i for i, x in enumerate(a.to_pylist())], pa.int64())
    """,
    [INT],
    INT,
    [[4, 5, 6]],
    [70, 71, 72],
    volatility="volatile",
)

VOLATILE = _VOLATILE.udfs[0]

_NAMES = tuple(
    scalar_entry(
        f"scalar/{id_}",
        note,
        f"""
        import pyarrow.compute as pc
        f = lambda a: pc.subtract({number}, a)
        """,
        [INT],
        INT,
        [[1, 5, -2]],
        [number - 1, number - 5, number + 2],
        name=name,
    )
    for number, (id_, name, note) in enumerate(
        [
            (
                "unicode-name",
                "größe_数_\U0001f980",
                "A name with characters of two, three and four UTF-8 bytes, so its byte length is "
                "not its character count.",
            ),
            (
                "quoted-name",
                "odd \"name\"; with 'quotes' \\ and . dots",
                "A name that SQL must quote. A codec that re-parses the name breaks it.",
            ),
            (
                "mixed-case-name",
                "CamelCase",
                "A mixed-case name. A receiver that folds case looks up another name.",
            ),
            ("empty-name", "", "An empty name. proto3 omits it from the bytes, which is no error."),
            ("blank-name", " ", "A name of one blank, which stripping would lose."),
            (
                "builtin-name",
                "abs",
                "The name of a built-in function, which must not run instead of the callable.",
            ),
        ],
        20,
    )
)

ENTRIES = (
    scalar_entry(
        "scalar/many-arguments",
        "Five types in one signature. A wrong field order or count fails or swaps columns.",
        """
        import pyarrow as pa
        def f(i, s, x, b, d):
            rows = zip(*(column.to_pylist() for column in (i, s, x, b, d)))
            return pa.array([f"{i}|{s}|{x}|{b}|{d.hex()}" for i, s, x, b, d in rows])
        """,
        [INT, TEXT, FLOAT, BOOL, pa.binary()],
        TEXT,
        [[1, -2], ["x", "y z"], [0.5, -4.25], [True, False], [b"\x00\xff", b""]],
        ["1|x|0.5|True|00ff", "-2|y z|-4.25|False|"],
    ),
    replace(
        _ZERO,
        expr=Binary("+", Col("a"), Call(_ZERO.udfs[0], ())),
        schema=pa.schema([("a", INT)]),
        batches=({"a": [1, 2, 5]},),
        result=[41, 42, 45],
    ),
    replace(_VOLATILE, expr=Call(VOLATILE, (Lit(7),))),
    scalar_entry(
        "scalar/stable",
        "The volatility between immutable and volatile. A one-bit flag cannot hold it.",
        """
        import pyarrow.compute as pc
        f = lambda a: pc.subtract(pc.multiply(a, a), 3)
        """,
        [INT],
        INT,
        [[1, 2, -4]],
        [-2, 1, 13],
        volatility="stable",
    ),
    scalar_entry(
        "scalar/not-null",
        "A non-nullable result field. If it becomes nullable, plans no longer agree on the schema.",
        """
        import pyarrow.compute as pc
        f = lambda a: pc.fill_null(pc.multiply(a, 4), -1)
        """,
        [INT],
        pa.field("quadruple", INT, nullable=False),
        [[2, None, 3]],
        [8, -1, 12],
    ),
    scalar_entry(
        "scalar/metadata",
        "Metadata on the result field, which defines extension types, must survive.",
        """
        import pyarrow.compute as pc
        f = lambda a: pc.divide(a, 2.0)
        """,
        [FLOAT],
        pa.field("half", FLOAT, metadata={"unit": "mm", "größe": "ja"}),
        [[1.0, -3.0, 0.5]],
        [0.5, -1.5, 0.25],
    ),
    scalar_entry(
        "scalar/input-fields",
        "Input fields with names, metadata and nullability. Only their types count.",
        """
        import pyarrow.compute as pc
        f = lambda a, b: pc.subtract(a, b)
        """,
        [
            pa.field("x", INT, nullable=False),
            pa.field("y", INT, metadata={"unit": "mm"}),
        ],
        INT,
        [[9, 2, None], [4, 7, 1]],
        [5, -5, None],
    ),
    *_NAMES,
)
