"""Peers write and read; one that dies or hangs costs what it was reading."""

from __future__ import annotations

import platform
import sys
from collections import Counter
from pathlib import Path

import pytest

from conformance.interop import exchange as module
from conformance.interop.exchange import Peer, exchange
from conformance.interop.grid import Grid
from conformance.interop.rules import MODES, Mode
from conformance.matrix import read
from tests.conftest import ROOT

MODE: Mode = ("inline", "expression")


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(module, "PEER_MODULE", "tests.interop.fakes")
    monkeypatch.setattr(module, "READ_TIMEOUT", 2.0)
    monkeypatch.setenv("FAKE_LOG", str(tmp_path / "log"))
    return tmp_path / "log"


def peer(folder: Path, does: str) -> Peer:
    """A peer that runs in this interpreter and plays a given part."""
    python = folder / does.replace(" ", "-")
    python.write_text(
        f'#!/bin/sh\nFAKE="{does}" PYTHONPATH="$PYTHONPATH:{ROOT}" exec {sys.executable} "$@"\n'
    )
    python.chmod(0o755)
    return Peer(does, str(python))


def counts(grid: Grid, sender: str, receiver: str) -> dict[str, int]:
    return grid.results[sender, receiver, MODE].counts


def test_everybody_reads_everything_once(log: Path, tmp_path: Path) -> None:
    result: list[str] = []
    peers = [peer(tmp_path, "a"), peer(tmp_path, "b")]
    grid = exchange(peers, progress=result.append)
    assert grid.ok
    pairs = [("a", "a"), ("a", "b"), ("b", "a"), ("b", "b")]
    assert {(s, r): counts(grid, s, r) for s, r in pairs} == {pair: {"works": 6} for pair in pairs}
    # Five cases are equal bytes of both, one each is its own.
    assert Counter(line.split()[0] for line in log.read_text().splitlines()) == {"a": 7, "b": 7}
    assert result == ["wrote", "wrote", "read", "read"]


@pytest.mark.parametrize(
    ("does", "outcome"), [("dies", "crash"), ("hangs", "hang"), ("wrong", "wrong result")]
)
def test_one_item_costs_itself(log: Path, tmp_path: Path, does: str, outcome: str) -> None:
    del log
    grid = exchange([peer(tmp_path, "a"), peer(tmp_path, does)])
    assert counts(grid, "a", "a") == {"works": 6}
    assert counts(grid, "a", does) == {"works": 5, outcome: 1}
    assert not grid.ok
    result = grid.results["a", does, MODE]
    assert [one[1] for one in result.surprises] == [outcome]
    assert result.failing == [item for item, _, _ in result.surprises]


def test_a_peer_that_always_dies_is_not_asked_for_ever(
    log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_LOST", 2)
    grid = exchange([peer(tmp_path, "a"), peer(tmp_path, "always dies")])
    assert grid.absent == {
        "always dies": "dropped after 2 crashes or hangs; the last: the process died of SIGABRT"
    }
    assert counts(grid, "a", "always dies") == {"crash": 2, "not asked": 4}
    assert not grid.results["a", "always dies", MODE].talks
    assert counts(grid, "always dies", "a") == {"works": 6}
    assert not grid.ok
    assert Counter(line.split()[0] for line in log.read_text().splitlines())["a"] == 7


def test_an_item_that_is_not_written_is_reported(log: Path, tmp_path: Path) -> None:
    del log
    grid = exchange([peer(tmp_path, "a"), peer(tmp_path, "does not write one")])
    result = grid.results["does not write one", "a", MODE]
    assert result.counts == {"works": 4, "nothing to read": 2}
    why = "not written: ValueError: no"
    assert result.surprises == [
        ("case-1", "nothing to read", why),
        ("own", "nothing to read", "nothing was written"),
    ]
    assert result.status == "WRONG"


def test_a_peer_that_does_not_write_is_reported(log: Path, tmp_path: Path) -> None:
    del log
    grid = exchange([peer(tmp_path, "a"), peer(tmp_path, "does not write")])
    assert grid.absent == {"does not write": "it did not write: the process ended with exit code 3"}
    assert counts(grid, "a", "a") == {"works": 6}
    assert not grid.ok


def test_a_peer_that_is_not_what_its_name_says() -> None:
    running = ".".join(platform.python_version_tuple()[:2])
    name = next(cell.name for cell in read().cells() if cell.python != running)
    grid = exchange([Peer(name, sys.executable)])
    assert not grid.peers
    assert grid.absent[name].startswith("it is not what its name says: expected ")


def test_the_installed_engine_reads_itself(tmp_path: Path) -> None:
    grid = exchange([Peer("here", sys.executable)])
    assert grid.ok, grid.absent
    assert {mode for _, _, mode in grid.results} == {*MODES}
    assert {result.status for result in grid.results.values()} == {"yes"}
    grid.write(tmp_path / "grid.json")
    assert Grid.read(tmp_path / "grid.json") == grid
