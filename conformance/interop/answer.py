"""Whether one peer can talk to another: one sentence, out of the grid or, else, the clauses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from packaging.requirements import InvalidRequirement, Requirement
from packaging.version import Version

from conformance.interop.fold import few
from conformance.interop.grid import Grid, Square
from conformance.interop.rules import REFUSED, WORKS, Column, Versions, rule

NAMES = {"datafusion": "engine", "cloudpickle": "cloudpickle", "python": "python"}
OPTIONAL = {"pyarrow": "pyarrow"}


class SpecError(ValueError):
    """What was given for a peer is none; the text says what is wrong."""


@dataclass(frozen=True)
class Answer:
    """``talks`` and why; ``measured`` are the pairs of the grid on which it rests."""

    talks: bool
    sentence: str
    reason: str = ""
    remedy: str = ""
    clause: str = ""
    measured: int = 0


def peer(text: str) -> dict[str, str]:
    """The versions in ``datafusion==55.0.0,cloudpickle==3.1.2,python==3.12``; ``SpecError``."""
    found = {}
    known = {**NAMES, **OPTIONAL}
    for part in filter(None, text.split(",")):
        try:
            one = Requirement(part)
            (exact,) = one.specifier
            version = str(Version(exact.version))
        except (InvalidRequirement, ValueError):
            raise SpecError(f"{part!r}: must be NAME==VERSION") from None
        if one.name not in known or exact.operator != "==":
            raise SpecError(f"{part!r}: must be one of {', '.join(known)}, with ==")
        found[known[one.name]] = exact.version if one.name == "python" else version
    if missing := [name for name, key in NAMES.items() if key not in found]:
        raise SpecError(f"{text!r}: says no {missing[0]}")
    return found


def answer(grids: Iterable[Grid], sender: Versions, receiver: Versions, column: Column) -> Answer:
    """What the first grid that has such peers, or else what the clauses, say of this pair."""
    found = (_squares(grid, sender, receiver, column) for grid in grids)
    squares = next(filter(None, found), [])
    must = rule(sender, receiver, column)
    pair = f"{_said(sender)} to {_said(receiver)}, {column[1]}s {column[0]}"
    pair = pair.replace("logicals", "logical plans").replace("physicals", "physical plans")
    if squares:
        talks = all(square.talks for square in squares)
        how = f"measured in {len(squares)} pair{'' if len(squares) == 1 else 's'}"
    else:
        talks = must.outcomes == WORKS and not must.reason
        how = "by the clauses; no such pair was measured"
    if talks:
        return Answer(True, f"Yes: {pair} ({how}).", clause=must.clause, measured=len(squares))
    wrong = next((one for square in squares for one in square.surprises), None)
    reason = must.reason or (f"{wrong[0]}: {wrong[1]}: {wrong[2]}" if wrong else "")
    part = must.outcomes != REFUSED and any("works" in square.counts for square in squares)
    failing = dict.fromkeys(item for square in squares for item in square.failing)
    word = f"In part, not {few(failing)}" if part else "No"
    remedy = f"; {must.remedy}" if must.remedy else ""
    return Answer(
        False,
        f"{word}: {pair}: {reason}{remedy} ({how}).",
        *(reason, must.remedy, must.clause, len(squares)),
    )


def _squares(grid: Grid, sender: Versions, receiver: Versions, column: Column) -> list[Square]:
    return [
        square
        for (theirs, ours, its), square in grid.squares.items()
        if its == column
        and square.mark != "-"
        and _is(grid.peers[theirs], sender)
        and _is(grid.peers[ours], receiver)
    ]


def _is(seen: Versions, asked: Versions) -> bool:
    """Whether a peer has the versions that were asked for, which may be less exact."""
    return all(
        seen[name] == version or seen[name].startswith(f"{version}.")
        for name, version in asked.items()
    )


def _said(versions: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {versions[key]}" for name, key in NAMES.items())
