"""A comparison of two runs as text, as Markdown, and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from conformance.report.diff import DIRECTIONS, Change, Diff, Direction
from conformance.report.markdown import escape
from conformance.spec import CLAUSES
from conformance.wire.text import printable

TITLES: Mapping[Direction, str] = {
    "worse": "Got worse",
    "gone": "Gone: not judged any more",
    "better": "Got better",
    "new": "New",
}
MOST_CELLS = 3
"""How many cells are named; of more, their number is given."""
MOST_CLAUSES = 5
"""How many clauses of a cell are named that fewer cases judged."""


def headline(diff: Diff) -> str:
    """Return the answer in one sentence."""
    numbers = {direction: len(diff.of(direction)) for direction in DIRECTIONS}
    words = {"worse": "worse", "gone": "gone", "better": "better", "new": "new"}
    parts = [f"{number} {words[name]}" for name, number in numbers.items() if number]
    if diff.stale:
        parts.append(f"{len({one for each in diff.stale.values() for one in each})} newly stale")
    compared = f"{len(diff.pairs)} cell{'' if len(diff.pairs) == 1 else 's'} compared"
    found = ", ".join(parts) or "no verdict changed"
    return f"{'WORSE' if diff.worse else 'NOT WORSE'}: {found}; {compared}."


def remarks(diff: Diff) -> Iterator[str]:
    """Yield a sentence about each cell: not compared, incomplete, judged less, other versions."""
    for name, why in diff.incomplete.items():
        yield f"{name}: INCOMPLETE, {why}; this counts as worse."
    for name, stale in diff.stale.items():
        yield f"{name}: STALE, no case showed {', '.join(stale)}; this counts as worse."
    for name, fewer in diff.fewer.items():
        old, new = (sum(numbers) for numbers in zip(*fewer.values(), strict=True))
        many = f"{len(fewer)} clause{'' if len(fewer) == 1 else 's'}"
        yield f"{name}: fewer cases judged {many}, {old} → {new}: {_few(fewer)}."
    for name, why in diff.gone.items():
        reason = f"not run, {why.rstrip('.')}" if why else "it has no report; this counts as worse"
        yield f"{name}: only in the first run: {reason}."
    for name in diff.new:
        yield f"{name}: only in the second run."
    for one, other in diff.pairs.items():
        if one != other:
            yield f"{one} is compared with {other}: each run has one cell."
    alike: dict[str, list[str]] = {}
    for name, versions in diff.versions.items():
        alike.setdefault(_versions(versions), []).append(name)
    for shown, names in alike.items():
        few = ", ".join(names) if len(names) <= MOST_CELLS else f"{len(names)} cells"
        yield f"{few}: other versions, {shown}."


def text(diff: Diff) -> str:
    """Return the comparison as plain text."""
    lines = [headline(diff)]
    for direction in DIRECTIONS:
        changes = diff.of(direction)
        lines += ["", TITLES[direction]] if changes else []
        lines += [
            f"  {name(change)}: {_change(change)}{_where(change, diff)}" for change in changes
        ]
    lines += ["", *remarks(diff)] if [*remarks(diff)] else []
    return "\n".join(map(printable, lines)) + "\n"


def markdown(diff: Diff) -> str:
    """Return the comparison as Markdown, for a summary or a comment."""
    lines = [f"**{headline(diff)}**"]
    for direction in DIRECTIONS:
        changes = diff.of(direction)
        lines += ["", f"### {TITLES[direction]}", ""] if changes else []
        lines += [
            f"- **{escape(name(change))}**: {escape(_change(change) + _where(change, diff))}"
            for change in changes
        ]
    found = [f"- {escape(remark)}" for remark in remarks(diff)]
    lines += ["", *found] if found else []
    return "\n".join(lines) + "\n"


def document(diff: Diff) -> dict[str, Any]:
    """Return the comparison as JSON."""
    return {
        "worse": diff.worse,
        "cells": [{"old": one, "new": other} for one, other in diff.pairs.items()],
        "changes": [
            {
                "direction": change.direction,
                "counts_as_worse": change.is_worse,
                "clause": change.clause,
                "old": asdict(change.old) if change.old else None,
                "new": asdict(change.new) if change.new else None,
                "cells": list(change.cells),
                "why": change.why,
            }
            for direction in DIRECTIONS
            for change in diff.of(direction)
        ],
        "cells_gone": dict(diff.gone),
        "cells_new": list(diff.new),
        "cells_incomplete": dict(diff.incomplete),
        "cells_stale": {name: list(stale) for name, stale in diff.stale.items()},
        "cells_fewer": {
            name: {clause: {"old": old, "new": new} for clause, (old, new) in fewer.items()}
            for name, fewer in diff.fewer.items()
        },
        "cells_versions": {
            name: {one: {"old": old, "new": new} for one, (old, new) in versions.items()}
            for name, versions in diff.versions.items()
        },
    }


def name(change: Change) -> str:
    """Return the clause of a change."""
    return change.clause or "no clause"


def states(change: Change) -> str:
    """Return what was and what is."""
    if change.old and change.new:
        return f"{change.old.text} → {change.new.text}" + (f"; {change.why}" if change.why else "")
    if change.old:
        return f"was {change.old.text}" + (f"; {change.why}" if change.why else "")
    return change.new.text if change.new else ""


def where(change: Change, diff: Diff) -> str:
    """Return the cells of a change; empty where it shows in every compared cell."""
    if len(change.cells) == len(diff.pairs):
        return ""
    few = ", ".join(change.cells) if len(change.cells) <= MOST_CELLS else str(len(change.cells))
    return f"in {few} of {len(diff.pairs)} cells"


def _versions(versions: Mapping[str, tuple[str, str]]) -> str:
    return ", ".join(
        f"{name} {old or 'none'} → {new or 'none'}" for name, (old, new) in versions.items()
    )


def _few(fewer: Mapping[str, tuple[int, int]]) -> str:
    listed = [f"{clause} {old} → {new}" for clause, (old, new) in fewer.items()]
    return ", ".join([*listed[:MOST_CLAUSES], *(["…"] if len(listed) > MOST_CLAUSES else [])])


def _change(change: Change) -> str:
    clause = CLAUSES.get(change.clause)
    return f"{states(change)} ({clause.severity}: {clause.title})" if clause else states(change)


def _where(change: Change, diff: Diff) -> str:
    found = where(change, diff)
    return f", {found}" if found else ""
