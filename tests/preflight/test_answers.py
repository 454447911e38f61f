"""Nodes are counted while the survey runs in its own process."""

from __future__ import annotations

import pytest

from conformance.preflight.answers import listening, telling
from conformance.preflight.ask import Request, ask
from conformance.processes.child import Child, Raised
from tests.preflight.conftest import Environment


def test_what_is_told_is_heard_in_order() -> None:
    heard: list[tuple[int, int, str]] = []
    with listening(lambda *counted: heard.append(counted)) as pipe, telling(pipe) as count:
        count(0, 2, "")
        count(1, 2, "a")
        count(2, 2, "b")
    assert heard == [(0, 2, ""), (1, 2, "a"), (2, 2, "b")]


def test_a_survey_that_ends_early_is_not_waited_for() -> None:
    child = Child()
    try:
        with listening(lambda *_: None) as pipe:
            where = ("no library", "address", "[]", "[]", pipe)
            with pytest.raises(Raised, match="KeyError"):
                child.call("conformance.preflight.survey:survey", *where, deadline=60)
    finally:
        child.close()


def test_each_node_is_counted(other: Environment) -> None:
    heard: list[tuple[int, int, str]] = []
    address = f"one={other.python}\ntwo={other.python}"
    request = Request("python", address, ["inline"], False, [], [], "", 60)
    ask(request, lambda _: None, lambda *counted: heard.append(counted))
    assert [counted[:2] for counted in heard] == [(0, 2), (1, 2), (2, 2)]
    assert {counted[2] for counted in heard} == {"", "one", "two"}
