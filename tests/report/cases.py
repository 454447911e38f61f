"""Reports of few cases, and verdicts of theirs."""

from __future__ import annotations

from hypothesis import strategies as st

from conformance import __version__
from conformance.report.model import FAILED, Outcome, Report

OUTCOMES = st.builds(
    lambda number, clause, outcome: case(f"chapter/{number}", clause, outcome),
    st.integers(0, 20),
    st.sampled_from(["FRAME-01", "FRAME-02", "STRICT-04"]),
    st.sampled_from(("pass", "divergence", "warning", *FAILED)),
)


def report(*cases: Outcome, planned: int | None = None, whole: bool = True) -> Report:
    cell = {"engine": "55.0.0", "python": "3.12.1"}
    return Report(
        __version__, "fake", cell, whole, len(cases) if planned is None else planned, [*cases]
    )


def verdicts(one: Report) -> dict[str, str]:
    return {verdict.clause: verdict.verdict for verdict in one.verdicts()}


def case(name: str, clause: str = "FRAME-01", outcome: str = "pass") -> Outcome:
    known, kind = "known" * (outcome == "divergence"), "no-error" * (outcome != "pass")
    return Outcome(name, clause, outcome, divergence=known, kind=kind)
