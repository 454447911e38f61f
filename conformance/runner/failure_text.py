"""The text of a failure, as a person reads it: on one screen."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from conformance.runner import snippets
from conformance.runner.child import Failure
from conformance.runner.frames import without_machinery
from conformance.spec import CLAUSES, Divergence
from conformance.spec.clauses import COSTS

_LINES = 12
"""The number of lines of one part of a failure."""

_WIDTH = 1_000
"""The number of characters of one line."""

_REQUEST = 4_000
"""The number of characters of a command with a request: more do not fit on a screen."""


@dataclass(frozen=True)
class FailedCase:
    """A case that failed: its id, its clause, its function, and the command that runs it.

    ``snippet`` is a script that shows it without this suite, and ``request`` the command that asks
    a program the same; each may be ``""``.
    """

    id: str
    clause: str
    function: Any
    command: str
    snippet: str = ""
    request: str = ""


def failure_text(
    case: FailedCase,
    failure: Failure,
    cell: Mapping[str, str],
    known: Iterable[Divergence],
    *,
    full: bool = False,
) -> str:
    """Return the text of a failure.

    ``known`` are the divergences of this cell. Only a ``full`` text has the frames of this suite,
    the bytes that the subject got, and values of any length. The frames are of no use to the
    author of a program.
    """
    clause = CLAUSES[case.clause]
    traceback = "" if failure.request else without_machinery(failure.traceback)
    parts = {
        "clause": f"{clause.id} ({clause.level}, since {clause.since}): {clause.title}",
        "requires": clause.requirement,
        "case": case.id,
        "done": failure.given.get("done") or inspect.getdoc(case.function) or "",
        "session": failure.given.get("session", ""),
        "bytes": failure.given.get("bytes", "") if full else "",
        "failure": f"{failure.message} ({failure.kind})",
        "expected": failure.expected,
        "seen": failure.seen,
        "severity": f"{clause.severity}: {COSTS[clause.severity]}",
        "source": f"{clause.source} {clause.link}".rstrip(),
        "cell": ", ".join(f"{name} {version}" for name, version in cell.items()),
        "traceback": failure.traceback if full else traceback,
        "reproduce": case.command,
        "request": case.request if full else _without_long(case.request),
        "snippet": case.snippet,
        "script": snippets.script(case.id, clause.id, known),
    }
    cut = {"failure", "expected", "seen"} if not full else set()
    return "\n".join(
        f"{name:<10} {_indented(_shorten(value) if name in cut else value)}"
        for name, value in parts.items()
        if value.strip()
    )


def _without_long(request: str) -> str:
    """Return the command with a request; one cut short could not be pasted."""
    if len(request) <= _REQUEST:
        return request
    return f"{len(request):,} characters; -v prints them"


def _shorten(text: str) -> str:
    lines = [
        line if len(line) <= _WIDTH else f"{line[:_WIDTH]}... ({len(line)} characters)"
        for line in text.rstrip().splitlines()
    ]
    if len(lines) > _LINES:
        lines[_LINES:] = [f"... {len(lines) - _LINES} more lines; -v prints them"]
    return "\n".join(lines)


def _indented(text: str) -> str:
    first, *others = text.rstrip().splitlines()
    return "\n".join([first, *((" " * 11 + line).rstrip() for line in others)])
