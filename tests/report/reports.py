"""Small reports, made by hand."""

from __future__ import annotations

from conformance import __version__
from conformance.report.model import Outcome, Report
from conformance.spec import CLAUSES

STRICT = [clause for clause in CLAUSES if clause.startswith("STRICT-")]


def report(
    engine: str = "55.0.0",
    python: str = "3.12.1",
    *,
    outcomes: dict[str, Outcome] | None = None,
    planned: int | None = None,
    whole: bool = True,
    stale: tuple[str, ...] = (),
    not_applicable: tuple[str, ...] = (),
    allow_fixed: bool = False,
) -> Report:
    """A report in which every clause has one case and holds, but for ``outcomes`` by clause."""
    cases = [
        (outcomes or {}).get(clause) or Outcome(f"case/{clause}", clause, "pass")
        for clause in CLAUSES
        if clause not in not_applicable
    ]
    return Report(
        suite=__version__,
        subject="datafusion",
        cell={"engine": engine, "cloudpickle": "3.1.2", "pyarrow": "26.0.1", "python": python},
        whole=whole,
        planned=len(cases) if planned is None else planned,
        cases=cases,
        stale=stale,
        not_applicable=not_applicable,
        goldens="a" * 64,
        allow_fixed=allow_fixed,
    )


def failing(clause: str, message: str = "not the expected value") -> dict[str, Outcome]:
    return {clause: Outcome(f"case/{clause}[scalar]", clause, "fail", message, "", "wrong-value")}


def diverging(clause: str, name: str) -> dict[str, Outcome]:
    return {
        clause: Outcome(f"case/{clause}", clause, "divergence", "as recorded", name, "no-error")
    }


def fixing(clause: str, name: str) -> dict[str, Outcome]:
    return {clause: Outcome(f"case/{clause}", clause, "fixed", "fixed", name, "unexpected-pass")}
