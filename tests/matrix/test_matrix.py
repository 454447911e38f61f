from __future__ import annotations

import json
import os
import subprocess
import sys
from itertools import product
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from conformance.matrix import (
    ALL_CLUSTERS,
    CLUSTERS,
    FULL,
    GATE,
    TABLE,
    WRITER,
    Cell,
    MatrixError,
    cloudpickle_minors,
    covering_sample,
    read,
)
from conformance.spec import CLAUSES

ROOT = Path(__file__).parents[2]
MATRIX = read()
WITH_GIL = [cell for cell in MATRIX.cells() if not cell.python.endswith("t")]


def test_names_are_unique() -> None:
    names = [cell.name for cell in MATRIX.cells()]
    assert len(names) == len(set(names))


def test_the_gate_is_part_of_the_whole() -> None:
    gate = MATRIX.cells(GATE)
    assert set(gate) < set(MATRIX.cells())
    assert all(GATE in cell.tags for cell in gate)
    assert [cell for cell in MATRIX.cells() if GATE in cell.tags] == list(gate)


@pytest.mark.parametrize("cell", WITH_GIL, ids=lambda cell: cell.name)
def test_each_cell_is_within_what_the_engines_allow(cell: Cell) -> None:
    assert Version(cell.cloudpickle) >= Version("2.0")
    assert Version(cell.pyarrow) >= Version("16")
    assert Version(cell.python) >= Version("3.10")
    assert [Requirement(one).name for one in cell.requirements[:3]] == [
        *("datafusion", "cloudpickle", "pyarrow")
    ]


def test_the_gate_has_every_engine_on_every_python_with_the_newest() -> None:
    newest = {
        (cell.version, cell.python)
        for cell in MATRIX.cells(GATE)
        if cell.cloudpickle == MATRIX.cloudpickles[-1] and WRITER in cell.tags
    }
    wanted = {(engine, python.version) for engine in MATRIX.engines for python in MATRIX.pythons}
    assert newest == wanted


def test_the_gate_has_the_oldest_of_each_python_and_each_engine_sees_one() -> None:
    edges = [
        cell
        for cell in MATRIX.cells(GATE)
        for python in MATRIX.pythons
        if (cell.python, cell.cloudpickle, cell.pyarrow)
        == (python.version, python.cloudpickle, python.pyarrow[0])
    ]
    assert [cell.python for cell in sorted(edges, key=lambda cell: Version(cell.python))] == [
        python.version for python in MATRIX.pythons
    ]
    assert {cell.version for cell in edges} == set(MATRIX.engines)


def test_the_whole_has_every_cloudpickle_that_works_on_each_python() -> None:
    for python in MATRIX.pythons:
        works = MATRIX.cloudpickles[MATRIX.cloudpickles.index(python.cloudpickle) :]
        cells = [cell for cell in MATRIX.cells(FULL) if cell.python == python.version]
        for engine in MATRIX.engines:
            assert {cell.cloudpickle for cell in cells if cell.version == engine} == set(works)


def test_nox_has_the_same_cells() -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("NOX")}
    listed = subprocess.run(
        [sys.executable, "-m", "nox", "--list", "--json", "--sessions", "cell"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    found = {
        one["session"]: (one["call_spec"]["name"], one["python"], tuple(one["tags"]))
        for one in json.loads(listed.stdout)
    }
    assert found == {f"cell({c.name})": (c.name, c.python, c.tags) for c in MATRIX.cells()}


def test_a_new_engine_is_one_line(tmp_path: Path) -> None:
    table = tmp_path / "matrix.toml"
    text = TABLE.read_text(encoding="utf-8")
    table.write_text(text.replace('  "55.0.0",\n', '  "55.0.0",\n  "56.0.0",\n'), encoding="utf-8")
    grown = {cell.name for cell in read(table).cells(GATE)}
    assert sum(name.startswith("56.0.0-") for name in grown) >= len(MATRIX.pythons)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"54.1.0"', '"53.0.0"', "engines: expected distinct versions, oldest first"),
        ('"54.1.0"', '"new"', "Invalid version"),
        ('cloudpickle = "2.0.0"', 'cloudpickle = "1.9.0"', "1.9.0 is not among cloudpickles"),
        ('version = "3.10"', 'release = "3.10"', "release"),
        ("engines =", "engine =", "engine"),
        ("engines = [", "engines = ", "matrix.toml"),
        ('engines = ">=55,<56"', 'engines = "55"', "ffi_library 1: Invalid specifier: '55'"),
        ("geodatafusion==", "geodatafusion=", "ffi_library 1: "),
        ('chapter = "RAY"', 'part = "RAY"', "cluster 1: .*part"),
        ("ray==", "ray=", "cluster 1: "),
        ('version = "3.14t"', 'version = "3.14"', "free_threaded 1: .* such as 3.14t, found 3.14"),
        ('"TOGGLE"]\n', '"MUZZLE"]\n', "there is no chapter 'MUZZLE'"),
        ('pythons = "<3.15"', 'pythons = "3.15"', "cluster 1: Invalid specifier: '3.15'"),
        ('"HOSTILE",', '"HARMLESS",', "chapters: on_engine: there is no chapter 'HARMLESS'"),
        ("on_engine =", "on_motor =", "chapters: expected on_engine, .*, found on_motor"),
        ('package = "geo', 'wheel = "geo', "ffi_library 1: .*wheel"),
        ('cloudpickle = ">=3"', 'cloudpickle = "3"', "parallel_backend 1: Invalid specifier: '3'"),
    ],
)
def test_a_wrong_table_is_reported(tmp_path: Path, old: str, new: str, message: str) -> None:
    table = tmp_path / "matrix.toml"
    text = TABLE.read_text(encoding="utf-8")
    assert old in text
    table.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(MatrixError, match=message):
        read(table)


