"""Answers to ``can-talk``: one sentence, from the grid or else from the clauses."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from packaging.requirements import InvalidRequirement, Requirement
from packaging.version import Version

from conformance.interop.grid import Grid, PairResult
from conformance.interop.rules import (
    CLOUDPICKLE_OF,
    FRAMES_SINCE,
    NAMES,
    REFUSED,
    WORKS,
    Mode,
    Versions,
    rule,
)
from conformance.interop.summary import FORM_PHRASES, LAYER_NAMES, truncate_list
from conformance.util.versions import minor

OPTIONAL = {"pyarrow": "pyarrow"}
CANDIDATE = "candidate-"
"""With which the name of a peer begins that was built and is not released."""


class PeerSpecError(ValueError):
    """The text given for a peer cannot be read, or names versions that are not covered."""


@dataclass(frozen=True)
class Answer:
    """``talks`` is ``yes``, ``no`` or ``in part``: all but the items ``failing``.

    ``measured`` are the pairs of the ``grid`` on which it rests, none where it
    follows from the clauses alone.
    """

    talks: str
    sentence: str
    form: str
    layer: str
    reason: str = ""
    remedy: str = ""
    clause: str = ""
    failing: tuple[str, ...] = ()
    measured: int = 0
    grid: str = ""


def parse_peer(text: str) -> dict[str, str]:
    """Return the versions in ``datafusion==55.0.0,cloudpickle==3.1.2,python==3.12``.

    Raises ``SpecError`` for anything else.
    """
    found: dict[str, str] = {}
    known = {**NAMES, **OPTIONAL}
    for part in filter(None, text.split(",")):
        try:
            one = Requirement(part)
            (exact,) = one.specifier
            version = str(Version(exact.version))
        except (InvalidRequirement, ValueError):
            raise PeerSpecError(f"{part!r}: must be NAME==VERSION") from None
        if one.name not in known or exact.operator != "==" or one.extras or one.marker:
            raise PeerSpecError(f"{part!r}: must be one of {', '.join(known)}, with == and no more")
        if known[one.name] in found:
            raise PeerSpecError(f"{text!r}: says {one.name} twice")
        found[known[one.name]] = version
    if missing := [name for name, key in NAMES.items() if key not in found]:
        raise PeerSpecError(f"{text!r}: says no {missing[0]}")
    if minor(found["python"]) not in CLOUDPICKLE_OF:
        judged = ", ".join(CLOUDPICKLE_OF)
        raise PeerSpecError(f"{text!r}: Python {found['python']} is not judged; {judged} are")
    return found


def answer(
    grids: Iterable[tuple[str, Grid]], sender: Versions, receiver: Versions, mode: Mode
) -> Answer:
    """Return what the first grid that has such peers, or else what the clauses, say of this pair.

    Each grid has the words that name it in the answer. Raises ``SpecError`` for what
    engines without frames send or read by name.
    """
    form, layer = mode
    old = [one["engine"] for one in (sender, receiver) if Version(one["engine"]) < FRAMES_SINCE]
    if old and form == "by name":
        raise PeerSpecError(f"datafusion {old[0]} has no frames: nothing is judged of it by name")
    found = ((where, _matching_results(grid, sender, receiver, mode)) for where, grid in grids)
    where, results = next((one for one in found if one[1]), ("", []))
    expected = rule(sender, receiver, mode)
    wrong = [surprise for result in results for surprise in result.surprises]
    failing = tuple(dict.fromkeys(item for result in results for item in result.failing))
    reason, remedy = expected.reason, expected.remedy
    if wrong:
        item, outcome, text = wrong[0]
        talks, reason, remedy = "no", f"not as the clauses say: {item}: {outcome}: {text}", ""
    elif (
        all(result.talks for result in results)
        if results
        else expected.outcomes == WORKS and not reason
    ):
        talks, reason, remedy = "yes", "", ""
    else:
        works = any("works" in result.counts for result in results)
        talks = "in part" if works and expected.outcomes != REFUSED else "no"
        if results and not reason:
            reason = "the receiver did not read it all; `dfpy-conformance grid` shows why"
    pairs = f"{len(results)} pair{'' if len(results) == 1 else 's'}"
    said = [
        f"{talks.capitalize()}{f', not {truncate_list(failing)}' if talks == 'in part' and failing else ''}",
        f"{_format_versions(sender)} to {_format_versions(receiver)}, {LAYER_NAMES[layer]} {FORM_PHRASES[form]}",
        *([reason + (f"; {remedy}" if remedy else "")] if reason else []),
    ]
    how = (
        f"measured in {pairs}, {where}" if results else "by the clauses; no such pair was measured"
    )
    sentence = f"{': '.join(said)} ({how})."
    rest = expected.clause, failing, len(results), where
    return Answer(talks, sentence, form, layer, reason, remedy, *rest)


def _matching_results(
    grid: Grid, sender: Versions, receiver: Versions, mode: Mode
) -> list[PairResult]:
    """Return the squares of such peers; those of a candidate only where no release is meant."""
    found = {
        (theirs, ours): result
        for (theirs, ours, its), result in grid.results.items()
        if its == mode and _is(grid.peers[theirs], sender) and _is(grid.peers[ours], receiver)
    }
    released = [
        result
        for pair, result in found.items()
        if not any(name.startswith(CANDIDATE) for name in pair)
    ]
    return released or [*found.values()]


def _is(seen: Versions, asked: Versions) -> bool:
    """Return whether a peer has the versions that were asked for; of Python, the minor version."""
    return all(
        minor(seen[name]) == minor(version) if name == "python" else seen[name] == version
        for name, version in asked.items()
    )


def _format_versions(versions: Versions) -> str:
    return ", ".join(f"{name} {versions[key]}" for name, key in NAMES.items())
