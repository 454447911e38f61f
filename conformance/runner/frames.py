"""The frames of a traceback: the innermost ones, without those of this suite's own machinery."""

from __future__ import annotations

import re
import traceback
from pathlib import Path

_PACKAGE = Path(__file__).parents[1]
_MACHINERY = tuple(
    f"{_PACKAGE / room}/" for room in ("runner", "processes", "suite/helpers", "suite/processes")
)
_FRAME = re.compile(r'  File "(?P<file>[^"]+)", line \d+')
MOST = 20
"""The number of frames that are shown of one error."""

_OWN_ERROR = "conformance.runner.assertions.Mismatch: "


def innermost(error: BaseException) -> str:
    """Return the traceback of an error, and of those that led to it: of each the last frames.

    A recursion without an end has thousands.
    """
    shortened = traceback.TracebackException.from_exception(error, limit=-MOST)
    return "".join(shortened.format())


def without_machinery(text: str) -> str:
    """Return a traceback without the frames that only this suite's developers need.

    Those of the case, of the subject and of all libraries stay. The error of a failed assertion is
    left out, too: the failure has its message. Where nothing but machinery is, all of it stays.
    """
    kept, hidden, frames = [], False, 0
    for line in text.partition(f"\n{_OWN_ERROR}")[0].splitlines():
        if found := _FRAME.match(line):
            hidden = found["file"].startswith(_MACHINERY)
            frames += not hidden
        elif not line.startswith("    "):  # no source line of a frame
            hidden = False
        if not hidden:
            kept.append(line)
    return "\n".join(kept) if frames else text
