"""A pretended release is the installed one under another version, as a wheel that installs."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tasks.releases.index import Index, run_uv
from tasks.releases.pretended import rebuild
from tests.tasks.releases.small import SmallIndex


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder of packages in which ``some-lib`` 1.0 is installed, with a script elsewhere."""
    info = tmp_path / "site" / "some_lib-1.0.dist-info"
    info.mkdir(parents=True)
    (tmp_path / "site" / "some_lib.py").write_text("ANSWER = 42\n")
    (tmp_path / "site" / "some_lib.py").chmod(0o755)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: some-lib\nVersion: 1.0\n")
    (info / "WHEEL").write_text("Wheel-Version: 1.0\nTag: py2-none-any\nTag: py3-none-any\n")
    (info / "INSTALLER").write_text("uv")
    names = ["some_lib.py", "../bin/script", "__pycache__/some_lib.pyc"]
    names += [f"{info.name}/{one}" for one in ("METADATA", "WHEEL", "INSTALLER", "RECORD")]
    (info / "RECORD").write_text("".join(f"{name},,\n" for name in names))
    return info.parent


def test_the_wheel_has_the_new_version_and_the_old_content(site: Path, tmp_path: Path) -> None:
    path = rebuild(site, "some-lib", "9.0", tmp_path)
    assert path.name == "some_lib-9.0-py2.py3-none-any.whl"
    info = "some_lib-9.0.dist-info"
    with zipfile.ZipFile(path) as wheel:
        names = ["some_lib.py", *(f"{info}/{one}" for one in ("METADATA", "WHEEL", "RECORD"))]
        assert sorted(wheel.namelist()) == sorted(names)
        assert b"Version: 9.0\n" in wheel.read(f"{info}/METADATA")


def test_the_wheel_is_found_and_installs(site: Path, tmp_path: Path, published: SmallIndex) -> None:
    published.add("some_lib", "1.0")
    folder = tmp_path / "wheels"
    folder.mkdir()
    rebuild(site, "some-lib", "9.0", folder)
    index = Index((str(folder),))
    assert index.lacking("some-lib", ["1.0"], ["3.13"]) == ["9.0"]
    target = str(tmp_path / "target")
    done = run_uv(
        *("pip", "install", "--python", sys.executable, "--target", target),
        *(*index.options, "some-lib"),
    )
    assert done.returncode == 0, done.stderr
    code = "import some_lib, importlib.metadata as m; print(m.version('some-lib'), some_lib.ANSWER)"
    run = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": target},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert run.stdout.split() == ["9.0", "42"]
    assert os.access(tmp_path / "target" / "some_lib.py", os.X_OK)
