"""Wrong fields of a report: of another type, contradictory, or of an unknown clause."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from conformance.report.model import FIXED, KNOWN, OUTCOMES, Report
from conformance.util.kinds import KINDS
from conformance.wire.text import is_utf_8

_TYPES = {
    "suite": str,
    "subject": str,
    "cell": dict,
    "whole": bool,
    "planned": int,
    "profile": str,
    "goldens": str,
    "allow_fixed": bool,
    "commands": dict,
    "evidence": dict,
}
_LISTS = ("not_applicable", "stale", "chapters")


def wrong_fields(report: Report) -> Iterator[str]:
    """Yield the fields with a wrong type, and the invalid outcomes, a sentence each."""
    for name, wanted in _TYPES.items():
        if type(getattr(report, name)) is not wanted:  # True is an int, too
            yield f"{name}: expected {wanted.__name__}, found {getattr(report, name)!r}"
    texts_by_name = {"cell": report.cell, "commands": report.commands, **report.evidence}
    for name, mapping in texts_by_name.items():
        if not _are_texts(mapping.values()):
            yield f"{name}: expected strings, found {mapping!r}"
    for name in _LISTS:
        if not _are_texts(getattr(report, name)):
            yield f"{name}: expected strings, found {getattr(report, name)!r}"
    yield from _halves(report)
    for number, case in enumerate(report.cases):
        texts = (case.case, case.clause, case.outcome, case.message, case.divergence, case.kind)
        if not _are_texts(texts) or not isinstance(case.seconds, (int, float)):
            yield f"cases: a field of number {number} has the wrong type"
        elif case.outcome not in OUTCOMES or bool(case.divergence) != (
            case.outcome in (KNOWN, FIXED)
        ):
            yield f"case {case.case}: unknown or contradictory outcome {case.outcome!r}"
        elif (case.kind not in KINDS) if case.outcome != "pass" else case.kind:
            yield f"case {case.case}: unknown kind {case.kind!r} of a {case.outcome}"


def _halves(report: Report) -> Iterator[str]:
    """Yield the fields about the whole run that hold half of a surrogate pair."""
    texts = {name: getattr(report, name) for name in ("suite", "subject", "profile", "goldens")}
    texts |= {f"cell.{name}": f"{name}{value}" for name, value in report.cell.items()}
    texts |= {name: "".join(getattr(report, name)) for name in _LISTS}
    for name, text in texts.items():
        if not is_utf_8(text):
            yield f"{name}: expected text, found half of a surrogate pair in {text!a}"


def unknown_clauses(report: Report, known: Collection[str]) -> Iterator[str]:
    """Yield the cases of clauses that are not among the ``known`` ones, a sentence each."""
    for case in report.cases:
        if case.clause and case.clause not in known:
            yield f"case {case.case}: unknown clause {case.clause!r}"


def _are_texts(values: Iterable[object]) -> bool:
    return all(isinstance(value, str) for value in values)