SLIPS = ("BOUNDARY", "COST", "FFI", "HOSTILE", "MODEL", "SURFACE")
SHIPS = ("PROCESS", "THREAD", "WORKER")
SESSIONS = ("BYNAME", "CHAIN", "CODEC", "DERIVED", "PLACE", "PLAN", "SLOT", "TOGGLE")
ENGINES = ("54.0.0", "54.1.0")
BETWEEN = ("3.11", "3.12", "3.13", "3.14")


def test_every_chapter_is_judged_with_the_newest_libraries() -> None:
    """An engine's own slips show on the newest Python, workers on each engine or Python.

    Sessions are judged on the oldest Python, too.
    """
    edges = [cell for cell in MATRIX.cells(GATE) if WRITER not in cell.tags and not cell.optional]
    others = [cell for cell in MATRIX.cells(GATE) if WRITER in cell.tags and not cell.optional]
    last = [python.version for python in MATRIX.pythons if not python.optional][-1]
    assert {(cell.version, cell.python): cell.without for cell in others} == {
        ("55.0.0", "3.10"): SLIPS,
        **dict.fromkeys(product(["55.0.0"], BETWEEN), (*SLIPS, *SESSIONS)),
        **dict.fromkeys(product(ENGINES, ["3.10"]), (*SLIPS, *SHIPS)),
        **dict.fromkeys(product(ENGINES, BETWEEN), (*SLIPS, *SHIPS, *SESSIONS)),
        **{(engine, last): () for engine in (*ENGINES, "55.0.0")},
    }
    both = (*SLIPS, *SHIPS, *SESSIONS)
    assert {cell.without for cell in edges} == {both}
    assert {cell.without for cell in MATRIX.cells() if GATE not in cell.tags} == {both}
    threads = [cell for cell in MATRIX.cells(GATE) if cell.optional]
    assert {(cell.version, cell.python, cell.claim["gil"]) for cell in threads} == {
        (engine, "3.14t", "off") for engine in MATRIX.engines
    }
    assert all("THREAD" not in cell.without and "GOLDEN" in cell.without for cell in threads)
    assert {cell.without for cell in MATRIX.candidates("datafusion==55.0.0")} == {()}


GEO, EXTRA = "geodatafusion==0.4.0", "datafusion-extra-functions-ffi==0.1.0"


def test_a_cell_has_the_library_of_its_engine_and_knows_the_other() -> None:
    result = {(cell.version, cell.ffi_libraries, cell.incompatible_libraries) for cell in WITH_GIL}
    assert result == {
        ("54.0.0", (EXTRA,), (GEO,)),
        ("54.1.0", (EXTRA,), (GEO,)),
        ("55.0.0", (GEO,), (EXTRA,)),
    }


@pytest.mark.parametrize(
    ("engine", "ffi_libraries", "incompatible_libraries"),
    [
        ("datafusion==55.0.1", (GEO,), (EXTRA,)),
        ("datafusion==56.0.0", (), (GEO, EXTRA)),
        ("datafusion==56.0.0.dev1", (), (GEO, EXTRA)),
        ("datafusion>=54", (), ()),
    ],
)
def test_a_candidate_has_the_library_that_fits(
    engine: str, ffi_libraries: tuple[str, ...], incompatible_libraries: tuple[str, ...]
) -> None:
    (result,) = {
        (cell.ffi_libraries, cell.incompatible_libraries) for cell in MATRIX.candidates(engine)
    }
    assert result == (ffi_libraries, incompatible_libraries)


