"""UDFs from published FFI libraries, with expressions that call them.

The source of such a UDF defines an object that exports the function as an FFI
capsule, not a Python callable.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pyarrow as pa

from conformance.catalogue.build import FLOAT, INT, TEXT, table_entry
from conformance.catalogue.entry import Entry
from conformance.catalogue.nodes import Call, Col, Family, Lit, Node, Over, Sort, Udf

_POINT = pa.struct({"x": FLOAT, "y": FLOAT})
_CORNERS = ("xmin", "ymin", "xmax", "ymax")
_EXTENT = pa.struct([pa.field(corner, FLOAT) for corner in _CORNERS])
XY = {"x": FLOAT, "y": FLOAT}


@dataclass(frozen=True)
class Library:
    """A distribution that exports functions, and expressions that call them."""

    distribution: str
    entries: tuple[Entry, ...]

    @cached_property
    def udfs(self) -> tuple[Udf, ...]:
        """The functions that the entries call, each once."""
        return tuple(dict.fromkeys(udf for entry in self.entries for udf in entry.udfs))


def _geo_udf(
    family: Family, path: str, inputs: tuple[pa.DataType, ...], returns: pa.DataType
) -> Udf:
    module, _, name = path.partition(".")
    source = f"from geodatafusion import {module}\nf = {path}()\n"
    return Udf(f"geo/{name.lower()}", family, f"st_{name.lower()}", source, inputs, returns)


_MAKE_POINT = _geo_udf("scalar", "native.Point", (FLOAT, FLOAT), _POINT)
_X = _geo_udf("scalar", "native.X", (_POINT,), FLOAT)
_AS_TEXT = _geo_udf("scalar", "native.AsText", (_POINT,), TEXT)
_DISTANCE = _geo_udf("scalar", "geo.Distance", (_POINT, _POINT), FLOAT)
_BOX = _geo_udf("aggregate", "native.Extent", (_POINT,), _EXTENT)


def _point(x: Node, y: Node) -> Node:
    return Call(_MAKE_POINT, (x, y))


_HERE = _point(Col("x"), Col("y"))

_GEO = Library(
    "geodatafusion",
    (
        table_entry(
            "geo/coordinate",
            "One function applied to the result of another. The type between them is an Arrow "
            "extension type.",
            Call(_X, (_HERE,)),
            XY,
            [[[1.0, 0.0], [2.5, 3.0], [-4.0, 9.0]]],
            [1.0, 2.5, -4.0],
            result_type=FLOAT,
        ),
        table_entry(
            "geo/text",
            "Text made from points.",
            Call(_AS_TEXT, (_HERE,)),
            XY,
            [[[1.0, 0.0], [4.0, -5.0]]],
            ["POINT(1 0)", "POINT(4 -5)"],
        ),
        table_entry(
            "geo/distance",
            "A function of two arguments, one of them built from literals.",
            Call(_DISTANCE, (_HERE, _point(Lit(0.0), Lit(0.0)))),
            XY,
            [[[3.0, 4.0], [0.0, -2.0]]],
            [5.0, 2.0],
            result_type=FLOAT,
        ),
        table_entry(
            "geo/extent",
            "An aggregate over the result of a scalar function.",
            Call(_BOX, (_HERE,)),
            XY,
            [[[1.0, 0.0], [2.0, 3.0], [4.0, -5.0]]],
            [{"xmin": 1.0, "ymin": -5.0, "xmax": 4.0, "ymax": 3.0}],
        ),
    ),
)


def _statistic_udf(name: str, returns: pa.DataType) -> Udf:
    source = (
        f"import datafusion_extra_functions_ffi as library\nf = library.udaf_by_name({name!r})\n"
    )
    return Udf(f"statistic/{name.replace('_', '-')}", "aggregate", name, source, (INT,), returns)


def _statistic_entry(
    name: str, note: str, values: list[int], result: Any, type_: pa.DataType
) -> Entry:
    # One partition: the library's `mode` does not merge.
    return table_entry(
        f"statistic/{name.replace('_', '-')}",
        note,
        Call(_statistic_udf(name, type_), (Col("a"),)),
        {"a": INT},
        [[[value] for value in values]],
        [result],
        result_type=type_,
    )


_STATISTICS = Library(
    "datafusion-extra-functions-ffi",
    (
        _statistic_entry("mode", "The most frequent value.", [4, 9, 4, 2], 4, INT),
        _statistic_entry(
            "skewness", "Values that are symmetric around their mean.", [4, 3, 2, 1], 0.0, FLOAT
        ),
        # Fourth moment 1, variance 1: 1 / 1 - 3
        _statistic_entry(
            "kurtosis_pop", "Values at two peaks with none in between.", [1, -1, 1, -1], -2.0, FLOAT
        ),
    ),
)

LIBRARIES: Mapping[str, Library] = {
    library.distribution: library for library in (_GEO, _STATISTICS)
}
"""All known libraries, by the name of their distribution in a package registry."""


def _builtin_entry(
    family: Family, name: str, note: str, result: list[Any], over: Over | None
) -> Entry:
    udf = Udf(f"builtin/{name}", family, name, "", (INT,), INT)
    rows = [[[-1], [2], [-3]]]
    return table_entry(
        f"builtin/{name}", note, Call(udf, (Col("a"),), over=over), {"a": INT}, rows, result
    )


BUILT_IN: Mapping[Family, Entry] = {
    "scalar": _builtin_entry("scalar", "abs", "The absolute values.", [1, 2, 3], None),
    "aggregate": _builtin_entry("aggregate", "sum", "The sum: -1 + 2 - 3.", [-2], None),
    "window": _builtin_entry(
        *("window", "lag", "The previous value in sort order: -3, -1, 2."),
        [-3, -1, None],
        Over((), (Sort(Col("a")),)),
    ),
}
"""Entries with the engine's own functions, by family.

The bytes hold only their names, as for functions of an FFI library. They replace
such functions for families that no published library exports.
"""
