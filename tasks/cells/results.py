"""Results that a cell hands to the run that started it: a JSON file beside its report."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from conformance.util import atomic
from conformance.util.exit_codes import ExitCode
from tasks.cells.paths import REPORTS


@dataclass(frozen=True)
class CellResult:
    """Findings of one cell that are not in its report.

    ``python`` is the interpreter of the cell's environment, ``no_frames`` why its engine cannot
    be judged, ``refusal`` why pytest did not run a case, and ``code`` its exit code.
    """

    cell: str
    python: str = ""
    no_frames: str = ""
    refusal: str = ""
    code: int = ExitCode.OK

    def write(self) -> None:
        """Write the result for the run that reads it."""
        REPORTS.mkdir(parents=True, exist_ok=True)
        text = json.dumps(asdict(self), indent=1) + "\n"
        atomic.write(REPORTS / f"{self.cell}{SUFFIX}", text.encode())


SUFFIX = ".result"


def read_results() -> Mapping[str, CellResult]:
    """Return the results that cells have written, by the cells' names."""
    found = [
        CellResult(**json.loads(path.read_text(encoding="utf-8")))
        for path in sorted(REPORTS.glob(f"*{SUFFIX}"))
    ]
    return {one.cell: one for one in found}


def clear_results() -> None:
    """Remove the results of an earlier run; reports stay."""
    REPORTS.mkdir(parents=True, exist_ok=True)
    for path in REPORTS.glob(f"*{SUFFIX}"):
        path.unlink()
