"""The report of one run on one cell."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from conformance.spec import CLAUSES

SCHEMA = 2
"""The version of the JSON; increases when a field changes its meaning or is removed."""

FAILED = ("fail", "crash", "hang")
KNOWN = "divergence"
WARNING = "warning"
FIXED = "fixed"
OUTCOMES = ("pass", KNOWN, FIXED, WARNING, *FAILED)
"""The outcomes of a case."""

REMOVE = "remove the entry, or narrow its `engines`"
FIXED_IN_PART = "in part: other cases still show it; narrow its `cases`"
FAILS_ELSEWHERE = (
    "in part, if at all: other cases beside it fail, and not as recorded; see to these, and keep "
    "the entry until then"
)
"""What a person does about a divergence of which a case passed."""

PARTIAL = "partial run, no verdict"
"""The words for a run in which nothing failed, but which judged less than it had to."""


class ReportError(ValueError):
    """A report cannot be read; the text names the file and the problem."""


@dataclass(frozen=True)
class Outcome:
    """The outcome of one case.

    ``outcome`` is ``pass``, ``fail``, ``crash``, ``hang``, ``warning`` (a SHOULD clause
    that does not hold, in a run that is not strict), ``divergence``, or ``fixed`` (it passed
    although a divergence is recorded); of the last two ``divergence`` is the id. ``kind`` is one
    of ``conformance.util.kinds``, and empty where the case passed.
    """

    case: str
    clause: str
    outcome: str
    message: str = ""
    divergence: str = ""
    kind: str = ""
    seconds: float = 0.0


@dataclass(frozen=True)
class Verdict:
    """A run's verdict on one clause.

    ``verdict`` is ``pass``, ``fail``, ``fixed``, ``divergence``, ``warning``, ``not applicable``
    or ``incomplete``; ``divergences`` are the ids of the known ones. A clause is ``fixed`` where
    at least one case is, and none failed.
    """

    clause: str
    verdict: str
    divergences: tuple[str, ...] = ()


@dataclass
class Report:
    """One run of the suite.

    ``cell`` has the installed versions: ``engine``, ``cloudpickle``,
    ``pyarrow``, ``python``, ``platform``. ``planned`` counts the cases that
    were collected, ``whole`` is true where nothing was deselected, ``stale``
    are known divergences that no case showed. ``chapters`` are those that were
    judged, empty for all; ``profile`` is that of the judged clauses, empty for both.
    ``goldens`` is the digest of the store's manifest, empty where there is none.
    ``commands`` run a failed case again on the machine of the run, by case; ``evidence`` has what
    the case ``expected`` and has ``seen``. ``allow_fixed`` is true where a fixed divergence does
    not fail the run.
    """

    suite: str
    subject: str
    cell: Mapping[str, str]
    whole: bool
    planned: int
    cases: list[Outcome] = field(default_factory=list)
    not_applicable: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()
    chapters: tuple[str, ...] = ()
    profile: str = ""
    goldens: str = ""
    commands: dict[str, str] = field(default_factory=dict)
    evidence: dict[str, dict[str, str]] = field(default_factory=dict)
    allow_fixed: bool = False

    @property
    def judged(self) -> tuple[str, ...]:
        """The clauses of the judged chapters and profile, in the order of the spec."""
        return tuple(
            clause.id
            for clause in CLAUSES.values()
            if (not self.chapters or clause.chapter in self.chapters)
            and self.profile in ("", clause.profile)
        )

    @property
    def missing_outcomes(self) -> int:
        """Return how many planned cases have no outcome."""
        return self.planned - len({case.case for case in self.cases})

    @property
    def complete(self) -> bool:
        """Return whether nothing was deselected and each planned case has its outcome."""
        return self.whole and self.planned > 0 and self.missing_outcomes == 0

    @property
    def narrowed(self) -> str:
        """Return why the run is partial; empty for a run that judged whole chapters."""
        return "" if self.whole else f"only {self.planned} selected cases ran"

    @property
    def unjudged(self) -> tuple[str, ...]:
        """The clauses for which a whole run has no case."""
        if not self.complete:
            return ()
        return tuple(one.clause for one in self.verdicts() if one.verdict == "incomplete")

    @property
    def failed(self) -> bool:
        """Return whether a case failed, or a known divergence went stale."""
        return bool(self.stale) or any(map(self.fails, self.cases))

    def fails(self, case: Outcome) -> bool:
        """Return whether the outcome of a case fails this run."""
        return case.outcome in FAILED or (case.outcome == FIXED and not self.allow_fixed)

    @property
    def fixed(self) -> Mapping[str, str]:
        """The known divergences of which a case passed, each with what to do next."""
        fixed: dict[str, set[str]] = {}
        for case in self.cases:
            if case.outcome == FIXED:
                fixed.setdefault(case.divergence, set()).update(_places(case))
        shown = {case.divergence for case in self.cases if case.outcome == KNOWN}
        failing = {
            place
            for case in self.cases
            if case.outcome in (*FAILED, WARNING)
            for place in _places(case)
        }
        advice = {}
        for name, places in fixed.items():
            if places & failing:
                advice[name] = FAILS_ELSEWHERE
            else:
                advice[name] = FIXED_IN_PART if name in shown else REMOVE
        return advice

    def verdicts(self, clauses: Sequence[str] | None = None) -> Iterator[Verdict]:
        """Yield one verdict per clause: of the judged chapters, in the order of the spec.

        ``clauses`` are others instead, for a run of a suite that had others.
        """
        by_clause: dict[str, list[Outcome]] = {}
        for case in self.cases:
            by_clause.setdefault(case.clause, []).append(case)
        complete = self.complete  # computed once: it visits every case
        for clause in self.judged if clauses is None else clauses:
            outcomes = by_clause.get(clause, [])
            known = tuple(dict.fromkeys(case.divergence for case in outcomes if case.divergence))
            if any(case.outcome in FAILED for case in outcomes):
                yield Verdict(clause, "fail", known)
            elif clause in self.not_applicable and not outcomes:
                yield Verdict(clause, "not applicable")
            elif not outcomes or not complete:
                yield Verdict(clause, "incomplete", known)
            elif any(case.outcome == FIXED for case in outcomes):
                yield Verdict(clause, FIXED, known)
            elif any(case.outcome == WARNING for case in outcomes):
                yield Verdict(clause, WARNING, known)
            else:
                yield Verdict(clause, "divergence" if known else "pass", known)

    def normalized(self) -> Report:
        """Return the report in the form that equal runs share on every machine.

        It has no durations, commands and evidence, and of failure messages only the first line,
        without paths, addresses and ids. The cases are sorted by name.
        """
        cases = {
            (c.case, c.clause, c.outcome, _normalize_message(c), c.divergence, c.kind)
            for c in self.cases
        }
        return replace(
            self, cases=[Outcome(*case) for case in sorted(cases)], commands={}, evidence={}
        )


def _places(case: Outcome) -> tuple[str, str]:
    """Return the clause of a case and its function: what the cases of one divergence share.

    A case that fails in another way than the divergence says does not name it.
    """
    return case.clause, case.case.partition("[")[0]


def _normalize_message(case: Outcome) -> str:
    if case.outcome not in (*FAILED, WARNING):
        return ""  # the id of a known divergence is enough
    line = next(iter(case.message.strip().splitlines()), "")
    line = re.sub(r"(?<![\w/.:])(?:/[\w.+@~-]+)+/", "", line)
    return re.sub(r"(?<=\bpid )\d+|(?<=\b0x)[0-9a-fA-F]+|[0-9a-f]{32,}", "…", line)
