"""The bundled grid, from which `can-talk` answers without a run."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest

from conformance.cli.interop import BUNDLED_GRID
from conformance.interop.answer import answer
from conformance.interop.grid import Grid
from conformance.interop.peer_spec import parse_peer
from conformance.interop.rules import MODES, NOT_WRITTEN, Mode, rule
from conformance.interop.show import markdown
from conformance.spec import DIVERGENCES

PAGE = Path(__file__).parents[2] / "docs" / "interop.md"
INLINE: Mode = ("inline", "expression")


@pytest.fixture(scope="module")
def kept() -> Grid:
    return Grid.read(BUNDLED_GRID)


def test_it_is_whole(kept: Grid) -> None:
    assert kept.ok
    assert set(kept.results) == set(product(kept.peers, kept.peers, MODES))
    for key, least in (("engine", 3), ("cloudpickle", 5), ("python", 4)):
        assert len({versions[key] for versions in kept.peers.values()}) >= least


def test_it_says_what_the_clauses_say(kept: Grid) -> None:
    for (sender, receiver, mode), result in kept.results.items():
        must = rule(kept.peers[sender], kept.peers[receiver], mode)
        outcomes = set(result.counts) - {NOT_WRITTEN}
        excused = {"refused"} if must.reason else set()
        assert outcomes <= {*must.outcomes, *excused}, (sender, receiver, mode)
        assert all(DIVERGENCES[id_].clause == must.clause for id_ in result.known)
        assert bool(result.known) == (not outcomes <= must.outcomes)


def test_its_page_is_of_it(kept: Grid) -> None:
    assert PAGE.read_text(encoding="utf-8") == markdown(kept)


@pytest.mark.parametrize(
    ("sender", "receiver", "talks"),
    [
        ("55.0.0,cloudpickle==3.0.0,python==3.12", "54.0.0,cloudpickle==3.1.2,python==3.12", True),
        ("54.0.0,cloudpickle==2.2.1,python==3.12", "55.0.0,cloudpickle==3.1.2,python==3.12", True),
        ("54.0.0,cloudpickle==3.1.2,python==3.12", "55.0.0,cloudpickle==2.2.1,python==3.12", False),
        ("55.0.0,cloudpickle==3.1.2,python==3.12", "55.0.0,cloudpickle==3.1.2,python==3.13", False),
    ],
)
def test_what_it_answers(kept: Grid, sender: str, receiver: str, talks: bool) -> None:
    ends = parse_peer(f"datafusion=={sender}"), parse_peer(f"datafusion=={receiver}")
    result = answer([("kept", kept)], *ends, INLINE)
    assert result.talks == ("yes" if talks else "no")
    assert result.measured
    assert bool(result.reason and result.remedy) != talks
