"""The frames of a traceback: without those of this suite's own machinery."""

from __future__ import annotations

import re
from pathlib import Path

_PACKAGE = Path(__file__).parents[1]
_MACHINERY = tuple(
    f"{_PACKAGE / room}/" for room in ("runner", "processes", "suite/helpers", "suite/processes")
)
_FRAME = re.compile(r'  File "(?P<file>[^"]+)", line \d+')
_OWN_ERROR = "conformance.runner.assertions.Mismatch: "


def without_machinery(traceback: str) -> str:
    """Return a traceback without the frames that only this suite's developers need.

    Those of the case, of the subject and of all libraries stay. The error of a failed assertion is
    left out, too: the failure has its message. Where nothing but machinery is, all of it stays.
    """
    kept, hidden, frames = [], False, 0
    for line in traceback.partition(f"\n{_OWN_ERROR}")[0].splitlines():
        if found := _FRAME.match(line):
            hidden = found["file"].startswith(_MACHINERY)
            frames += not hidden
        elif not line.startswith("    "):  # no source line of a frame
            hidden = False
        if not hidden:
            kept.append(line)
    return "\n".join(kept) if frames else traceback
