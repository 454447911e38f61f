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
    node_reads_driver,
    payload_results,
)

WHAT = {"driver": "sent by this driver", "golden": "goldens of released engines"}
MAX_REASONS = 3
"""How many reasons of one kind are shown."""


def show(driver: Mapping[str, str], reports: Sequence[NodeReport], console: Console) -> None:
    """Print each node with its versions and results, then the advice."""
    console.print(f"driver: {_versions(driver)}", soft_wrap=True)
    for report in reports:
        mark = "[green]reads[/]" if node_reads_driver(report) else "[bold red]DOES NOT READ[/]"
        console.print(f"\n[bold]{escape(str(report['node']))}[/]: {mark} what this driver sends")
        if format_error := _versions(report):
            console.print(f"  {escape(format_error)}", soft_wrap=True)
        if report.get("error"):
            console.print(f"  [bold red]{escape(str(report['error']))}[/]", soft_wrap=True)
        for line in payload_results(report):
            _line(line, console)
    console.print()
    for sentence in advice(driver, reports):
        console.print(escape(sentence), soft_wrap=True)


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
