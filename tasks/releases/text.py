"""The answer as text for a terminal, and as Markdown for an issue."""

from __future__ import annotations

from collections.abc import Iterator

from tasks.releases.answer import Answer, verdict
from tasks.releases.cells import chapters
from tasks.releases.difference import Differences
from tasks.releases.divergences import Changes
from tasks.releases.judge import Judged
from tasks.releases.newer import PYTHON

TABLE = "conformance/matrix/versions.toml"

SHOWN = 12
"""How many failures, or changes of a kind, are shown of one release."""


LONGEST = 400
"""How many characters of a line an issue shows; it holds 65,536 altogether."""


def blocks(answer: Answer) -> Iterator[tuple[str, str]]:
    """Yield paragraphs, each with a verdict that chooses its colour, or ``""``."""
    for one in answer.judged:
        newer = one.newer
        yield f"{newer.name}, newer than {newer.known}: {verdict(one)}", verdict(one)
        yield "\n".join(f"  {line}" for line in details(one)), ""
    yield "\n".join(answer.sentences()), "not judged" if answer.unasked else ""


def details(one: Judged) -> Iterator[str]:
    """Yield the lines about one release: its line in the table, verdict, bytes, divergences."""
    first, *rest = one.newer.line.splitlines()
    yield f"add to {TABLE}, {one.newer.place}:"
    yield from (f"  {line}" for line in (first, *rest))
    if one.why:
        yield f"not judged: {one.why}"
    yield from (f"passed over: {why}" for why in one.passed_over)
    if one.report:
        versions = ", ".join(f"{name} {version}" for name, version in one.report.cell.items())
        yield f"judged on {versions}: {one.report.planned} cases, {_scope(one)}"
        yield one.sentence
    yield from _bytes(one)
    if one.changes:
        yield from _divergences(one.changes)


def _scope(one: Judged) -> str:
    if one.cell and one.cell.without and not chapters(one.newer, one.cell):
        why = "the store has no goldens of it yet"
        why = why if one.newer.kind == PYTHON else "they do not depend on it"
        return f"all chapters but {', '.join(one.cell.without)}: {why}"
    chosen = one.report.chapters if one.report else ()
    return f"the chapters {', '.join(chosen)}" if chosen else "all chapters"


def _bytes(one: Judged) -> Iterator[str]:
    if one.uncompared:
        yield f"bytes: not compared: {one.uncompared}"
    if found := one.differences:
        where = f"those of {one.newer.known}"
        if not found.differ:
            yield f"bytes: equal to {where} in {found.compared} cases"
        else:
            yield f"bytes: differ from {where} in {found.differ} of {found.compared} cases"
        yield from _groups(found)
        for name, cases in (("no longer", found.lost), ("only now", found.new)):
            if cases:
                yield f"bytes: written inline {name}: {', '.join(_cut(cases))}"
        if found.reworded:
            yield f"refusals: {len(found.reworded)} of {found.refusals} have another text"
            yield from (f"  {line}" for line in _cut(found.reworded))
        else:
            yield f"refusals: the same {found.refusals} texts"


def _groups(found: Differences) -> Iterator[str]:
    counts = [f"{one.name} {one.differ} of {one.compared}" for one in found.groups if one.differ]
    if counts:
        yield f"  groups: {', '.join(counts)}"
    for change, names in found.changes[:SHOWN]:
        where = "" if len(names) == len(counts) else f" of {', '.join(names)}"
        yield f"  {change.field} in {change.cases} cases{where}, such as {change.example}"


def _divergences(found: Changes) -> Iterator[str]:
    if not (found.gone or found.partly or found.came):
        yield f"divergences: the same {found.recorded}; none went away, none came"
        return
    if found.gone:
        yield f"divergences that went away: {', '.join(found.gone)}"
    if found.partly:
        yield f"divergences that went away in part: {', '.join(found.partly)}"
    if found.gone or found.partly:
        yield "  (without --allow-fixed a run fails until their records leave this release out)"
    for one in found.came[:SHOWN]:
        other = f", otherwise than recorded in {one.recorded}" if one.recorded else ""
        yield f"came: {one.clause} ({one.severity}), {one.cases} cases{other}"
        yield f"  {one.case}: {one.message}"
    if len(found.came) > SHOWN:
        yield f"... and {len(found.came) - SHOWN} more clauses"


def _cut(lines: tuple[str, ...]) -> list[str]:
    more = [f"... and {len(lines) - SHOWN} more"] if len(lines) > SHOWN else []
    return [*lines[:SHOWN], *more]


def markdown(answer: Answer) -> str:
    """Return the body of an issue; equal answers give equal text."""
    parts = [*answer.sentences()]
    for one in answer.judged:
        parts += [
            f"## {one.newer.name}: {verdict(one)}",
            f"Add to `{TABLE}`, {one.newer.place}:",
            f"```toml\n{one.newer.line}\n```",
        ]
        place = 1 + len(one.newer.line.splitlines())
        lines = [line[:LONGEST] for line in [*details(one)][place:]]
        parts.append("\n".join(["```text", *lines, "```"]))
    parts.append("`nox -s releases` prints this; CONTRIBUTING.md says what to do with a release.")
    return "\n\n".join(parts) + "\n"
