"""Answer ``can-talk`` in one sentence, from a grid or else from the clauses."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from packaging.version import Version

from conformance.interop.grid import Grid, PairResult
from conformance.interop.peer_spec import NotCovered
from conformance.interop.rules import (
    FRAMES_SINCE,
    NAMES,
    REFUSED,
    WORKS,
    Mode,
    Versions,
    engine_release,
    rule,
)
from conformance.interop.summary import FORM_PHRASES, LAYER_NAMES, truncate_list
from conformance.matrix import read
from conformance.util.versions import is_release, minor_version

CANDIDATE = "candidate-"
"""The prefix of the names of peers with an unreleased engine."""


@dataclass(frozen=True)
class Answer:
    """The answer for one pair of peers.

    ``talks`` is ``yes``, ``no``, ``in part`` (all items but the ``failing`` ones work) or
    ``not judged``: nobody has measured such a pair, and the clauses do not cover its versions.
    ``needs`` is a condition of the answer, if it has one: what nobody has measured.
    ``measured`` counts the pairs of ``grid`` that it is based on; 0 if it follows from the
    clauses alone.
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
    needs: str = ""


def answer(
    grids: Iterable[tuple[str, Grid]], sender: Versions, receiver: Versions, mode: Mode
) -> Answer:
    """Answer for a pair from the first grid with such peers, or else from the clauses.

    ``grids`` are pairs of a name, for the answer, and a grid. Raises ``NotCovered`` for the
    form ``by name`` if an engine has no frames.
    """
    form, layer = mode
    old = [one["engine"] for one in (sender, receiver) if _is_old(one)]
    if old and form == "by name":
        raise NotCovered(f"datafusion {old[0]} has no frames: the form by name is not covered")
    found = ((where, _matching_results(grid, sender, receiver, mode)) for where, grid in grids)
    where, results = next((one for one in found if one[1]), ("", []))
    ends = f"{_format_versions(sender)} to {_format_versions(receiver)}"
    if not results and (why := why_not_judged(sender, receiver)):
        sentence = f"Not judged: {ends}: {why}."
        return Answer("not judged", sentence, form, layer, why)
    expected = rule(sender, receiver, mode)
    wrong = [surprise for result in results for surprise in result.surprises]
    failing = tuple(dict.fromkeys(item for result in results for item in result.failing))
    reason, remedy = expected.reason, expected.remedy
    if wrong:
        item, outcome, text = wrong[0]
        talks, reason, remedy = (
            "no",
            f"the outcome contradicts the clauses: {item}: {outcome}: {text}",
            "",
        )
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
    tried = f"of the items tried, all but {truncate_list(failing)} work"
    phrases = [
        talks.capitalize(),
        f"{ends}, {LAYER_NAMES[layer]} {FORM_PHRASES[form]}",
        *([tried] if talks == "in part" and failing else []),
        *([reason + (f"; {remedy}" if remedy else "")] if reason else []),
    ]
    how = (
        f"measured in {pairs}, {where}" if results else "by the clauses; no such pair was measured"
    )
    needs = _needs(sender, receiver, layer) if talks in ("yes", "in part") else ""
    sentence = f"{': '.join(phrases)} ({how}){f', given {needs}' if needs else ''}."
    rest = expected.clause, failing, len(results), where, needs
    return Answer(talks, sentence, form, layer, reason, remedy, *rest)


def _needs(sender: Versions, receiver: Versions, layer: str) -> str:
    """Return the condition of a yes about expressions: measured are calls of Python UDFs."""
    if layer != "expression" or engine_release(sender) <= engine_release(receiver):
        return ""
    return f"expressions that use nothing but what datafusion {receiver['engine']} has"


def why_not_judged(*peers: Versions) -> str:
    """Return why the clauses cannot answer for these peers; empty if they can."""
    matrix = read()
    for peer in peers:
        known = {"datafusion": matrix.engines, "cloudpickle": matrix.cloudpickles}
        for name, judged in known.items():
            version = peer[NAMES[name]]
            if Version(version) not in map(Version, judged) and not (
                name == "datafusion" and _is_old(peer)
            ):
                newest = ", ".join(judged)
                return f"this suite has not judged {name} {version}, only {newest}"
        if why := _why_not_judged_pyarrow(peer):
            return why
    return ""


def _is_old(peer: Versions) -> bool:
    """Return whether a peer's engine has no frames, as ``rule`` sees it.

    A pre-release of the first engine with frames is not old: nobody knows what it has.
    """
    return engine_release(peer) < FRAMES_SINCE


def _why_not_judged_pyarrow(peer: Versions) -> str:
    """Return why nothing is known of a peer's pyarrow; empty if it has none, or a judged one.

    Judged is every release from the oldest to the newest in the version table for its Python.
    """
    python = minor_version(peer["python"])
    ranges = {one.version: one.pyarrow for one in read().pythons}
    if "pyarrow" not in peer or python not in ranges:
        return ""
    (low, high), version = ranges[python], Version(peer["pyarrow"])
    if is_release(version) and Version(low) <= version <= Version(high):
        return ""
    return f"this suite has not judged pyarrow {version} on Python {python}, only {low} to {high}"


def _matching_results(
    grid: Grid, sender: Versions, receiver: Versions, mode: Mode
) -> list[PairResult]:
    """Return the results of peers with these versions; of candidates only without releases."""
    senders = {name for name, seen in grid.peers.items() if _is(seen, sender)}
    receivers = {name for name, seen in grid.peers.items() if _is(seen, receiver)}
    found = {
        (theirs, ours): result
        for (theirs, ours, its), result in grid.results.items()
        if its == mode and theirs in senders and ours in receivers
    }
    released = [
        result
        for pair, result in found.items()
        if not any(name.startswith(CANDIDATE) for name in pair)
    ]
    return released or [*found.values()]


def _is(seen: Versions, asked: Versions) -> bool:
    """Return whether a peer has the given versions; of Python, only the minor version counts.

    A peer with a pre-release of Python, or a build without the GIL, says nothing of a release.
    """
    return is_release(Version(seen["python"])) and all(
        minor_version(seen[name]) == minor_version(version)
        if name == "python"
        else Version(seen[name]) == Version(version)
        for name, version in asked.items()
    )


def _format_versions(versions: Versions) -> str:
    return ", ".join(f"{name} {versions[key]}" for name, key in NAMES.items())
