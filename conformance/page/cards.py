"""The cards of a page: what failed, and the known divergences that showed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from conformance.explain.issue import title
from conformance.explain.verdicts import by_severity, since_when
from conformance.report.gather import Gathered
from conformance.report.model import FAILED, Outcome
from conformance.report.problems import Problem, problems
from conformance.report.summary import Summary
from conformance.report.table import where
from conformance.spec import CLAUSES, DIVERGENCES, Clause, Divergence
from conformance.spec.clauses import SEVERITIES


@dataclass(frozen=True)
class FailureCard:
    """Failures that are alike, with what one of the cases expected and saw."""

    problem: Problem
    where: str
    case: str
    expected: str
    seen: str

    @property
    def clauses(self) -> Sequence[Clause]:
        """The clauses that fail alike."""
        return [CLAUSES[clause] for clause in self.problem.clauses]

    @property
    def severity(self) -> str:
        """The worst severity of the clauses; empty where there is none."""
        return min((one.severity for one in self.clauses), key=SEVERITIES.index, default="")

    @property
    def chapters(self) -> Sequence[str]:
        """The chapters of the clauses."""
        return list(dict.fromkeys(one.chapter for one in self.clauses))


@dataclass(frozen=True)
class DivergenceCard:
    """A known divergence that showed, and where."""

    divergence: Divergence
    where: str

    @property
    def title(self) -> str:
        """The first sentence of the reason."""
        return title(self.divergence)

    @property
    def reason(self) -> str:
        """The reason without its first sentence."""
        return self.divergence.reason.removeprefix(self.title).removeprefix(".").strip()

    @property
    def clause(self) -> Clause:
        """The clause that it breaks."""
        return CLAUSES[self.divergence.clause]

    @property
    def released(self) -> str:
        """The released engines that show it, and the versions that limit it."""
        one = self.divergence
        limits = (("Python", one.python), ("cloudpickle", one.cloudpickle))
        more = "".join(f", with {name} {limit}" for name, limit in limits if limit)
        return f"{', '.join(since_when(one)) or one.engines}{more}"

    @property
    def script(self) -> str:
        """The script that shows it without the suite."""
        return self.divergence.reproduction.read_text(encoding="utf-8").strip()


def failures(summary: Summary, found: Gathered) -> Iterator[FailureCard]:
    """Yield the failures, those that are alike as one."""
    failed = summary.outcomes_of(FAILED)
    for problem in problems(summary, found.commands):
        case = ""
        shown: Mapping[str, str] = {}
        for clause in problem.clauses:
            case, shown = _evidence(failed.get(clause, {}), found)
            if shown:
                break
        cells = ", ".join(problem.cells) if problem.by_cell else where(problem.line, summary)
        yield FailureCard(problem, cells, case, shown.get("expected", ""), shown.get("seen", ""))


def _evidence(
    failed: Mapping[str, Sequence[Outcome]], found: Gathered
) -> tuple[str, Mapping[str, str]]:
    """Return the first failed case, by cell, with evidence, and that."""
    for cell, outcomes in failed.items():
        known = found.evidence.get(cell, {})
        for outcome in outcomes:
            if outcome.case in known:
                return outcome.case, known[outcome.case]
    return "", {}


def divergences(summary: Summary) -> Mapping[str, Sequence[DivergenceCard]]:
    """Return the known divergences that showed, by severity, the worst first."""
    lines = {line.name: line for line in summary.divergences()}
    cards: dict[str, list[DivergenceCard]] = {}
    for one in by_severity([DIVERGENCES[name] for name in lines if name in DIVERGENCES]):
        card = DivergenceCard(one, where(lines[one.id], summary))
        cards.setdefault(card.clause.severity, []).append(card)
    return cards
