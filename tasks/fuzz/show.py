"""Format the output of a run: the table of figures, and findings in annotated hex."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from conformance.hostile.corpus import CorpusEntry
from conformance.hostile.fields import fields
from conformance.util.shell import pasteable
from conformance.wire import WireError, hexdump, locate
from conformance.wire.hexview import layout
from tasks.fuzz.forks import OUTCOMES, UNPICKLE_ATTEMPTED, Batch, TargetInfo
from tasks.fuzz.run import FuzzFinding, Result
from tasks.fuzz.signature import signature

__all__ = ["FuzzFinding", "closing", "finding", "line", "opening", "replayed", "table"]

_SHOWN = 512
"""The most bytes of a finding to show; its file holds all."""


def opening(target: TargetInfo, examples: int, seed: int) -> str:
    """Return the first line: the target, its versions and the number of inputs."""
    versions = ", ".join(f"{name} {version}" for name, version in target.versions.items())
    python = ".".join(map(str, target.python))
    return (
        f"{target.name} ({versions}, Python {python}) reads {examples:,} inputs, "
        f"seed {seed}, as {' and '.join(target.modes)}"
    )


def line(result: Result) -> str:
    """Return the rate and the findings of a run so far."""
    rate = result.inputs / max(result.seconds, 0.001)
    new = f", {len(result.new)} new" if result.new else ""
    return f"{rate:,.0f} a second, {len(result.findings)} findings{new}"


def table(result: Result) -> str:
    """Return a table with a line per mutation: inputs, and the outcomes in each mode."""
    modes = result.target.modes
    heads = [
        f"{mode} {outcome}" for mode in modes for outcome in ("decoded", "refused", "attempted")
    ]
    bad = ("panic", "unpickled", "crash", "hang")
    wide = 10
    top = f"{'':<{wide}}{'':>9}" + "".join(f"{mode:>30}" for mode in modes)
    names = ("decoded", "refused", "attempted") * len(modes)
    lines = [
        top,
        f"{'mutation':<{wide}}{'inputs':>9}"
        + "".join(f"{name:>10}" for name in names)
        + "".join(f"{name:>10}" for name in bad),
    ]
    rows = [*sorted(result.figures.items()), ("all", result.total())]
    for mutation, counts in rows:
        lines.append(
            f"{mutation:<{wide}}{counts['inputs']:>9,}"
            + "".join(f"{counts[head]:>10,}" for head in heads)
            + "".join(f"{_of(counts, modes, name):>10,}" for name in bad)
        )
    lines.append("")
    for one in sorted(result.findings.values(), key=lambda one: -one.count):
        known = one.known.id if one.known else "NEW"
        lines.append(f"{one.count:>9,}  {one.signature}  [{', '.join(sorted(one.modes))}; {known}]")
    return "\n".join(lines).rstrip()


def _of(counts: Counter[str], modes: tuple[str, ...], outcome: str) -> int:
    return sum(counts[f"{mode} {outcome}"] for mode in modes)


def finding(one: FuzzFinding, path: Path, options: Sequence[str]) -> str:
    """Return a finding as text: signature, bytes, output, and the commands on its file.

    ``options`` are those of ``replay`` for this run's target and limits.
    """
    replay = ("-m", "tasks.fuzz", "replay", str(path.absolute()), *options)
    keep = ("-m", "tasks.fuzz", "keep", str(path.absolute()))
    data = one.input.data
    more = f"\n... {len(data) - _SHOWN} bytes more" if len(data) > _SHOWN else ""
    output = "\n".join(f"  {text}" for text in one.violation.text.strip().splitlines()[:8])
    return (
        f"\nNEW FINDING  {one.signature}\n"
        f"read as      {one.input.level}, {_modes(one)}\n"
        f"came from    {one.input.seed}, damaged by {one.input.mutation}; {one.count} times\n"
        f"bytes        {len(data)}, in {path.with_suffix('.bin')}\n"
        f"{hexdump(data[:_SHOWN], _marks(data))}{more}\n"
        f"output\n{output}\n"
        f"reproduce    {pasteable(replay)}\n"
        f"to keep it   {pasteable(keep)}"
    )


def _modes(one: FuzzFinding) -> str:
    """Return the modes in which the input fails again, after it was made small."""
    return ", ".join(sorted(one.modes)) or "no mode again: the input alone does not show it"


def _marks(data: bytes) -> dict[int, str]:
    """Return the annotations by offset: fields, and the parts of frames and envelopes."""
    marks: dict[int, str] = {}
    for one in fields(data):
        region = one.regions[-1]
        if region.tag is not None:
            marks[region.tag] = f"{'  ' * (len(one.regions) - 1)}field {one.number}"
    try:
        found = locate(data).found
    except WireError:
        found = ()
    for each in found:
        marks |= {each.offset + first: name for name, first, _ in layout(each.data)}
    return dict(sorted(marks.items())[:60])


def closing(result: Result) -> str:
    """Return the last line: inputs, seconds and findings."""
    rate = result.inputs / max(result.seconds, 0.001)
    known = len(result.findings) - len(result.new)
    ended = "; ended early: too many inputs hang" if result.ended else ""
    return (
        f"{result.inputs:,} inputs in {result.seconds:.1f} s ({rate:,.0f} a second); "
        f"{known} known findings, {len(result.new)} new{ended}"
    )


def replayed(entry: CorpusEntry, target: TargetInfo, batch: Batch) -> str:
    """Return the outcomes of an entry of the corpus as one line."""
    signatures = {
        violation.mode: signature(violation, entry.reader) for violation in batch.violations
    }
    parts = [
        f"{mode}: {signatures.get(mode, OUTCOMES[outcome & ~UNPICKLE_ATTEMPTED])}"
        for mode, outcome in zip(target.modes, batch.outcomes, strict=True)
    ]
    same = "same" if {entry.signature, *entry.also} & {*signatures.values()} else "other"
    version = target.versions.get("engine", "")
    return f"{entry.id} on {target.name} {version}: {same}; {'; '.join(parts)}"
