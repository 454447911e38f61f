"""Which modules are Python's own: by the name and by the place."""

from __future__ import annotations

import sys
from pathlib import Path

from conformance.preflight.compared import is_compared, shadows


def test_pythons_modules_are_not_compared() -> None:
    """Built in, frozen, of C, in a package, and one that this platform lacks."""
    names = ("time", "os", "_json", "json.tool", "winreg", "msvcrt", "datafusion.ipc", "__main__")
    assert [name for name in names if is_compared(name)] == []


def test_other_modules_are_compared() -> None:
    assert [name for name in ("click.core", "tests", "no_such") if not is_compared(name)] == []


def test_a_module_that_hides_one_of_python(tmp_path: Path) -> None:
    """Python has loaded ``json``, and finds ``time`` in itself."""
    for name in ("profile", "json", "time", "features"):
        (tmp_path / f"{name}.py").touch()
    found = shadows([str(tmp_path), *sys.path])
    assert {name: spec.origin for name, spec in found.items()} == {
        name: str(tmp_path / f"{name}.py") for name in ("profile", "json")
    }
    assert shadows([*sys.path, str(tmp_path)]) == {}
