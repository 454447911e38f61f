"""The work that each way runs, in counts and never in seconds."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from conformance.interop.peer import write
from tasks.bench import __main__ as command
from tasks.bench import bare, costs
from tasks.bench.comparison import Bare, Round, Sample, Step
from tasks.bench.costs import FAMILIES
from tasks.bench.runners import BenchError, collect_corpora, compare_round, measure_exchange
from tests.interop.test_exchange import log, peer  # noqa: F401 - a fixture


@pytest.fixture
def fakes(log: Path, monkeypatch: pytest.MonkeyPatch) -> Path:  # noqa: F811
    monkeypatch.setattr("tasks.bench.runners.PEER_MODULE", "tests.interop.fakes")
    return log


@pytest.mark.usefixtures("fakes")
def test_a_step_counts_starts_and_what_is_sent_and_read(tmp_path: Path) -> None:
    peers = [peer(tmp_path, "a"), peer(tmp_path, "b")]
    seen = measure_exchange(peers, collect_corpora(peers, 2), 2)
    # Six of each to each; five of them are equal bytes.
    assert (seen.peers, seen.starts, seen.sent, seen.read) == (2, 4, 24, 14)


@pytest.mark.usefixtures("fakes")
def test_a_death_is_a_start_more(tmp_path: Path) -> None:
    peers = [peer(tmp_path, "a"), peer(tmp_path, "dies")]
    # After the batch with case-2, and after case-2 alone.
    assert measure_exchange(peers, collect_corpora(peers, 2), 2).starts == 6


@pytest.mark.usefixtures("fakes")
def test_a_peer_that_does_not_write_ends_the_measuring(tmp_path: Path) -> None:
    peers = [peer(tmp_path, "a"), peer(tmp_path, "does not write")]
    with pytest.raises(BenchError, match="does not write: it did not write: the process ended"):
        measure_exchange(peers, {}, 2)


def test_samples_are_of_all_pairs_and_entries(fakes: Path, tmp_path: Path) -> None:
    peers = [peer(tmp_path, "a"), peer(tmp_path, "b")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tasks.bench.runners._run_bare_loops", lambda *_: Bare(1.0, 1.0, 2))
        seen = compare_round(peers, collect_corpora(peers, 2), 2, entries=3, pairs=2, seed=0)
    assert (seen.entry.taken, seen.entry.needed) == (3, 24)
    assert (seen.pair.taken, seen.pair.needed) == (2, 4)
    # Twice seven by the exchange, three alone, and two whole corpora.
    assert len(fakes.read_text().splitlines()) == 14 + 3 + 2 * 6


def test_the_bare_loop_reads_all_that_the_engine_writes() -> None:
    _, items = write()
    everything = [(item, data) for item, data in items.items() if isinstance(data, bytes)]
    _, worked = bare.run(everything)
    assert worked == len(everything) > 300
    item, data = everything[0]
    assert bare.run([(item, data[: len(data) // 2])])[1] == 0


def test_every_family_has_its_costs_inline_and_by_name() -> None:
    found = costs.measure(rounds=1)
    assert [(one.family, one.form) for one in found] == [
        (family, form) for family in FAMILIES for form in ("inline", "by name")
    ]
    for inline, named in zip(found[::2], found[1::2], strict=True):
        assert inline.entries == named.entries > 10
        assert inline.most >= inline.bytes > 10 * named.bytes > 0


@pytest.mark.parametrize(("exchange", "code"), [(10.0, 0), (100.0, 1)])
def test_a_ratio_out_of_bounds_ends_with_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, exchange: float, code: int
) -> None:
    made = Round(exchange, Sample(20, 40, 1800), Sample(6, 3, 9), Bare(16, 4, 2), Bare(6, 4, 2))
    monkeypatch.setattr(command, "collect_corpora", lambda *_: {})
    monkeypatch.setattr(command, "compare_round", lambda *_, **__: made)
    monkeypatch.setattr(
        command, "measure_exchange", lambda peers, *_: Step(len(peers), 1.0, 2, 3, 4)
    )
    given = [f"{number}={sys.executable}" for number in range(3)]
    done = CliRunner().invoke(
        command.main,
        ["--no-suite", "--no-inspect", "--peers", "2,3,6", "--write", str(tmp_path), *given],
    )
    assert done.exit_code == code, done.output
    assert [path.name for path in tmp_path.iterdir()] == ["interop-bench.md"]
    # There are three peers: no growth to six.
    assert done.output.count("process starts") == 2


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["--peers", "x"], "expected numbers, such as 3,6,12"),
        (["--peers", "0,3"], "expected numbers, such as 3,6,12"),
        (["a=/no/python"], "no interpreter"),
    ],
)
def test_wrong_options_are_reported(given: list[str], message: str) -> None:
    done = CliRunner().invoke(command.main, ["--no-suite", "--no-inspect", *given])
    assert done.exit_code == 2
    assert message in done.output