def test_a_cell_has_joblib_where_its_cloudpickle_allows() -> None:
    result = {(cell.cloudpickle >= "3", *cell.parallel_backends) for cell in WITH_GIL}
    assert result == {(True, "joblib==1.6.0"), (False,)}
    assert {cell.needs for cell in MATRIX.cells() if cell.parallel_backends} == {
        ("ffi_libraries", "incompatible_libraries", "joblib")
    }


def test_a_candidate_requirement() -> None:
    cells = MATRIX.candidates("datafusion==53.0.0")
    assert [cell.python for cell in cells] == [python.version for python in MATRIX.pythons]
    assert {cell.claim["engine"] for cell in cells} == {"53.0.0"}
    assert cells[0].name.startswith("candidate-py3.10-")


def test_a_candidate_without_a_version_claims_none() -> None:
    assert "engine" not in MATRIX.candidates("datafusion>=54")[0].claim


@pytest.mark.parametrize(
    ("wheel", "pythons"),
    [
        (
            "datafusion-56.0.0-cp310-abi3-linux_x86_64.whl",
            ["3.10", "3.11", "3.12", "3.13", "3.14", "3.15"],
        ),
        ("datafusion-56.0.0-cp312-cp312-linux_x86_64.whl", ["3.12"]),
    ],
)
def test_a_candidate_wheel(tmp_path: Path, wheel: str, pythons: list[str]) -> None:
    (tmp_path / wheel).touch()
    cells = MATRIX.candidates(str(tmp_path / wheel))
    assert [cell.python for cell in cells] == pythons
    assert cells[0].claim["engine"] == "56.0.0"
    assert cells[0].requirements[0] == str(tmp_path / wheel)


@pytest.mark.parametrize(
    ("candidate", "message"),
    [
        ("dist/none.whl", "no such file"),
        ("none.whl", "no such file"),
        ("", "neither a file nor a requirement"),
        ("pandas==2", "a requirement of pandas"),
        ("{tmp}/broken.whl", "Invalid wheel filename"),
        ("{tmp}/pandas-2.0-py3-none-any.whl", "a wheel of pandas"),
        ("{tmp}/datafusion-56.0-cp39-cp39-any.whl", "expected a wheel for one of the Pythons"),
    ],
)
def test_a_wrong_candidate_is_reported(tmp_path: Path, candidate: str, message: str) -> None:
    path = candidate.format(tmp=tmp_path)
    if "{tmp}" in candidate:
        Path(path).touch()
    with pytest.raises(MatrixError, match=message):
        MATRIX.candidates(path)


def test_each_engine_is_judged_on_each_cluster_library() -> None:
    judged = MATRIX.cells(CLUSTERS)
    newest = {"ray": "3.14", "dask": "3.15"}  # Ray has no wheel for 3.15
    seen = {
        (cell.version, cell.cluster.name)
        for cell in judged
        if cell.cluster and cell.python == newest[cell.cluster.name]
    }
    assert seen == {(engine, name) for engine in MATRIX.engines for name in newest}
    assert set(judged) < set(MATRIX.cells(ALL_CLUSTERS))
    assert not set(MATRIX.cells(ALL_CLUSTERS)) & set(MATRIX.cells(FULL))


def test_a_cluster_cell_installs_its_library_and_judges_its_chapter() -> None:
    for cell in MATRIX.cells(ALL_CLUSTERS):
        assert cell.cluster
        assert cell.cluster.package in cell.requirements
        assert cell.name.endswith(f"-{cell.cluster.name}")
        needed = {one.needs for one in CLAUSES.values() if one.chapter == cell.cluster.chapter}
        assert needed == {cell.cluster.needs}


@pytest.mark.parametrize("size", [3, 6, 12, 24, 48])
def test_so_many_cells_have_the_versions_evenly(size: int) -> None:
    cells = covering_sample(MATRIX.cells(), size)
    assert len({cell.name for cell in cells}) == size
    assert [*cells] == [*covering_sample(MATRIX.cells(), 48)][:size]
    for versions in (
        [cell.version for cell in cells],
        [cell.python for cell in cells],
    ):
        times = [versions.count(one) for one in set(versions)]
        assert max(times) - min(times) <= 3  # few cloudpickles work on the newest Pythons
    if size >= 12:
        assert {cell.version for cell in cells} == {*MATRIX.engines}
        assert {cell.cloudpickle for cell in cells} == {*MATRIX.cloudpickles}
        assert len({cell.python for cell in cells}) == 6


def test_one_release_represents_each_cloudpickle_minor() -> None:
    chosen = cloudpickle_minors(MATRIX.cells(WRITER))
    assert len({cell.python for cell in chosen}) == 1
    assert [(cell.version, cell.cloudpickle) for cell in chosen] == [
        (engine, cloudpickle)
        for engine in MATRIX.engines
        for cloudpickle in ("2.0.0", "2.1.0", "2.2.1", "3.0.0", "3.1.3")
    ]
