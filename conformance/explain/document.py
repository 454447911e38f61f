"""Collect what is known of a clause, a divergence, a case or a vector, as JSON values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from conformance.explain import index
from conformance.explain.verdicts import by_engine, divergences_of, since_when
from conformance.golden import negative
from conformance.negative import Vector
from conformance.negative.description import session_line
from conformance.report.model import FAILED, FIXED, KNOWN, WARNING, Outcome, Report
from conformance.spec import CHAPTERS, CLAUSES, DIVERGENCES, RETIRED, Divergence
from conformance.subjects.codec import Conditions
from conformance.subjects.external.program import decide_request

Document = dict[str, Any]
Reports = Mapping[str, Report]
"""Reports by the name of their file or cell."""


class UnknownName(ValueError):
    """No clause, divergence, case or vector has the name; the text says which names are near."""


def explain(name: str, reports: Reports) -> Document:
    """Return what is known of the clause, the divergence, the case or the vector of this name.

    A case may be given without its parameters. Raises ``UnknownName``.
    """
    if name.upper() in CLAUSES:
        return _explain_clause(name.upper(), reports)
    if name.upper() in RETIRED:
        gone = RETIRED[name.upper()]
        raise UnknownName(f"{gone.id} is retired: {gone.reason} See {', '.join(gone.replaced_by)}.")
    if name in DIVERGENCES:
        return _explain_divergence(DIVERGENCES[name], reports)
    functions = {one.name: one for one in index.case_functions()}
    if (found := functions.get(name.partition("[")[0])) is not None:
        explained = _explain_case(name, found, reports)
        if "[" in name and reports and not explained["reports"]:
            cases = {one.case for report in reports.values() for one in report.cases}
            raise UnknownName(f"{name}: no report has this case{_hint(name, cases)}")
        return explained
    stored = negative.read()
    vectors = {one.id: one for one in stored.vectors}
    if name in vectors:
        return _explain_vector(vectors[name], stored.python, reports)
    hint = _hint(name, [*CLAUSES, *DIVERGENCES, *functions, *vectors])
    raise UnknownName(f"{name}: expected a clause, a divergence, a case or a vector{hint}")


def _hint(name: str, names: Iterable[str]) -> str:
    near = get_close_matches(name, names, n=3)
    return f"; did you mean {' or '.join(near)}?" if near else ""


def _explain_clause(id_: str, reports: Reports) -> Document:
    clause = CLAUSES[id_]
    return {
        "clause": id_,
        "title": clause.title,
        "chapter": CHAPTERS[clause.chapter].title,
        "requirement": clause.requirement,
        "rationale": clause.rationale,
        **{name: getattr(clause, name) for name in ("level", "since", "basis", "severity")},
        **{name: getattr(clause, name) for name in ("profile", "needs", "source", "link")},
        "engines": dict(by_engine(clause)),
        "divergences": [_summarize(one) for one in divergences_of(id_)],
        "cases": [_source(one) for one in index.cases_of(id_)],
        "faults": [_source(one) for one in index.faults_of(id_)],
        "vectors": index.vectors_of(id_),
        "goldens": index.goldens_of(id_),
        "snippet": str(clause.snippet or ""),
        "reports": _outcomes(reports, lambda outcome: outcome.clause == id_),
    }


def _explain_divergence(divergence: Divergence, reports: Reports) -> Document:
    clause = CLAUSES[divergence.clause]
    return {
        **_summarize(divergence),
        "clause": clause.id,
        "title": clause.title,
        "requirement": clause.requirement,
        "severity": clause.severity,
        "source": clause.source,
        "link": clause.link,
        "cases": list(divergence.cases),
        "kind": divergence.kind,
        "seen": divergence.seen,
        "reports": _outcomes(reports, lambda outcome: outcome.divergence == divergence.id),
    }


def _explain_case(name: str, found: index.Source, reports: Reports) -> Document:
    known = [
        one
        for one in DIVERGENCES.values()
        if found.name in (pattern.partition("[")[0] for pattern in one.cases)
    ]
    return {
        "case": name,
        "about": found.about,
        "place": found.place,
        "clauses": {id_: CLAUSES[id_].requirement for id_ in found.clauses},
        "divergences": [_summarize(one) for one in known],
        "reports": _outcomes(
            reports, lambda outcome: outcome.case == name or outcome.case.startswith(f"{name}[")
        ),
    }


def _explain_vector(vector: Vector, python: str, reports: Reports) -> Document:
    there = vector.receiver
    conditions = Conditions(python, there.inlining, there.codecs, there.registered)
    id_ = vector.id.replace("/", "-")
    cases = {
        f"negative/demand[{demand.clause}-{id_}{end}]"
        for demand in vector.demands
        for end in ("", "-unpickles")
    }
    return {
        "vector": vector.id,
        **{name: getattr(vector, name) for name in ("note", "artifact", "since", "do")},
        "session": session_line(vector, python),
        "demands": [{**vars(one), "title": CLAUSES[one.clause].title} for one in vector.demands],
        "data": vector.data.hex(),
        "request": {"id": 1, **decide_request(vector.artifact, vector.data, conditions)},
        "reports": _outcomes(reports, lambda outcome: outcome.case in cases),
    }


def _summarize(divergence: Divergence) -> Document:
    return {
        "divergence": divergence.id,
        "reason": divergence.reason,
        "engines": divergence.engines,
        "released": list(since_when(divergence)),
        "python": divergence.python,
        "cloudpickle": divergence.cloudpickle,
        "introduced_by": divergence.introduced_by,
        "reported_as": divergence.reported_as,
        "reproduction": str(divergence.reproduction),
    }


def _source(source: index.Source) -> Document:
    return {"name": source.name, "about": source.about, "place": source.place}


def _outcomes(reports: Reports, wanted: Any) -> list[Document]:
    """Return how the wanted cases ended in each report, with what failed."""
    found = []
    for name, report in reports.items():
        outcomes = [one for one in report.cases if wanted(one)]
        if outcomes:
            failed = [one for one in outcomes if one.outcome in (*FAILED, WARNING)]
            found.append(
                {
                    "report": name,
                    "cell": dict(report.cell),
                    "passed": sum(one.outcome in ("pass", FIXED) for one in outcomes),
                    "known": sum(one.outcome == KNOWN for one in outcomes),
                    "failed": len(failed),
                    "failures": [_failure(one, report) for one in _first_of_each(failed)],
                }
            )
    return found


def _first_of_each(failed: Iterable[Outcome]) -> Sequence[Outcome]:
    """Return the first failure of each kind and message."""
    return list({(one.kind, one.message): one for one in reversed([*failed])}.values())[::-1]


def _failure(outcome: Outcome, report: Report) -> Document:
    return {
        "case": outcome.case,
        "outcome": outcome.outcome,
        "kind": outcome.kind,
        "message": outcome.message,
        **report.evidence.get(outcome.case, {"expected": "", "seen": ""}),
        "reproduce": report.commands.get(outcome.case, ""),
    }
