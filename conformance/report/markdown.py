"""Format the verdicts of a run as Markdown, for a CI job's summary."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.report.problems import verdict
from conformance.report.sentences import sentences
from conformance.report.summary import Summary
from conformance.report.table import letters, where
from conformance.wire.text import printable

SHOWN = {
    "pass": "pass",
    "fail": "**FAIL**",
    "fixed": "**fixed**",
    "warning": "SHOULD",
    "divergence": "diverges",
    "not applicable": "n/a",
    "incomplete": "**incomplete**",
    "": "",
}


def markdown(summary: Summary, *, fold: bool = True) -> str:
    """Return summary lines, table and findings as Markdown."""
    return "\n".join(_lines(summary, fold=fold)) + "\n"


def _lines(summary: Summary, *, fold: bool) -> Iterator[str]:
    yield from (f"**{escape(verdict(summary))}**", "")
    yield from (f"- {escape(sentence)}" for sentence in sentences(summary))
    yield from (f"- {escape(note)}" for note in summary.notes())
    if not summary.reports:
        return
    titles = [
        f"{title}, {len(column.cells)} cell{'' if len(column.cells) == 1 else 's'}"
        for title, column in zip(letters(summary.columns), summary.columns, strict=True)
    ]
    yield ""
    yield "| clause | " + " | ".join(map(escape, titles)) + " |"
    yield "| --- |" + " --- |" * len(titles)
    for row in summary.rows(fold=fold):
        cells = [row.title, *(SHOWN[verdict] for verdict in row.verdicts)]
        yield "| " + " | ".join(cells) + " |"
    for heading, findings in (
        ("Failures", list(summary.failures())),
        ("Recommendations not met", list(summary.warnings())),
        ("Fixed divergences", list(summary.fixed())),
        ("Stale divergences", list(summary.stale())),
        ("Known divergences", list(summary.divergences())),
    ):
        if findings:
            yield from ("", f"### {heading}", "")
        for finding in findings:
            text = f": {escape(finding.text)}" if finding.text else ""
            yield f"- **{escape(finding.name)}** ({escape(where(finding, summary))}){text}"


def escape(text: str) -> str:
    """Escape the characters that have a meaning in Markdown, and those that do not show."""
    text = printable(text.replace("\n", " "))
    for sign in "\\`*_<>|[]":
        text = text.replace(sign, f"\\{sign}")
    return text
