"""Tasks of a real Dask cluster, whose scheduler unpickles and pickles what it passes on."""

from __future__ import annotations

import os
from functools import cache
from typing import Any

import pytest

from conformance.catalogue.nodes import Family
from conformance.subjects.interface import Subject
from conformance.suite.clusters.cluster import (
    Cluster,
    assert_error,
    assert_no_processes_left,
    assert_values,
    expected_result,
    refusal_parts,
)
from conformance.suite.clusters.node_functions import KINDS, Kind
from conformance.suite.helpers.markers import clause, each_family, each_receiver

# The first case starts the cluster.
pytestmark = pytest.mark.deadline(240)

each_kind = pytest.mark.parametrize("kind", KINDS)
each_way = pytest.mark.parametrize("way", ["argument", "keyword", "nested", "map"])
each_direct_way = pytest.mark.parametrize("way", ["scatter", "run"])
each_setup = pytest.mark.parametrize("setup", ["run", "plugin"])
own = (
    pytest.mark.not_applicable("the given cluster must keep running")
    if os.environ.get("CONFORMANCE_DASK")
    else ()
)


@cache
def _dask() -> Cluster:
    return Cluster("dask_driver")


@cache
def _refusals() -> Any:
    return _dask().call("refusals", deadline=150)


@clause("DASK-01")
@pytest.mark.parametrize("way", ["argument", "keyword", "nested", "map", "scatter", "run"])
@each_kind
def test_to_a_worker(subject: Subject, kind: Kind, way: str) -> None:
    """A driver sends an inline expression; no slot is filled and nothing is registered.

    The worker runs the UDF.
    """
    del subject  # the cluster's processes have subjects of their own
    assert_values(_dask().call("to_worker", kind, way, "none", "none"), expected_result(kind), way)


@clause("DASK-02")
@each_setup
@each_way
@each_family
def test_a_strict_sender(subject: Subject, family: Family, way: str, setup: str) -> None:
    """A strict driver sends an expression. The worker's own UDF of that name runs."""
    del subject
    outcome = _dask().call("to_worker", family, way, "strict", "inlining", "worker", "none", setup)
    assert_values(outcome, expected_result(family, "worker"), "from a strict sender")


@clause("DASK-03")
@each_direct_way
@each_family
def test_a_strict_sender_past_the_scheduler(subject: Subject, family: Family, way: str) -> None:
    """A strict driver sends an expression straight to a worker, past the scheduler.

    The worker's own UDF of that name runs.
    """
    del subject
    outcome = _dask().call("to_worker", family, way, "strict", "inlining", "worker")
    assert_values(outcome, expected_result(family, "worker"), "from a strict sender")


@clause("DASK-04")
@each_way
@each_family
def test_a_scheduler_that_knows_the_name(subject: Subject, family: Family, way: str) -> None:
    """The worker's UDF runs, not the scheduler's: the scheduler's was not shipped."""
    del subject
    outcome = _dask().call("to_worker", family, way, "strict", "inlining", "worker", "worker")
    assert_values(
        outcome, expected_result(family, "worker"), "by name through a scheduler that has the name"
    )


@clause("DASK-05")
@each_receiver
@each_way
@each_family
def test_strict_all_the_way(subject: Subject, family: Family, way: str, mode: str) -> None:
    """The scheduler decodes and encodes with strict sessions of its own."""
    del subject
    outcome = _dask().call("to_worker", family, way, "strict", mode, "worker", "both")
    assert_values(outcome, expected_result(family, "worker"), "through a strict scheduler")


@clause("DASK-06")
@pytest.mark.parametrize("sender", ["none", "inlining"])
@each_setup
@each_way
@each_family
def test_an_inlining_sender(
    subject: Subject, family: Family, way: str, setup: str, sender: str
) -> None:
    """The sender's UDF runs, although the worker has one of the same name."""
    del subject
    outcome = _dask().call("to_worker", family, way, sender, "inlining", "worker", "none", setup)
    assert_values(outcome, expected_result(family), "from an inlining sender")


