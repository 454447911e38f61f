"""Entries in the shapes of everyday code, from ``shapes.toml``; the store has no goldens of them.

What they check is not the bytes but that a UDF of this shape gives its result elsewhere.
"""

from __future__ import annotations

from pathlib import Path

from conformance.catalogue.build import INT, scalar_entry
from conformance.catalogue.entry import Entry
from conformance.util.records import read_tables

_IMPORTS = "import pyarrow as pa\nimport pyarrow.compute as pc\n"
_FILE = Path(__file__).with_name("shapes.toml")


def _read() -> tuple[Entry, ...]:
    shapes = read_tables(_FILE, "shape")["shape"]
    return tuple(
        scalar_entry(
            f"shape/{shape['id']}",
            "",
            _IMPORTS + shape["source"],
            [INT],
            INT,
            [[1, 2, 3]],
            shape["result"],
        )
        for shape in shapes
    )


ENTRIES = _read()
