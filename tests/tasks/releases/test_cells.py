"""A release is judged in the cell that the table would have with its line."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conformance.matrix import Cell, Matrix
from tasks.releases.cells import before, cells, chapters
from tasks.releases.index import Index
from tasks.releases.newer import Newer, find
from tests.tasks.releases.small import SmallIndex


def found(package: str, matrix: Matrix) -> Newer:
    (one,) = find(package, matrix, Index())
    return one


def names(newer: Newer) -> list[str]:
    return [cell.name for cell in cells(newer)]


def old(newer: Newer) -> Cell | None:
    return before(newer, cells(newer)[0])


def test_an_engine_is_judged_by_all_chapters_on_the_newest_python_first(
    published: SmallIndex, matrix: Matrix
) -> None:
    published.add("datafusion", "56.0.0")
    one = found("datafusion", matrix)
    assert names(one) == ["56.0.0-py3.13-cp3.1.0-pa26.0.0", "56.0.0-py3.12-cp3.1.0-pa25.0.0"]
    assert {cell.without for cell in cells(one)} == {()}
    reference = old(one)
    assert reference is not None
    assert reference.claim == {
        "engine": "55.0.0",
        "cloudpickle": "3.1.0",
        "python": "3.13",
        "pyarrow": "26.0.0",
    }


def test_a_cloudpickle_is_judged_beside_the_newest_engine(
    published: SmallIndex, matrix: Matrix
) -> None:
    published.add("cloudpickle", "3.2.0")
    one = found("cloudpickle", matrix)
    assert names(one)[0] == "55.0.0-py3.13-cp3.2.0-pa26.0.0"
    reference = old(one)
    assert reference is not None
    assert reference.name == "55.0.0-py3.13-cp3.1.0-pa26.0.0"


def test_a_pyarrow_is_judged_where_it_has_wheels(published: SmallIndex, matrix: Matrix) -> None:
    published.add("pyarrow", "25.1.0", "cp312-none")
    one = found("pyarrow", matrix)
    assert names(one) == ["55.0.0-py3.12-cp3.1.0-pa25.1.0"]
    reference = old(one)
    assert reference is not None
    assert reference.pyarrow == "25.0.0"


def test_a_cluster_library_is_judged_by_its_chapter(published: SmallIndex, matrix: Matrix) -> None:
    published.add("ray", "2.1.0")
    one = found("ray", matrix)
    assert names(one)[0] == "55.0.0-py3.13-cp3.1.0-pa26.0.0-ray"
    assert "ray==2.1.0" in cells(one)[0].requirements
    assert old(one) is None


@pytest.mark.parametrize(
    ("package", "version", "wanted"), [("joblib", "1.7.0", "PROCESS"), ("geo", "0.4.1", "FFI")]
)
def test_a_library_is_judged_by_the_chapters_that_need_it(
    package: str, version: str, wanted: str, published: SmallIndex, matrix: Matrix
) -> None:
    published.add(package, version, requires=["datafusion>=55,<56"] if package == "geo" else [])
    one = found(package, matrix)
    cell = cells(one)[0]
    assert f"{package}=={version}" in (*cell.ffi_libraries, *cell.parallel_backends)
    assert wanted in chapters(one, cell)
    assert "STRICT" not in chapters(one, cell)
    assert old(one) is None


def test_an_ffi_library_is_judged_beside_its_own_engine(
    published: SmallIndex, matrix: Matrix
) -> None:
    published.add("geo", "0.5.0", requires=["datafusion>=54,<55"])
    assert names(found("geo", matrix))[0] == "54.0.0-py3.13-cp3.1.0-pa26.0.0"


def test_a_python_is_judged_on_itself_without_the_goldens_that_nobody_wrote(
    matrix: Matrix,
) -> None:
    row = replace(matrix.pythons[-1], version="3.99", optional=True)
    longer = replace(matrix, pythons=(*matrix.pythons, row))
    one = Newer("python", "python", "3.99", "3.13", "at the end", "", longer)
    assert names(one) == ["55.0.0-py3.99-cp3.1.0-pa26.0.0"]
    assert cells(one)[0].without == ("GOLDEN", "GOLDENCHAIN", "GOLDENPLAN")
    assert old(one) is None
    assert cells(replace(one, version="3.12"))[0].without == ()
