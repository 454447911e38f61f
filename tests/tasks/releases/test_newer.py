"""Newer releases are found, each with the line that enters it into the table."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from conformance.matrix import Matrix, read
from tasks.releases import pythons
from tasks.releases.index import Index, NotAskedError
from tasks.releases.newer import Newer, find, merge, newest_known, packages
from tests.tasks.releases.small import TABLE, SmallIndex


def found(package: str, matrix: Matrix, *, pre: bool = False) -> Sequence[Newer]:
    return find(package, matrix, Index(), pre=pre)


def read_with(old: str, new: str, folder: Path) -> Matrix:
    """Read the small table with one text in the place of another."""
    assert TABLE.count(old) == 1
    path = folder / "changed.toml"
    path.write_text(TABLE.replace(old, new), encoding="utf-8")
    return read(path)


def test_the_packages_are_those_of_the_table(matrix: Matrix) -> None:
    names = ["datafusion", "cloudpickle", "pyarrow", "geo", "ray", "joblib", "python"]
    assert packages(matrix) == names


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize("name", ["datafusion", "cloudpickle", "pyarrow", "geo", "ray", "joblib"])
def test_nothing_is_newer_than_what_the_index_has(name: str, matrix: Matrix) -> None:
    assert found(name, matrix) == []


def test_a_new_engine_comes_after_the_last_one(
    published: SmallIndex, matrix: Matrix, tmp_path: Path
) -> None:
    published.add("datafusion", "56.0.0")
    (one,) = found("datafusion", matrix)
    assert (one.version, one.known, one.line) == ("56.0.0", "55.0.0", '"56.0.0",')
    assert one.matrix == read_with('"55.0.0"]', f'"55.0.0", {one.line}]', tmp_path)


def test_a_late_release_of_an_old_engine_has_its_place(
    published: SmallIndex, matrix: Matrix
) -> None:
    published.add("datafusion", "54.2.0")
    (one,) = found("datafusion", matrix)
    assert one.known == "54.0.0"
    assert one.matrix.engines == ("54.0.0", "54.2.0", "55.0.0")


def test_pre_releases_of_the_engine_are_apart(published: SmallIndex, matrix: Matrix) -> None:
    for version in ("56.0.0rc1", "56.0.0rc2"):
        published.add("datafusion", version)
    assert found("datafusion", matrix) == []
    (one,) = found("datafusion", matrix, pre=True)
    assert one.version == "56.0.0rc2"
    published.add("datafusion", "56.0.0")
    assert found("datafusion", matrix, pre=True) == []


def test_a_new_pyarrow_is_for_the_pythons_that_it_has_wheels_for(
    published: SmallIndex, matrix: Matrix, tmp_path: Path
) -> None:
    published.add("pyarrow", "27.0.0", "cp313-none")
    (one,) = found("pyarrow", matrix)
    assert one.line == 'pyarrow = ["18.0.0", "27.0.0"]'
    assert "3.13" in one.place
    assert "3.12" not in one.place
    assert one.matrix == read_with('pyarrow = ["18.0.0", "26.0.0"]', one.line, tmp_path)


@pytest.mark.parametrize(
    ("package", "version", "old"),
    [("ray", "2.1.0", 'package = "ray==2.0.0"'), ("joblib", "1.6.1", 'package = "joblib==1.6.0"')],
)
def test_a_pinned_package_is_replaced(
    package: str, version: str, old: str, published: SmallIndex, matrix: Matrix, tmp_path: Path
) -> None:
    published.add(package, version)
    (one,) = found(package, matrix)
    assert one.line == f'package = "{package}=={version}"'
    assert one.matrix == read_with(old, one.line, tmp_path)


def test_an_ffi_library_for_the_same_engine_is_replaced(
    published: SmallIndex, matrix: Matrix, tmp_path: Path
) -> None:
    published.add("geo", "0.4.1", requires=["datafusion>=55,<56"])
    (one,) = found("geo", matrix)
    assert one.matrix == read_with('package = "geo==0.4.0"', one.line, tmp_path)


def test_an_ffi_library_for_another_engine_is_added(
    published: SmallIndex, matrix: Matrix, tmp_path: Path
) -> None:
    published.add("geo", "0.5.0", requires=["datafusion>=54,<55"])
    (one,) = found("geo", matrix)
    assert one.line == '[[ffi_library]]\npackage = "geo==0.5.0"\nengines = ">=54,<55"'
    assert one.matrix == read_with("[[cluster]]", f"{one.line}\n[[cluster]]", tmp_path)


def test_an_ffi_library_for_no_known_engine_says_so(published: SmallIndex, matrix: Matrix) -> None:
    published.add("geo", "0.6.0", requires=["datafusion>=56"])
    (one,) = found("geo", matrix)
    assert one.why.startswith("it is built for no engine of the table: ")


def listing(*rows: tuple[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "version": version,
            "version_parts": dict(zip(("major", "minor"), version.split("."), strict=False)),
            "variant": variant,
            "implementation": "cpython",
            "path": None,
        }
        for version, variant in rows
    ]


def test_a_new_python_has_a_row_with_its_pyarrows(
    published: SmallIndex, matrix: Matrix, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = listing(
        ("3.13.1", "default"),
        ("3.14.0", "default"),
        ("3.15.0a1", "default"),
        ("3.16.0", "freethreaded"),
    )
    monkeypatch.setattr(pythons, "_listed", lambda _: rows)
    for version in ("26.1.0", "27.0.0"):
        published.add("pyarrow", version, "cp314-none")
    (one,) = found("python", matrix)
    assert one.version == "3.14"
    assert 'pyarrow = ["26.1.0", "27.0.0"]' in one.line
    path = tmp_path / "longer.toml"
    path.write_text(f"{TABLE}\n{one.line}\n", encoding="utf-8")
    assert one.matrix == read(path)


def test_a_new_python_is_judged_with_whatever_else_is_new(
    published: SmallIndex, matrix: Matrix
) -> None:
    for name, version in (("cloudpickle", "3.2.0"), ("datafusion", "54.1.0")):
        published.add(name, version)
    merged = merge(matrix, [*found("cloudpickle", matrix), *found("datafusion", matrix)])
    assert merged.cloudpickles == ("3.0.0", "3.1.0", "3.2.0")
    assert merged.engines == ("54.0.0", "54.1.0", "55.0.0")


def test_a_python_without_a_pyarrow_is_newer_all_the_same(
    published: SmallIndex, matrix: Matrix, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert published.folder.is_dir()
    rows = listing(("3.13.1", "default"), ("3.14.0", "default"))
    monkeypatch.setattr(pythons, "_listed", lambda _: rows)
    (one,) = found("python", matrix)
    assert one.why.startswith("pyarrow has no wheel for it: ")


def test_a_uv_that_is_older_than_the_table_knows_nothing(
    matrix: Matrix, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pythons, "_listed", lambda _: listing(("3.12.9", "default")))
    with pytest.raises(NotAskedError, match=r"knows no Python 3\.13"):
        found("python", matrix)


def test_the_newest_known_release_of_each_package(matrix: Matrix) -> None:
    oldest = matrix.pythons[0]
    known = {name: newest_known(name, matrix, oldest) for name in packages(matrix)[:-1]}
    assert known == {
        "datafusion": "55.0.0",
        "cloudpickle": "3.1.0",
        "pyarrow": "25.0.0",
        "geo": "0.4.0",
        "ray": "2.0.0",
        "joblib": "1.6.0",
    }
