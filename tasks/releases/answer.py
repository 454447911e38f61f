"""The answer of a run: what was asked, what is newer and how it was judged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from conformance.util.exit_codes import ExitCode
from tasks.releases.judge import Judged


@dataclass
class Answer:
    """``asked`` are the packages with an answer, ``unasked`` those without, and why.

    ``pretended`` are the releases that this run made itself.
    """

    asked: list[str] = field(default_factory=list)
    unasked: dict[str, str] = field(default_factory=dict)
    judged: list[Judged] = field(default_factory=list)
    pretended: tuple[str, ...] = ()

    @property
    def code(self) -> ExitCode:
        """The exit code: what is not known comes first, so that nobody takes it for none."""
        if self.unasked:
            return ExitCode.INDEX_NOT_ASKED
        if any(one.failed for one in self.judged):
            return ExitCode.FAILED
        if any(one.report is None for one in self.judged):
            return ExitCode.UNJUDGED
        return ExitCode.NEWER if self.judged else ExitCode.OK

    def sentences(self) -> Iterator[str]:
        """Yield one sentence for what is newer, and one for what is not known."""
        names = [one.newer.name for one in self.judged]
        if names:
            verb = "is" if len(names) == 1 else "are"
            yield f"{', '.join(names)} {verb} newer than the version table."
        elif self.asked:
            yield f"Nothing is newer than the version table, of {', '.join(self.asked)}."
        for name, why in self.unasked.items():
            yield f"Not known whether a newer {name} is there: {why}."
        if self.pretended:
            yield f"Pretended, made by this run from the table's own: {', '.join(self.pretended)}."

    @property
    def title(self) -> str:
        """The title of an issue: it changes with each release and with its verdict."""
        found = [f"{one.newer.name} ({verdict(one)})" for one in self.judged]
        return f"Newer than the version table: {', '.join(found) or 'nothing'}"

    def document(self) -> dict[str, Any]:
        """Return the answer as JSON."""
        return {
            "code": int(self.code),
            "title": self.title,
            "asked": self.asked,
            "unasked": self.unasked,
            "pretended": list(self.pretended),
            "newer": [_record(one) for one in self.judged],
        }


def _record(one: Judged) -> Mapping[str, Any]:
    newer = one.newer
    return {
        "kind": newer.kind,
        "package": newer.package,
        "version": newer.version,
        "known": newer.known,
        "place": newer.place,
        "line": newer.line,
        "verdict": verdict(one),
        "why": one.why,
        "passed_over": list(one.passed_over),
        "versions": dict(one.report.cell) if one.report else {},
        "chapters": list(one.report.chapters) if one.report else [],
        "cases": one.report.planned if one.report else 0,
        "summary": one.sentence,
        "bytes": asdict(one.differences) if one.differences else None,
        "uncompared": one.uncompared,
        "divergences": asdict(one.changes) if one.changes else None,
    }


def verdict(one: Judged) -> str:
    """Return ``holds``, ``fails`` or ``not judged``."""
    if one.report is None:
        return "not judged"
    return "fails" if one.failed else "holds"
