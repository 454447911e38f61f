"""``python -m tasks.goldens.functions``: write the names of the engine's built-in functions.

They are in ``golden/functions.json``, for decoders that have no engine: a call of a built-in
function needs no registration.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import get_args

import datafusion

from conformance.catalogue.nodes import Family
from conformance.golden.store import FUNCTIONS, root
from conformance.util import atomic

SCHEMA = 1
"""Increases when a field of the file changes its meaning or goes away."""

_QUERY = (
    "SELECT DISTINCT routine_name FROM information_schema.routines "
    "WHERE function_type = '{}' ORDER BY routine_name"
)


def text() -> str:
    """Return the content of the file: the functions of a new session of this engine."""
    config = datafusion.SessionConfig().with_information_schema(enabled=True)
    session = datafusion.SessionContext(config)
    content: dict[str, object] = {"schema": SCHEMA, "engine": datafusion.__version__}
    for family in get_args(Family):
        names = session.sql(_QUERY.format(family.upper())).to_pydict()["routine_name"]
        content[family] = sorted(names)
    return json.dumps(content, indent=1) + "\n"


def main(store: Path) -> None:
    """Write the file."""
    atomic.write(store / FUNCTIONS, text().encode())
    print(f"{store / FUNCTIONS}: written with datafusion {datafusion.__version__}")


if __name__ == "__main__":
    main(root())
