"""Give cells to nodes: each node takes as many at a time as Ray says that it has CPUs."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from conformance.preflight.survey import SurveyError, connect_ray, format_error

CELL_TIMEOUT = 3600.0
"""Seconds that a cell may take, with all that is installed for it."""

ASKING_TIMEOUT = 60.0
"""Seconds in which a node says which Pythons it has."""

SOURCE = Path(__file__).with_name("node.py").read_text(encoding="utf-8")
ROOT = Path(__file__).parents[3]
PARTS = ("conformance", "tasks", "golden", "noxfile.py", "pyproject.toml")


@dataclass
class Node:
    """A node of the cluster, how many cells it can take at present, and its Pythons."""

    id: str
    name: str
    free: int
    pythons: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class CellOutcome:
    """The outcome of a cell: its files by name, or why it is lost, or cannot be run anywhere."""

    cell: str
    node: str = ""
    files: Mapping[str, bytes] = field(default_factory=dict)
    lost: str = ""
    missing: str = ""


def run_cells(
    address: str, cells: Mapping[str, str], given: Sequence[str]
) -> Iterator[CellOutcome]:
    """Run the cells, each with its Python, on the cluster; yield each as soon as it has ended.

    A node that dies costs the cells that it has at work, and no others. Raises
    ``FleetError`` where there is no cluster, or none of its nodes can run a cell.
    """
    names: dict[str, Any] = {"__name__": "spread_node"}
    exec(SOURCE, names)  # a function of no module travels by value
    with connect_ray(address) as ray:
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        def start(function: str, node: Node, *arguments: Any, cpus: int) -> Any:
            here = NodeAffinitySchedulingStrategy(node.id, soft=False)
            remote = ray.remote(num_cpus=cpus, max_retries=0)(names[function])
            return remote.options(scheduling_strategy=here).remote(*arguments)

        nodes = [
            Node(one["NodeID"], f"{one['NodeManagerHostname']} {one['NodeID'][:8]}", int(cpus))
            for one in ray.nodes()
            if one["Alive"] and (cpus := one["Resources"].get("CPU", 0)) >= 1
        ]
        wanted = sorted(set(cells.values()))
        asked = [start("pythons", node, wanted, cpus=0) for node in nodes]
        for node, answer in zip(nodes, asked, strict=True):
            try:
                node.pythons = ray.get(answer, timeout=ASKING_TIMEOUT)
            except ray.exceptions.RayError as error:
                raise SurveyError(f"{node.name}: {format_error(error)}") from error
        if not any(node.pythons for node in nodes):
            raise SurveyError(
                f"no node has a CPU, uv or pip, and one of the Pythons {', '.join(wanted)}"
            )
        everywhere = {python for node in nodes for python in node.pythons}
        for cell, python in cells.items():
            if python not in everywhere:
                yield CellOutcome(
                    cell, missing=f"Python interpreter {python} not found"
                )  # as nox says
        waiting = {cell: python for cell, python in cells.items() if python in everywhere}
        checkout = ray.put(packed())
        running: dict[Any, tuple[str, Node]] = {}
        while waiting or running:
            for node in nodes:
                able = [cell for cell in waiting if waiting[cell] in node.pythons]
                for cell in able[: node.free]:
                    answer = start("judge", node, checkout, cell, [*given], CELL_TIMEOUT, cpus=1)
                    running[answer] = cell, node
                    del waiting[cell]
                    node.free -= 1
            if not running:
                break
            (answer,), _ = ray.wait([*running], num_returns=1)
            cell, node = running.pop(answer)
            try:
                yield CellOutcome(cell, node.name, ray.get(answer))
                node.free += 1
            except ray.exceptions.TaskUnschedulableError:  # the node died before it had begun
                waiting[cell], node.free = cells[cell], 0
            except ray.exceptions.RayError as error:
                alive = {one["NodeID"] for one in ray.nodes() if one["Alive"]}
                node.free = node.free + 1 if node.id in alive else 0
                yield CellOutcome(cell, node.name, lost=format_error(error).partition(". ")[0])
        for cell, python in waiting.items():
            yield CellOutcome(cell, lost=f"no node is left that has Python {python}")


def packed() -> bytes:
    """Return the files of this checkout that a node needs, as a zip archive."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in PARTS:
            top = ROOT / part
            for path in sorted(top.rglob("*")) if top.is_dir() else [top]:
                if path.is_file() and "__pycache__" not in path.parts:
                    archive.write(path, path.relative_to(ROOT))
    return content.getvalue()