@clause("DASK-07")
@each_family
def test_a_strict_worker_refuses(subject: Subject, family: Family) -> None:
    """The worker's strict session refuses the frame, and the driver gets the refusal."""
    del subject
    assert_error(
        _refusals()[family], refusal_parts(family), "an inline expression for a strict worker"
    )


@clause("DASK-08")
@each_family
def test_an_unknown_name(subject: Subject, family: Family) -> None:
    """An expression by name is sent. Nobody has a UDF of that name registered.

    The driver gets an error with the name.
    """
    del subject
    outcome = _dask().call("to_worker", family, "argument", "strict", "strict")
    assert_error(outcome, ["times"], "by name to workers without the name")


@clause("DASK-09")
@each_receiver
@pytest.mark.parametrize("sender", ["inlining", "strict"])
@each_family
def test_explicit_bytes(subject: Subject, family: Family, sender: str, mode: str) -> None:
    """A driver encodes with an explicit session, and a task decodes with another one.

    These two decide, whatever sessions the slots hold.
    """
    del subject
    outcome = _dask().call("as_bytes", family, sender, mode, "none")
    if (sender, mode) == ("inlining", "strict"):
        assert_error(outcome, refusal_parts(family), "inline bytes for a strict session")
    else:
        whose = "worker" if sender == "strict" else "sender"
        assert_values(
            outcome, expected_result(family, whose), f"{sender} bytes for an {mode} session"
        )


@clause("DASK-10")
@each_family
def test_bytes_and_the_slot(subject: Subject, family: Family) -> None:
    """If a task decodes without a session, the strict session in the worker's slot decides."""
    del subject
    outcome = _dask().call("as_bytes", family, "inlining", "none", "strict")
    assert_error(outcome, refusal_parts(family), "inline bytes in a task of a strict worker")
    outcome = _dask().call("as_bytes", family, "strict", "none", "strict")
    assert_values(
        outcome, expected_result(family, "worker"), "bytes by name in a task of a strict worker"
    )


@clause("DASK-11")
@pytest.mark.parametrize("answer", ["none", "strict"])
@each_family
def test_an_answer_is_encoded(subject: Subject, family: Family, answer: str) -> None:
    """Without a session the answer is inline; with a strict one it is a name."""
    del subject
    outcome = _dask().call("send_back", family, answer, "none")
    if answer == "none":
        assert_values(outcome, expected_result(family, "worker"), "an inline answer")
    else:
        assert_error(outcome, ["times"], "an answer by name")


@clause("DASK-12")
@each_family
def test_an_answer_is_decoded(subject: Subject, family: Family) -> None:
    """A strict driver refuses an inline answer; a name in an answer is the driver's own UDF."""
    del subject
    assert_error(
        _dask().call("send_back", family, "none", "strict"),
        refusal_parts(family),
        "inline, strict driver",
    )
    for driver in ("inlining", "strict"):
        outcome = _dask().call("send_back", family, "strict", driver)
        assert_values(outcome, expected_result(family, "driver"), f"by name, {driver} driver")


@clause("DASK-13")
def test_a_worker_that_dies(subject: Subject) -> None:
    """A worker dies while it decodes. The future raises an error on the driver."""
    del subject
    outcome = _dask().call("kill_worker", deadline=150)
    assert_error(outcome, ["KilledWorker"], "a worker that died while decoding")


@clause("DASK-14")
@pytest.mark.parametrize("how", [pytest.param(how, marks=own) for how in ("stopped", "killed")])
def test_nothing_is_left(subject: Subject, how: str) -> None:
    """No process is left after the driver stops its cluster or a deadline kills the driver."""
    del subject
    assert_no_processes_left(
        _dask(), how, ("to_worker", "window", "argument", "none", "inlining", "worker")
    )
