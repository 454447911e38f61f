"""Run the snippets: ``python -m tests.spec.run_snippets`` prints how each ended, as JSON.

A snippet runs in forks of this process: on the engine as it is, and on one with a fault of its own.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from conformance.runner.selection import PACKAGES
from conformance.spec import CLAUSES
from conformance.spec.clauses import SNIPPETS
from tests.spec import scripts
from tests.spec.breaks import BREAKS


def _ended(path: Path, change: Callable[[], object] | None = None) -> tuple[int, str]:
    """Run a snippet; return its exit code and its last line, or that of its error."""
    ended = scripts.run(str(path), change)
    text = ended.errors if ended.code else ended.output
    return ended.code, (text.strip().splitlines() or [""])[-1][:500]


def _can_run(clause: str) -> bool:
    """Return whether the package that a snippet needs, such as Ray, is installed."""
    needs = CLAUSES[clause].needs
    return needs not in PACKAGES or find_spec(needs) is not None


def main() -> None:
    whole = {
        path.stem: _ended(path) for path in sorted(SNIPPETS.glob("*.py")) if _can_run(path.stem)
    }
    broken = {
        clause: _ended(SNIPPETS / f"{clause}.py", change)
        for change, clauses in BREAKS.items()
        for clause in filter(_can_run, clauses.split())
    }
    json.dump({"whole": whole, "broken": broken}, sys.stdout)


if __name__ == "__main__":
    main()
