"""Entries with Arrow types that have no Python literal: a UDF returns one, another takes it."""

from __future__ import annotations

import pyarrow as pa

from conformance.catalogue.build import INT, TEXT, cols, scalar_udf, table_entry
from conformance.catalogue.nodes import Builtin, Call, Lit

_HALVE = scalar_udf(
    "types/float16-result",
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
_UNPACK = scalar_udf(
    "types/float16-input",
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
_UNION = pa.sparse_union([pa.field("number", INT), pa.field("word", TEXT)])
_MAKE_UNION = scalar_udf(
    "types/union-result",
    """
    import pyarrow as pa
    def f(a):
        values = a.to_pylist()
        kinds = pa.array([x % 2 for x in values], pa.int8())
        numbers, words = pa.array([x * 10 for x in values]), pa.array(["w" * x for x in values])
        return pa.UnionArray.from_sparse(kinds, [numbers, words], ["number", "word"])
    """,
    [INT],
    _UNION,
)
_READ_UNION = scalar_udf(
    "types/union-input",
    """
    import pyarrow as pa
    def f(a):
        return pa.array([str(x) for x in a.to_pylist()])
    """,
    [_UNION],
    TEXT,
)
_RUNS = pa.run_end_encoded(pa.int32(), INT)
_MAKE_RUNS = scalar_udf(
    "types/run-end-encoded-result",
    """
    import pyarrow as pa
    import pyarrow.compute as pc
    f = lambda a: pc.run_end_encode(pc.multiply(a, 2), run_end_type=pa.int32())
    """,
    [INT],
    _RUNS,
)
_READ_RUNS = scalar_udf(
    "types/run-end-encoded-input",
    """
    import pyarrow as pa
    import pyarrow.compute as pc
    f = lambda a: pc.add(pc.run_end_decode(a), len(a.values) * 100)
    """,
    [_RUNS],
    INT,
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
_MAKE_TENSOR = scalar_udf(
    "types/extension-result",
    """
    import pyarrow as pa
    def f(a):
        return pa.array([[x, -x] for x in a.to_pylist()], pa.list_(pa.int32(), 2))
    """,
    [INT],
    _TENSOR,
)
_READ_TENSOR = scalar_udf(
    "types/extension-input",
    """
    import pyarrow as pa
    def f(a):
        storage = a.storage if isinstance(a, pa.ExtensionArray) else a
        return pa.array([f"{type(a).__name__}{x}" for x in storage.to_pylist()])
    """,
    [_TENSOR],
    TEXT,
)

ENTRIES = (
    table_entry(
        "types/float16",
        "One UDF returns half floats and another takes them. Few schema readers know the type.",
        Call(_UNPACK, (Call(_HALVE, cols("a")),)),
        {"a": pa.float32()},
        [[[1.0], [-3.0], [0.25]]],
        [1.5, -0.5, 1.125],
        result_type=pa.float32(),
    ),
    table_entry(
        "types/union",
        "The children of a union have names, and type codes select one of them per row.",
        Call(_READ_UNION, (Call(_MAKE_UNION, cols("a")),)),
        {"a": INT},
        [[[2], [3], [4]]],
        ["20", "www", "40"],
        result_type=TEXT,
    ),
    table_entry(
        "types/run-end-encoded",
        "Runs instead of rows, with one type for the run ends and one for the values.",
        Call(_READ_RUNS, (Call(_MAKE_RUNS, cols("a")),)),
        {"a": INT},
        [[[4], [4], [7]]],
        [208, 208, 214],
        result_type=INT,
    ),
    table_entry(
        "types/extension",
        "Metadata on the result field makes an extension type. Without it, the next UDF gets the "
        "bare storage.",
        Call(_READ_TENSOR, (Call(_MAKE_TENSOR, cols("a")),)),
        {"a": INT},
        [[[3], [-1]]],
        ["FixedShapeTensorArray[3, -3]", "FixedShapeTensorArray[-1, 1]"],
        result_type=TEXT,
    ),
    table_entry(
        "types/metadata",
        "The engine itself reads the metadata of the result field, so a plan can depend on it.",
        Builtin("arrow_metadata", (Call(_MAKE_TENSOR, cols("a")), Lit(_KEY))),
        {"a": INT},
        [[[1], [2]]],
        ["arrow.fixed_shape_tensor"] * 2,
    ),
)
