"""Cells on nodes that have this or that Python, and nodes that die; of Ray only what is asked."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner, Result

from conformance.preflight.survey import SurveyError
from tasks.cells.distributed import cluster
from tasks.cells.distributed.__main__ import main
from tasks.cells.distributed.cluster import CellOutcome, run_cells

CELLS = {"a": "3.11", "b": "3.12", "c": "3.12"}


Install = Callable[["Ray"], "Ray"]


class RayError(Exception):
    """A stand-in for Ray's own."""


class TaskUnschedulableError(RayError):
    """A stand-in for Ray's own."""


class Ray:
    """A cluster of named nodes: for each its CPUs and its Pythons; some die at their first cell."""

    exceptions = SimpleNamespace(RayError=RayError, TaskUnschedulableError=TaskUnschedulableError)

    def __init__(
        self, nodes: dict[str, tuple[int, list[str]]], dying: tuple[str, ...] = ()
    ) -> None:
        self.given, self.dying = nodes, dying
        self.dead: set[str] = set()
        self.judged: list[tuple[str, str]] = []
        self.most: dict[str, int] = {}

    def init(self, address: str, **_: Any) -> None:
        if address != "there":
            raise ConnectionError("nobody answers")

    def shutdown(self) -> None:
        pass

    def nodes(self) -> list[dict[str, Any]]:
        return [
            {
                "NodeID": name,
                "NodeManagerHostname": "host",
                "Alive": name not in self.dead,
                "Resources": {"CPU": float(cpus)} if cpus else {},
            }
            for name, (cpus, _) in self.given.items()
        ]

    def put(self, value: Any) -> Any:
        return value

    def remote(self, **options: Any) -> Callable[..., Any]:
        assert options["max_retries"] == 0

        def made(function: Any) -> Any:
            return SimpleNamespace(
                options=lambda scheduling_strategy: SimpleNamespace(
                    remote=lambda *given: _Task(function.__name__, scheduling_strategy, given)
                )
            )

        return made

    def wait(self, tasks: list[_Task], num_returns: int) -> tuple[list[_Task], list[_Task]]:
        for node in self.given:
            at_work = sum(task.node == node for task in tasks)
            self.most[node] = max(self.most.get(node, 0), at_work)
        return tasks[:num_returns], tasks[num_returns:]

    def get(self, task: _Task, **_: Any) -> Any:
        if task.function == "pythons":
            return [python for python in task.given[0] if python in self.given[task.node][1]]
        if task.node in self.dead:
            raise TaskUnschedulableError("the node is gone")
        if task.node in self.dying:
            self.dead.add(task.node)
            raise RayError("the node died. More of it")
        self.judged.append((task.given[1], task.node))
        return {"output": b"", f"{task.given[1]}.json": b"{}"}


def _node(node: str, *, soft: bool) -> str:
    assert not soft
    return node


class _Task:
    def __init__(self, function: str, node: str, given: tuple[Any, ...]) -> None:
        self.function, self.node, self.given = function, node, given


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> Install:
    monkeypatch.setattr(cluster, "packed", lambda: b"")

    def install(ray: Ray) -> Ray:
        strategies = ModuleType("ray.util.scheduling_strategies")
        vars(strategies)["NodeAffinitySchedulingStrategy"] = _node
        for name, module in {
            "ray": ray,
            "ray.util": ModuleType("ray.util"),
            "ray.util.scheduling_strategies": strategies,
        }.items():
            monkeypatch.setitem(sys.modules, name, module)
        return ray

    return install


def test_each_node_runs_the_cells_that_it_has_the_python_for(installed: Install) -> None:
    ray = installed(Ray({"x": (1, ["3.11"]), "y": (2, ["3.12"]), "z": (0, ["3.11", "3.12"])}))
    result = list(run_cells("there", {**CELLS, "d": "3.14"}, ["-k", "x"]))
    assert [one.missing for one in result if one.cell == "d"] == [
        "Python interpreter 3.14 not found"
    ]
    assert sorted(ray.judged) == [("a", "x"), ("b", "y"), ("c", "y")]
    assert {one.cell for one in result if one.files} == {*CELLS}
    assert not any(one.lost for one in result)
    assert ray.most == {"x": 1, "y": 2, "z": 0}


