"""Format the output of a run: the rules, the figures and the findings."""

from __future__ import annotations

from typing import Any

from conformance.subjects.interface import Subject
from conformance.suite.model.known import RULES
from conformance.suite.model.steps import Finding, Result


def opening(subject: Subject, known: frozenset[str], seed: int) -> str:
    """Return the first lines: the subject, its versions, and the rules that the model follows."""
    versions = ", ".join(f"{name} {version}" for name, version in subject.versions().items())
    rules = [f"  {id_}: {RULES[id_]}" for id_ in sorted(known)]
    followed = "known divergences that the model follows:" if rules else "no known divergences"
    return "\n".join([f"{subject.name} ({versions}), seed {seed}; {followed}", *rules])


def table(result: Result) -> str:
    """Return how often each operation was done, a line each."""
    return "\n".join(f"{number:>9,}  {name}" for name, number in result.operations.most_common())


def finding(one: Finding, command: str) -> str:
    """Return a finding as text: the clause, what was expected and seen, and the sequence.

    ``command`` runs the round that found it again.
    """
    violation = one.violation
    return (
        f"\nBROKEN    {violation.clause} ({violation.kind})\n"
        f"          {violation.message}\n"
        f"expected  {violation.expected}\n"
        f"seen      {violation.seen}\n"
        f"{one.text}\n"
        f"reproduce {command}"
    )


def closing(result: Result) -> str:
    """Return the last line: the size of the run and the number of findings."""
    broken = len(result.findings) or "no"
    return (
        f"{result.steps:,} steps in {result.stories:,} sequences, {result.seconds:.0f} s: "
        f"{broken} clauses broken"
    )


def document(subject: Subject, result: Result, seed: int) -> dict[str, Any]:
    """Return the figures for programs."""
    return {
        "schema": 1,
        "subject": subject.name,
        "versions": dict(subject.versions()),
        "seed": seed,
        "stories": result.stories,
        "steps": result.steps,
        "seconds": round(result.seconds, 1),
        "operations": dict(result.operations.most_common()),
        "findings": [
            {
                "clause": one.violation.clause,
                "kind": one.violation.kind,
                "message": one.violation.message,
                "expected": one.violation.expected,
                "seen": one.violation.seen,
                "story": [str(step) for step in one.story],
            }
            for one in result.findings.values()
        ],
    }
