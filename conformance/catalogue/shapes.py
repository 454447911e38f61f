"""Entries in the shapes of everyday code, from ``shapes.toml``; the store has no goldens of them.

What they check is not the bytes but that a UDF of this shape gives its result elsewhere.
"""

from __future__ import annotations

import sys
from pathlib import Path

from conformance.catalogue.build import INT, scalar_entry
from conformance.catalogue.entry import Entry

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_IMPORTS = "import pyarrow as pa\nimport pyarrow.compute as pc\n"
_FILE = Path(__file__).with_name("shapes.toml")


def _read() -> tuple[Entry, ...]:
    shapes = tomllib.loads(_FILE.read_text(encoding="utf-8"))["shape"]
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
