"""Collect the results of a run: outcomes, known divergences, failure texts."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace

import pytest
from packaging.version import Version

from conformance.report.model import FIXED, Outcome, Report
from conformance.runner.child import Failure
from conformance.runner.failure_text import FailedCase, failure_text
from conformance.runner.isolation import Failed
from conformance.runner.marks import marks_of, needs_of, since_of
from conformance.spec import CLAUSES, Divergence
from conformance.spec.clauses import applies
from conformance.util.kinds import Kind

_NOT_JUDGED: Collection[Kind] = ("environment", "protocol")
"""The kinds of a failure that says nothing about the clause of the case."""


def case_id(nodeid: str) -> str:
    """Return the id of a case, ``chapter/case[parameters]``, for pytest's node id.

    A chapter of many cases has several modules: ``test_CHAPTER__NOUN.py``.
    """
    found = re.fullmatch(
        r"(?:.*/)?(?:test_)?(\w+?)(?:__\w+)?\.py::(?:test_)?(.*)", nodeid, re.DOTALL
    )
    return f"{found[1]}/{found[2]}" if found else nodeid


class ResultCollector:
    """Collect the outcomes of one run into a report."""

    def __init__(
        self,
        report: Report,
        engine: Version | None,
        capabilities: Collection[str],
        divergences: Mapping[str, Divergence],
        command: Callable[[pytest.Item], str],
        snippet: Callable[[pytest.Item, str], str],
        request: Callable[[str], str],
        *,
        strict: bool = False,
        full: bool = False,
    ) -> None:
        """``engine`` is the version of a released engine.

        ``command`` returns the command that runs a case again, ``snippet`` a script that shows
        a case of a clause on ``datafusion`` without this suite, or ``""``. ``request`` returns the
        command that asks a program what it was asked, or ``""``.
        ``capabilities`` are those of the subject, and the installed packages. A SHOULD clause
        that does not hold is a failure only if ``strict`` is true. The texts of failures have the
        frames of this suite, and all of each value, only if ``full`` is true.
        """
        self.report = report
        self._command = command
        self._snippet = snippet
        self._request = request
        self._engine = engine
        self._strict = strict
        self._full = full
        self._divergences = [entry for entry in divergences.values() if entry.in_cell(report.cell)]
        # Most cases match no pattern, which the function's name shows quickly.
        self._divergences_of: dict[str, list[Divergence]] = {}
        for entry in self._divergences:
            for pattern in entry.cases:
                function = pattern.partition("[")[0]
                self._divergences_of.setdefault("*" if "*" in function else function, []).append(
                    entry
                )
        self._expected: dict[str, str] = {}
        self._capabilities = capabilities
        self.not_applicable_cases: set[str] = set()
        """The cases that cannot run in this cell."""
        self.absent = frozenset(
            clause.id
            for clause in CLAUSES.values()
            if (engine and not clause.applies_to(engine))
            or (clause.needs and clause.needs not in capabilities)
        )
        """The clauses that are newer than this engine, or need a missing capability."""
        self.mark_not_applicable(self.absent)

    def is_not_applicable(self, case: pytest.Item) -> bool:
        """Return whether the engine is too old for the case, or a capability is missing."""
        needs, since = needs_of(case), since_of(case)
        if since and self._engine and not applies(since, self._engine):
            return True
        return not needs.issubset(self._capabilities) or bool(marks_of(case, "not_applicable"))

    def mark_not_applicable(self, clauses: Iterable[str], nodeids: Iterable[str] = ()) -> None:
        """Record clauses and cases that are not applicable in this cell."""
        not_applicable = {*self.report.not_applicable, *clauses}
        self.report.not_applicable = tuple(sorted(not_applicable.intersection(self.report.judged)))
        self.not_applicable_cases.update(map(case_id, nodeids))

    def expect(self, clauses: Mapping[str, str]) -> None:
        """Record the cases that will run: their node ids, each with its clause."""
        self._expected.update((case_id(nodeid), clause) for nodeid, clause in clauses.items())
        self.report.planned = len(self._expected)

    def judge(
        self,
        item: pytest.Item,
        clause: str,
        report: pytest.TestReport,
        error: BaseException | None,
    ) -> Outcome:
        """Return the outcome of a case, and put the failure text into pytest's ``report``.

        ``error`` is what the case raised.
        """
        case = case_id(item.nodeid)
        known = self._known_divergence(case)
        if report.passed:
            if known is None:
                return Outcome(case, clause, "pass", seconds=report.duration)
            # What to do next depends on its other cases: the summary says it.
            message = f"the known divergence {known.id} does not show in this case: see FIXED"
            kind: Kind = "unexpected-pass"
            if not self.report.allow_fixed:
                report.outcome = "failed"
                report.longrepr = self._failure_text(item, clause, Failure(kind, message))
            return Outcome(case, clause, FIXED, message, known.id, kind, report.duration)
        if not isinstance(error, Failed):
            text = str(report.longrepr)
            return Outcome(case, clause, "fail", text, "", "case-error", report.duration)
        message, kind = error.failure.message, error.failure.kind
        if known and known.shows_in(kind, error.failure.seen):
            report.outcome = "skipped"
            report.wasxfail = f"known divergence {known.id}"
            return Outcome(case, clause, "divergence", message, known.id, kind, report.duration)
        judged = error.outcome == "fail" and kind not in _NOT_JUDGED
        if CLAUSES[clause].level == "SHOULD" and judged and not self._strict:
            report.outcome = "skipped"
            report.wasxfail = f"{clause} is a SHOULD; --conformance-strict makes it a failure"
            return Outcome(case, clause, "warning", message, "", kind, report.duration)
        text = self._failure_text(item, clause, error.failure)
        if known:
            seen = f" and {known.seen!r} in the field seen" if known.seen else ""
            text = (
                f"Not the known divergence {known.id}: expected the kind {known.kind!r}{seen}."
                f"\n{text}"
            )
        report.longrepr = text
        return Outcome(case, clause, error.outcome, message, "", kind, report.duration)

    def close(self) -> Report:
        """Return the report, with the stale divergences: those that no case showed or fixed."""
        self.report.cases = [
            case if case.clause else replace(case, clause=self._expected.get(case.case, ""))
            for case in self.report.cases
        ]
        if self.report.whole and not self.report.missing_outcomes:
            judged = set(self.report.judged) - self.absent
            applicable = [entry for entry in self._divergences if entry.clause in judged]
            self.report.stale = tuple(entry.id for entry in applicable if self._is_stale(entry))
        return self.report

    def _is_stale(self, entry: Divergence) -> bool:
        """Return whether one of its patterns matches no case that showed or fixed it.

        Patterns that match a case that is not applicable do not count.
        """
        seen = {case.case for case in self.report.cases if case.divergence == entry.id}
        seen |= self.not_applicable_cases
        patterns = [replace(entry, cases=(pattern,)) for pattern in entry.cases]
        return not all(any(map(pattern.covers, seen)) for pattern in patterns)

    def _known_divergence(self, case: str) -> Divergence | None:
        function = case.partition("[")[0]
        listed = (*self._divergences_of.get(function, ()), *self._divergences_of.get("*", ()))
        return next((entry for entry in listed if entry.covers(case)), None)

    def _failure_text(self, item: pytest.Item, clause: str, failure: Failure) -> str:
        function = item.function if isinstance(item, pytest.Function) else None
        snippet = self._snippet(item, clause) if self.report.subject == "datafusion" else ""
        request = self._request(failure.request)
        case = FailedCase(
            case_id(item.nodeid), clause, function, self._command(item), snippet, request
        )
        return failure_text(case, failure, self.report.cell, self._divergences, full=self._full)
