"""Functions from outside: published libraries of them, what they are called with, what comes out.

The source of such a UDF defines no callable but the object that exports the
function's capsule.
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
    """A distribution with functions, and expressions that call them."""

    distribution: str
    entries: tuple[Entry, ...]

    @cached_property
    def udfs(self) -> tuple[Udf, ...]:
        """The functions that are called, each once."""
        return tuple(dict.fromkeys(udf for entry in self.entries for udf in entry.udfs))


def _geo(family: Family, path: str, inputs: tuple[pa.DataType, ...], returns: pa.DataType) -> Udf:
    module, _, name = path.partition(".")
    source = f"from geodatafusion import {module}\nf = {path}()\n"
    return Udf(f"geo/{name.lower()}", family, f"st_{name.lower()}", source, inputs, returns)


_MAKE_POINT = _geo("scalar", "native.Point", (FLOAT, FLOAT), _POINT)
_X = _geo("scalar", "native.X", (_POINT,), FLOAT)
_AS_TEXT = _geo("scalar", "native.AsText", (_POINT,), TEXT)
_DISTANCE = _geo("scalar", "geo.Distance", (_POINT, _POINT), FLOAT)
_BOX = _geo("aggregate", "native.Extent", (_POINT,), _EXTENT)


def _point(x: Node, y: Node) -> Node:
    return Call(_MAKE_POINT, (x, y))


_HERE = _point(Col("x"), Col("y"))

_GEO = Library(
    "geodatafusion",
    (
        table_entry(
            "geo/coordinate",
            "One function on what another one makes: the type between them is an Arrow extension.",
            Call(_X, (_HERE,)),
            XY,
            [[[1.0, 0.0], [2.5, 3.0], [-4.0, 9.0]]],
            [1.0, 2.5, -4.0],
            result_type=FLOAT,
        ),
        table_entry(
            "geo/text",
            "Text made of points.",
            Call(_AS_TEXT, (_HERE,)),
            XY,
            [[[1.0, 0.0], [4.0, -5.0]]],
            ["POINT(1 0)", "POINT(4 -5)"],
        ),
        table_entry(
            "geo/distance",
            "A function of two arguments, one of them made of literals.",
            Call(_DISTANCE, (_HERE, _point(Lit(0.0), Lit(0.0)))),
            XY,
            [[[3.0, 4.0], [0.0, -2.0]]],
            [5.0, 2.0],
            result_type=FLOAT,
        ),
        table_entry(
            "geo/extent",
            "An aggregate over what a scalar function makes.",
            Call(_BOX, (_HERE,)),
            XY,
            [[[1.0, 0.0], [2.0, 3.0], [4.0, -5.0]]],
            [{"xmin": 1.0, "ymin": -5.0, "xmax": 4.0, "ymax": 3.0}],
        ),
    ),
)


def _statistic(name: str, returns: pa.DataType) -> Udf:
    source = (
        f"import datafusion_extra_functions_ffi as library\nf = library.udaf_by_name({name!r})\n"
    )
    return Udf(f"statistic/{name.replace('_', '-')}", "aggregate", name, source, (INT,), returns)


def _numbers(name: str, note: str, values: list[int], result: Any, type_: pa.DataType) -> Entry:
    # One partition: the library's `mode` does not merge.
    return table_entry(
        f"statistic/{name.replace('_', '-')}",
        note,
        Call(_statistic(name, type_), (Col("a"),)),
        {"a": INT},
        [[[value] for value in values]],
        [result],
        result_type=type_,
    )


_STATISTICS = Library(
    "datafusion-extra-functions-ffi",
    (
        _numbers("mode", "The value that stands most often.", [4, 9, 4, 2], 4, INT),
        _numbers("skewness", "Values even around their mean.", [4, 3, 2, 1], 0.0, FLOAT),
        # Fourth moment 1, variance 1: 1 / 1 - 3
        _numbers("kurtosis_pop", "Two peaks and nothing between.", [1, -1, 1, -1], -2.0, FLOAT),
    ),
)

LIBRARIES: Mapping[str, Library] = {
    library.distribution: library for library in (_GEO, _STATISTICS)
}
"""All known libraries, by the name under which a package registry has them."""


def _built(family: Family, name: str, note: str, result: list[Any], over: Over | None) -> Entry:
    udf = Udf(f"builtin/{name}", family, name, "", (INT,), INT)
    rows = [[[-1], [2], [-3]]]
    return table_entry(
        f"builtin/{name}", note, Call(udf, (Col("a"),), over=over), {"a": INT}, rows, result
    )


BUILT_IN: Mapping[Family, Entry] = {
    "scalar": _built("scalar", "abs", "The values without their signs.", [1, 2, 3], None),
    "aggregate": _built("aggregate", "sum", "-1 + 2 - 3.", [-2], None),
    "window": _built(
        *("window", "lag", "The value before, by size: -3, -1, 2."),
        [-3, -1, None],
        Over((), (Sort(Col("a")),)),
    ),
}
"""The engine's own functions, which travel by name as those from outside do: taken from a session,
they stand for the kinds of which no library is published."""