def test_a_node_takes_no_more_cells_than_it_has_cpus(installed: Install) -> None:
    ray = installed(Ray({"x": (1, ["3.12"])}))
    assert len(list(run_cells("there", dict.fromkeys("abcde", "3.12"), []))) == 5
    assert ray.most == {"x": 1}


def test_a_node_that_dies_costs_the_cells_that_it_has_at_work(installed: Install) -> None:
    """Here one: the other had not begun, and goes to the node that is left."""
    ray = installed(Ray({"x": (2, ["3.12"]), "y": (1, ["3.12"])}, dying=("x",)))
    result = list(run_cells("there", dict.fromkeys("abcd", "3.12"), []))
    assert [(one.cell, one.node, one.lost) for one in result if one.lost] == [
        ("a", "host x", "RayError: the node died")
    ]
    assert {cell for cell, _ in ray.judged} == {*"bcd"}
    assert {node for _, node in ray.judged} == {"y"}


def test_cells_without_a_node_are_reported(installed: Install) -> None:
    installed(Ray({"x": (1, ["3.11"]), "y": (1, ["3.12"])}, dying=("y",)))
    result = {one.cell: one for one in run_cells("there", CELLS, [])}
    assert result["a"].files
    assert result["b"].lost == "RayError: the node died"
    assert result["c"] == CellOutcome("c", lost="no node is left that has Python 3.12")


@pytest.mark.parametrize(
    ("address", "nodes", "message"),
    [
        ("away", {"x": (1, ["3.12"])}, "no Ray cluster at away: nobody answers"),
        ("there", {"x": (1, [])}, "no node has a CPU, uv or pip, and one of the Pythons 3.11, 3"),
        ("there", {"x": (0, ["3.12"])}, "no node has a CPU"),
    ],
)
def test_a_cluster_that_can_run_nothing(
    installed: Install, address: str, nodes: dict[str, tuple[int, list[str]]], message: str
) -> None:
    installed(Ray(nodes))
    with pytest.raises(SurveyError, match=message):
        list(run_cells(address, CELLS, []))


def run(folder: Path, *cells: str) -> Result:
    chosen = [f"--cell={cell}" for cell in cells]
    return CliRunner().invoke(
        main, ["--ray", "there", "--to", str(folder), *chosen, "--", "-k", "x"]
    )


GATE = [f"55.0.0-py{python}-cp3.1.2-pa26.0.1" for python in ("3.12", "3.13")]


def test_the_folder_gets_the_reports_and_what_is_missing(
    installed: Install, tmp_path: Path
) -> None:
    installed(Ray({"x": (1, ["3.12"])}))
    result = run(tmp_path, *GATE)
    assert result.exit_code == 0, result.output
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"{GATE[0]}.json", "spread.txt"]
    outcome = json.loads((tmp_path / "spread.txt").read_text(encoding="utf-8"))
    assert outcome == {GATE[1]: "Python interpreter 3.13 not found"}


def test_a_lost_cell_is_reported(installed: Install, tmp_path: Path) -> None:
    installed(Ray({"x": (1, ["3.12"]), "y": (1, ["3.13"])}, dying=("y",)))
    result = run(tmp_path, *GATE)
    assert result.exit_code == 1
    assert f"{GATE[0]} on host x: reported\n" in result.output
    assert f"{GATE[1]} on host y: LOST: RayError: the node died\n" in result.output


def test_a_cell_without_a_report_is_lost(
    installed: Install, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed(Ray({"x": (1, ["3.12"])}))
    monkeypatch.setattr(Ray, "get", _get)
    result = run(tmp_path, GATE[0])
    assert result.exit_code == 1
    assert "LOST: no report; the last that was printed: no network / gave up" in result.output


def _get(_: Ray, task: _Task, **__: Any) -> Any:
    return ["3.12"] if task.function == "pythons" else {"output": b"no network\ngave up\n"}


def test_no_cluster_is_one_clear_error(installed: Install, tmp_path: Path) -> None:
    installed(Ray({}))
    result = run(tmp_path, GATE[0])
    assert result.exit_code == 2
    assert result.output.count("\n") == 1
