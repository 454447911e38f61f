"""A survey for a terminal, node by node; in colour where the terminal supports it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.markup import escape

from conformance.preflight.report import (
    VERSIONS,
    NodeReport,
    PayloadResult,
    advice,
    advice_on_shipments,
    node_verdict,
    payload_results,
)
from conformance.preflight.verdicts import Judgement, Verdict

WHAT = {"driver": "samples encoded by this driver", "golden": "goldens of released engines"}
MAX_REASONS = 3
"""How many reasons of one kind are shown."""


def show(driver: Mapping[str, str], reports: Sequence[NodeReport], console: Console) -> None:
    """Print each node with its versions and results, then the advice."""
    console.print(f"driver: {_versions(driver)}", soft_wrap=True)
    for report in reports:
        mark = _mark(node_verdict(report))
        console.print(
            f"\n[bold]{escape(str(report['node']))}[/]: {mark} this tool's own sample UDFs"
        )
        if versions := _versions(report):
            console.print(f"  {escape(versions)}", soft_wrap=True)
        if report.get("error"):
            console.print(f"  [bold red]{escape(str(report['error']))}[/]", soft_wrap=True)
        for line in payload_results(report):
            _line(line, console)
    console.print()
    for sentence in advice(driver, reports):
        console.print(escape(sentence), soft_wrap=True)


def show_shipments(
    driver: Mapping[str, str],
    reports: Sequence[NodeReport],
    judgements: Sequence[Sequence[Judgement]],
    console: Console,
) -> None:
    """Print each node with its versions and what it makes of each shipment, then the counts."""
    console.print(f"driver: {_versions(driver)}", soft_wrap=True)
    for report, row in zip(reports, judgements, strict=True):
        console.print(f"\n[bold]{escape(str(report['node']))}[/]", soft_wrap=True)
        if versions := _versions(report):
            console.print(f"  {escape(versions)}", soft_wrap=True)
        for one in row:
            why = f": {escape(one.why)}" if one.why else ""
            console.print(f"  {escape(one.label)}: {_mark(one.verdict)}{why}", soft_wrap=True)
    console.print()
    for sentence in advice_on_shipments(judgements):
        console.print(escape(sentence), soft_wrap=True)


def _mark(verdict: Verdict) -> str:
    if verdict is Verdict.READS:
        return f"[green]{verdict.value}[/]"
    style = "yellow" if verdict is Verdict.UNJUDGED else "bold red"
    return f"[{style}]{verdict.value.upper()}[/]"


def _versions(found: Mapping[str, object]) -> str:
    known = [f"{name} {found[name] or 'not installed'}" for name in VERSIONS if name in found]
    return ", ".join([str(found["host"]), *known] if "host" in found else known)


def _line(line: PayloadResult, console: Console) -> None:
    counts = ", ".join(f"{number} {what}" for what, number in line.counts.items())
    session = "strict" if line.strict else "inlining"
    style = "green" if line.as_expected else "bold red" if line.origin == "driver" else "yellow"
    what = f"{WHAT[line.origin]}, {line.form}, on {'an' if not line.strict else 'a'} {session}"
    console.print(f"  {what} session: [{style}]{counts}[/]", soft_wrap=True)
    for number, (why, times) in enumerate(line.reasons.items()):
        if number == MAX_REASONS:
            console.print(f"    and {len(line.reasons) - MAX_REASONS} more")
            break
        console.print(f"    {times} x {escape(why)}", soft_wrap=True)
