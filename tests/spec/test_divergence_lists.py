"""Several lists of known divergences as one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conformance.spec import DIVERGENCES
from conformance.spec.divergence_lists import ENGINES, read_lists
from conformance.spec.divergences import read_divergences
from conformance.util.records import SpecError

ENTRY = {
    "clause": "FRAME-05",
    "cases": ["frame/payload_is_one_pickle[*]"],
    "engines": ">=0",
    "kind": "no-error",
    "reason": "a reason",
    "introduced_by": "https://example.org",
}
KNOWN = "long-tuple-accepted"
"""A divergence of the released engines."""


def write(path: Path, *, ids: list[str] | None = None, holds: list[str] | None = None) -> str:
    """Write a list; return its path."""
    tables = [("divergence", {"id": id_, **ENTRY}) for id_ in ids or []]
    tables += [("holds", {"id": id_, "reason": "a reason"}) for id_ in holds or []]
    lines = [
        line
        for name, table in tables
        for line in (f"[[{name}]]", *(f"{key} = {json.dumps(table[key])}" for key in table))
    ]
    path.write_text("\n".join(lines))
    return str(path)


def test_the_engines_alone() -> None:
    assert read_lists([ENGINES]) == DIVERGENCES


def test_files_come_before_the_engines(tmp_path: Path) -> None:
    """A case that two lists have shows the entry of the file, whichever is given first."""
    one, other = write(tmp_path / "a.toml", ids=["a"]), write(tmp_path / "b.toml", ids=["b", "c"])
    assert list(read_lists([one, other])) == ["a", "b", "c"]
    assert list(read_lists([ENGINES, one]))[:2] == ["a", *list(DIVERGENCES)[:1]]
    assert len(read_lists([ENGINES, one, other])) == len(DIVERGENCES) + 3


def test_what_holds_is_left_out(tmp_path: Path) -> None:
    assert KNOWN in DIVERGENCES
    mine = write(tmp_path / "mine.toml", ids=["a"], holds=[KNOWN])
    known = read_lists([mine, ENGINES])
    assert KNOWN not in known
    assert len(known) == len(DIVERGENCES)


def test_the_same_file_twice_is_one(tmp_path: Path) -> None:
    mine = write(tmp_path / "mine.toml", ids=["a"])
    assert list(read_lists([mine, mine])) == ["a"]


@pytest.mark.parametrize(
    ("ids", "holds", "lists", "says"),
    [
        ([KNOWN], [], [ENGINES], f"duplicate divergence {KNOWN}: it is in another list, too"),
        ([], ["gone"], [ENGINES], "holds gone: no list has this divergence"),
        ([], [KNOWN], [], f"no list has this divergence; `--divergences {ENGINES}` adds the"),
    ],
)
def test_lists_that_do_not_fit(
    tmp_path: Path, ids: list[str], holds: list[str], lists: list[str], says: str
) -> None:
    mine = write(tmp_path / "mine.toml", ids=ids, holds=holds)
    with pytest.raises(SpecError) as caught:
        read_lists([mine, *lists])
    assert says in str(caught.value)


def test_the_engines_own_files_hold_nothing(tmp_path: Path) -> None:
    """Only a subject's own file may say that a divergence of another list does not show."""
    write(tmp_path / "01-frame.toml", holds=[KNOWN])
    with pytest.raises(SpecError, match="unknown table 'holds'"):
        read_divergences(tmp_path)
