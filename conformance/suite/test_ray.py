"""Ray: actors and tasks of a real cluster, which pickle and unpickle by themselves."""

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

# Whichever case is the first starts the cluster.
pytestmark = pytest.mark.deadline(240)

each_kind = pytest.mark.parametrize("kind", KINDS)
each_way = pytest.mark.parametrize("way", ["argument", "keyword", "nested", "put"])
own = (
    pytest.mark.not_applicable("the cluster is not ours to end")
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
    """Nothing is set or registered anywhere: the argument carries its function."""
    del subject  # the one of the cluster's processes is judged
    assert_values(_ray().call("to_actor", kind, way, "none", "none"), expected_result(kind), way)


@clause("RAY-02")
@pytest.mark.parametrize("way", ["argument", "closure"])
@each_kind
def test_to_a_task(subject: Subject, kind: Kind, way: str) -> None:
    """A function that is shipped with its arguments, and with what it closes over."""
    del subject
    assert_values(_ray().call("to_task", kind, way, "none"), expected_result(kind), way)


@clause("RAY-03")
@each_receiver
@each_way
@each_family
def test_a_strict_sender(subject: Subject, family: Family, way: str, mode: str) -> None:
    """The worker's own function runs, so the bytes were by name."""
    del subject
    told = _ray().call("to_actor", family, way, "strict", mode, "worker")
    assert_values(told, expected_result(family, "worker"), "from a strict sender")


@clause("RAY-04")
@pytest.mark.parametrize("sender", ["none", "inlining"])
@each_way
@each_family
def test_an_inlining_sender(subject: Subject, family: Family, way: str, sender: str) -> None:
    """The sender's function runs, though the worker has one of that name."""
    del subject
    told = _ray().call("to_actor", family, way, sender, "inlining", "worker")
    assert_values(told, expected_result(family), "from an inlining sender")


@clause("RAY-05")
@pytest.mark.parametrize("sender", ["none", "inlining"])
@each_way
@each_family
def test_a_strict_actor_refuses(subject: Subject, family: Family, way: str, sender: str) -> None:
    """The constructor's strict session refuses what Ray unpickles, and the driver hears why."""
    del subject
    told = _ray().call("to_actor", family, way, sender, "strict", "worker")
    assert_error(told, refusal_parts(family), "an inline expression for a strict actor")


@clause("RAY-06")
@each_receiver
@each_family
def test_an_unknown_name(subject: Subject, family: Family, mode: str) -> None:
    """An actor without the registration, a task without a session."""
    del subject
    told = _ray().call("to_actor", family, "argument", "strict", mode)
    assert_error(told, ["times"], "by name to an actor without the name")
    told = _ray().call("to_task", family, "argument", "strict")
    assert_error(told, ["times"], "by name to a task without the name")


def _holds_in(actor: str, family: Family) -> None:
    told = _ray().call("to_actor", family, "argument", "none", "strict", "worker", actor)
    assert_error(told, refusal_parts(family), "an inline expression")
    told = _ray().call("to_actor", family, "argument", "strict", "strict", "worker", actor)
    assert_values(told, expected_result(family, "worker"), "an expression by name")


@clause("RAY-07")
@each_family
def test_an_actor_of_coroutines(subject: Subject, family: Family) -> None:
    """Inline refused, by name resolved, as in an actor that takes one call after another."""
    del subject
    _holds_in("async", family)


@clause("RAY-08")
@each_family
def test_an_actor_of_threads(subject: Subject, family: Family) -> None:
    """Inline refused, by name resolved, whichever thread takes the call."""
    del subject
    _holds_in("threads", family)


@clause("RAY-09")
@pytest.mark.parametrize("driver", ["none", "inlining", "strict"])
@pytest.mark.parametrize("answer", ["none", "strict"])
@each_family
def test_an_answer(subject: Subject, family: Family, answer: str, driver: str) -> None:
    """Inline answers are decoded, or refused by a strict driver; by name they are the driver's."""
    del subject
    told = _ray().call("send_back", family, answer, driver)
    if answer == "none" and driver == "strict":
        assert_error(told, refusal_parts(family), "an inline answer for a strict driver")
    elif answer == "none":
        assert_values(told, expected_result(family, "worker"), "an inline answer")
    elif driver == "none":
        assert_error(told, ["times"], "an answer by name that the driver does not know")
    else:
        assert_values(told, expected_result(family, "driver"), "an answer by name")


@clause("RAY-10")
def test_a_worker_that_dies(subject: Subject) -> None:
    """The call fails on the driver, and the cluster goes on."""
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
    """Neither after the driver stopped its cluster, nor after a deadline killed the driver."""
    del subject
    assert_no_processes_left(
        _ray(), how, ("to_actor", "window", "argument", "strict", "strict", "worker")
    )
