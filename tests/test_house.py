"""The structure of the repository: folders, their imports and their tests."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT

ROOMS = ROOT / "conformance"
TASKS = ROOT / "tasks"
TESTS = ROOT / "tests"


def python_files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*.py") if "__pycache__" not in path.parts)


def imported_modules(path: Path) -> Iterator[str]:
    """Yield the names of the modules that a file imports, at its top or in a function."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = path.relative_to(ROOT).parts[: -node.level] if node.level else ()
            yield ".".join([*package, *([node.module] if node.module else [])])


def test_every_module_of_the_package_has_a_room() -> None:
    loose = {path.name for path in ROOMS.iterdir() if path.is_file()}
    assert loose == {"__init__.py", "__main__.py", "py.typed"}


@pytest.mark.parametrize("denied", ["tasks", "tests", "noxfile"])
def test_the_package_imports_nothing_of_the_repository(denied: str) -> None:
    files = python_files(ROOMS)
    assert len(files) > 100
    found = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in files
        for name in imported_modules(path)
        if name.partition(".")[0] == denied
    ]
    assert found == []


def test_tasks_import_no_tests() -> None:
    found = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in python_files(TASKS)
        for name in imported_modules(path)
        if name.partition(".")[0] == "tests"
    ]
    assert found == []


def test_every_folder_of_tests_mirrors_a_room() -> None:
    """``tests/X`` tests ``conformance/X``, ``tests/tasks/X`` tests ``tasks/X``.

    ``tests/examples`` tests ``examples``.
    """
    without_a_room = []
    for path in python_files(TESTS):
        folder = path.parent.relative_to(TESTS)
        if not path.name.startswith("test_") or folder == Path():
            continue
        of_the_root = folder.parts[0] in ("tasks", "examples")
        room = (ROOT if of_the_root else ROOMS) / folder
        if not room.is_dir():
            without_a_room.append(f"{path.relative_to(ROOT)}: no folder {room.relative_to(ROOT)}")
    assert without_a_room == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import tasks.cells, os", ["tasks.cells", "os"]),
        ("from tasks import cells", ["tasks"]),
        ("def f():\n    from . import x", ["conformance.wire"]),
        ("from ..tasks import x", ["conformance.tasks"]),
    ],
)
def test_imports_are_found(
    text: str, expected: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"{__name__}.ROOT", tmp_path)
    path = tmp_path / "conformance" / "wire" / "x.py"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    assert list(imported_modules(path)) == expected
