"""Actors and tasks of a real Ray cluster, which pickles and unpickles on its own."""

from __future__ import annotations

import os
from functools import cache

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
each_way = pytest.mark.parametrize("way", ["argument", "keyword", "nested", "put"])
own = (
    pytest.mark.not_applicable("the given cluster must keep running")
    if os.environ.get("CONFORMANCE_RAY")
    else ()
)


@cache
def _ray() -> Cluster:
    return Cluster("ray_driver")


@clause("RAY-01")
@each_way
@each_kind
def test_to_an_actor(subject: Subject, kind: Kind, way: str) -> None:
    """A driver sends an inline expression; no slot is filled and nothing is registered.

    The actor runs the UDF.
    """
    del subject  # the cluster's processes have subjects of their own
    assert_values(_ray().call("to_actor", kind, way, "none", "none"), expected_result(kind), way)


@clause("RAY-02")
@pytest.mark.parametrize("way", ["argument", "closure"])
@each_kind
def test_to_a_task(subject: Subject, kind: Kind, way: str) -> None:
    """A task gets an expression as an argument or in its closure, and runs its UDF."""
    del subject
    assert_values(_ray().call("to_task", kind, way, "none"), expected_result(kind), way)


@clause("RAY-03")
@each_receiver
@each_way
@each_family
def test_a_strict_sender(subject: Subject, family: Family, way: str, mode: str) -> None:
    """A strict driver sends an expression. The worker's own UDF of that name runs."""
    del subject
    outcome = _ray().call("to_actor", family, way, "strict", mode, "worker")
    assert_values(outcome, expected_result(family, "worker"), "from a strict sender")


@clause("RAY-04")
@pytest.mark.parametrize("sender", ["none", "inlining"])
@each_way
@each_family
def test_an_inlining_sender(subject: Subject, family: Family, way: str, sender: str) -> None:
    """An inlining driver sends a UDF, and the worker has another one of this name.

    The driver's UDF runs.
    """
    del subject
    outcome = _ray().call("to_actor", family, way, sender, "inlining", "worker")
    assert_values(outcome, expected_result(family), "from an inlining sender")


@clause("RAY-05")
@pytest.mark.parametrize("sender", ["none", "inlining"])
@each_way
@each_family
def test_a_strict_actor_refuses(subject: Subject, family: Family, way: str, sender: str) -> None:
    """The actor's strict session refuses the frame, and the driver gets the refusal."""
    del subject
    outcome = _ray().call("to_actor", family, way, sender, "strict", "worker")
    assert_error(outcome, refusal_parts(family), "an inline expression for a strict actor")


@clause("RAY-06")
@each_receiver
@each_family
def test_an_unknown_name(subject: Subject, family: Family, mode: str) -> None:
    """A name is an error in an actor without the registration and in a task without a session."""
    del subject
    outcome = _ray().call("to_actor", family, "argument", "strict", mode)
    assert_error(outcome, ["times"], "by name to an actor without the name")
    outcome = _ray().call("to_task", family, "argument", "strict")
    assert_error(outcome, ["times"], "by name to a task without the name")


def _assert_slot_applies(actor: str, family: Family) -> None:
    outcome = _ray().call("to_actor", family, "argument", "none", "strict", "worker", actor)
    assert_error(outcome, refusal_parts(family), "an inline expression")
    outcome = _ray().call("to_actor", family, "argument", "strict", "strict", "worker", actor)
    assert_values(outcome, expected_result(family, "worker"), "an expression by name")


@clause("RAY-07")
@each_family
def test_an_actor_of_coroutines(subject: Subject, family: Family) -> None:
    """An async actor refuses a frame and resolves a name, as a sequential actor does."""
    del subject
    _assert_slot_applies("async", family)


@clause("RAY-08")
@each_family
def test_an_actor_of_threads(subject: Subject, family: Family) -> None:
    """An actor with threads refuses a frame and resolves a name in every thread."""
    del subject
    _assert_slot_applies("threads", family)


@clause("RAY-09")
@pytest.mark.parametrize("driver", ["none", "inlining", "strict"])
@pytest.mark.parametrize("answer", ["none", "strict"])
@each_family
def test_an_answer(subject: Subject, family: Family, answer: str, driver: str) -> None:
    """A strict driver refuses an inline answer; a name in an answer is the driver's own UDF."""
    del subject
    outcome = _ray().call("send_back", family, answer, driver)
    if answer == "none" and driver == "strict":
        assert_error(outcome, refusal_parts(family), "an inline answer for a strict driver")
    elif answer == "none":
        assert_values(outcome, expected_result(family, "worker"), "an inline answer")
    elif driver == "none":
        assert_error(outcome, ["times"], "an answer by name that the driver does not know")
    else:
        assert_values(outcome, expected_result(family, "driver"), "an answer by name")


@clause("RAY-10")
def test_a_worker_that_dies(subject: Subject) -> None:
    """A worker dies while it decodes. The call raises an error on the driver.

    The cluster keeps working.
    """
    del subject
    assert_error(
        _ray().call("kill_worker"), ["ActorDiedError"], "a worker that died while decoding"
    )
    assert_values(
        _ray().call("to_actor", "scalar", "argument", "none", "none"), [2, 4, 6], "the next call"
    )


@clause("RAY-11")
@pytest.mark.parametrize("how", [pytest.param(how, marks=own) for how in ("stopped", "killed")])
def test_nothing_is_left(subject: Subject, how: str) -> None:
    """No process is left after the driver stops its cluster or a deadline kills the driver."""
    del subject
    assert_no_processes_left(
        _ray(), how, ("to_actor", "window", "argument", "strict", "strict", "worker")
    )
