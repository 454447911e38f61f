"""The kill table: fault by clause, as text and as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console

from conformance.spec import CLAUSES
from tasks.faults import Fault
from tasks.mutation.kills import Killed

SCHEMA = 1
"""Counts up whenever a field of the JSON changes its meaning or goes away."""


def unproven(faults: Sequence[Fault]) -> list[str]:
    """Return the clauses that no fault breaks, in the order of the spec."""
    broken = {clause for fault in faults for clause in fault.breaks}
    return [clause for clause in CLAUSES if clause not in broken]


def show(console: Console, told: Sequence[Killed]) -> None:
    """Print a line a clause and fault, then what was not noticed, then the count."""
    order = {clause: number for number, clause in enumerate(CLAUSES)}
    lines = [(clause, one.fault.name, end) for one in told for clause, end in one.by.items()]
    clauses = max((len(clause) for clause, _, _ in lines), default=0)
    faults = max((len(fault) for _, fault, _ in lines), default=0)
    for clause, fault, end in sorted(lines, key=lambda line: (order[line[0]], line[1])):
        how = "" if end.outcome == "fail" else f" ({end.outcome})"
        console.out(f"{clause:{clauses}}  {fault:{faults}}  {end.case.id}{how}")
    for one in told:
        for line in complaints(one):
            console.print(f"[red]{one.fault.name}[/]: {line}", highlight=False)
    idle = sorted({clause for one in told for clause in one.idle}, key=order.__getitem__)
    if idle:
        console.print(f"Nothing here can show {', '.join(idle)}.", highlight=False)
    proven = {clause for one in told for clause in one.by if clause in one.fault.breaks}
    bad = sum(not one.ok for one in told)
    console.print(
        f"{len(told)} faults, {len(lines)} kills, {len(proven)} of {len(CLAUSES)} clauses; "
        + (f"[red]{bad} faults are wrong or not noticed.[/]" if bad else "all noticed."),
        highlight=False,
    )


def complaints(one: Killed) -> list[str]:
    """Return what is wrong with a fault, a sentence each."""
    said = [one.wrong] if one.wrong else []
    if one.survived:
        others = f"; noticed only for {', '.join(one.others)}" if one.others else ""
        said.append(f"survived {', '.join(one.survived)}{others}")
    elif one.others:
        said.append(f"noticed for {', '.join(one.others)}, too, which it does not say")
    return said


def document(told: Sequence[Killed], missing: Sequence[str]) -> Mapping[str, Any]:
    """Return the same as data: ``faults`` with their ``kills``, and ``unproven`` clauses."""
    return {
        "schema": SCHEMA,
        "ok": all(one.ok for one in told) and not missing,
        "unproven": list(missing),
        "faults": [
            {
                "fault": one.fault.name,
                "subject": one.fault.spec,
                "breaks": list(one.fault.breaks),
                "kills": {
                    clause: {
                        "case": end.case.id,
                        "outcome": end.outcome,
                        "message": end.failure.message if end.failure else "",
                    }
                    for clause, end in one.by.items()
                },
                "survived": list(one.survived),
                "others": list(one.others),
                "idle": list(one.idle),
                "wrong": one.wrong,
            }
            for one in told
        ],
    }
