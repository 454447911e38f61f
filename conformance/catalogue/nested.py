"""Entries with scalar UDFs over nested Arrow types."""

from __future__ import annotations

import pyarrow as pa

from conformance.catalogue.build import INT, TEXT, mapped_entry, scalar_entry

_POINT = pa.struct([("x", INT), ("y", pa.list_(TEXT))])
_TRACK = pa.list_(pa.field("point", _POINT, nullable=False))
ENTRIES = (
    mapped_entry(
        "types/list",
        "The smallest nested type: one child field.",
        "sorted(x, reverse=True)[:2]",
        pa.list_(INT),
        "pa.list_(pa.int64())",
        [[1, 3, 2], None, [], [5]],
        [[3, 2], None, [], [5]],
    ),
    mapped_entry(
        "types/large-list",
        "Lists with 64-bit offsets.",
        "x[1:] + [None]",
        pa.large_list(TEXT),
        "pa.large_list(pa.string())",
        [["a", "b"], None, []],
        [["b", None], None, [None]],
    ),
    mapped_entry(
        "types/list-view",
        "A list defined by offsets and sizes, which many schema readers predate.",
        "[len(x), *x]",
        pa.list_view(INT),
        "pa.list_view(pa.int64())",
        [[7, 8], None, []],
        [[2, 7, 8], None, [0]],
    ),
    mapped_entry(
        "types/fixed-size-list",
        "The type holds the list length.",
        "[x[1], x[0], x[1] - x[0]]",
        pa.list_(pa.int32(), 2),
        "pa.list_(pa.int32(), 3)",
        [[1, 5], [7, 3]],
        [[5, 1, 4], [3, 7, -4]],
    ),
    mapped_entry(
        "types/struct",
        "Children with their own names, order and nullability.",
        "{'y': x['y'] + x['z'], 'x': x['y'] * 2}",
        pa.struct([("z", INT), pa.field("y", INT, nullable=False)]),
        "pa.struct([('x', pa.int64()), ('y', pa.int64())])",
        [{"z": 1, "y": 10}, None, {"z": -2, "y": 4}],
        [{"x": 20, "y": 11}, None, {"x": 8, "y": 2}],
    ),
    mapped_entry(
        "types/map",
        "A map is a list of structs. No standard fixes the names of the inner fields.",
        "[(v, k) for k, v in x]",
        pa.map_(TEXT, INT),
        "pa.map_(pa.int64(), pa.string())",
        [[("a", 1), ("b", 2)], None, []],
        [[(1, "a"), (2, "b")], None, []],
    ),
    mapped_entry(
        "types/nested",
        "Lists of structs of lists. A schema that is flattened or truncated at some depth fails "
        "here.",
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
        "types/two-dictionaries",
        "Two dictionaries in one schema, one of them in a list, each with its own id.",
        """
        import pyarrow as pa
        def f(a, b):
            rows = zip(a.to_pylist(), b.to_pylist())
            return pa.array([f"{'+'.join(b)}={a}" for a, b in rows], pa.large_string())
        """,
        [
            pa.dictionary(pa.int8(), TEXT),
            pa.list_(pa.dictionary(pa.int32(), TEXT)),
        ],
        pa.large_string(),
        [["x", "y", "x"], [["p", "q"], ["p"], ["q", "q"]]],
        ["p+q=x", "p=y", "q+q=x"],
    ),
    scalar_entry(
        "types/null",
        "A column of the null type has no buffers.",
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
