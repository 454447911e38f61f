"""A child with another interpreter sees its own packages, and this package."""

from __future__ import annotations

import sys
import venv
from pathlib import Path

from conformance.processes.child import Child
from conformance.processes.own_package import path_for


def test_another_interpreter_does_not_get_the_packages_of_this_one(tmp_path: Path) -> None:
    venv.create(tmp_path / "other", symlinks=True)
    python = str(tmp_path / "other" / "bin" / "python")
    child = Child(python)
    try:
        assert child.call("importlib.util:find_spec", "conformance", deadline=30) is not None
        for name in ("pytest", "psutil"):
            assert child.call("importlib.util:find_spec", name, deadline=30) is None
    finally:
        child.close()


def test_this_interpreter_gets_them() -> None:
    assert path_for(sys.executable) != path_for("another")
