"""The archive of the golden store in the wheel."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

from tests.golden.samples import write_archive


def test_equal_folders_give_equal_archives(tmp_path: Path) -> None:
    """Neither the order, nor the times, nor the modes of the files matter."""
    for name, order in (("first", (1, 2, 3)), ("second", (3, 1, 2))):
        for number in order:
            path = tmp_path / name / "folder" / f"{number}.bin"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(bytes(1000) + bytes([number]))
            if name == "second":
                path.chmod(0o600)
                os.utime(path, (0, 0))
        write_archive(tmp_path / name, tmp_path / f"{name}.zip")
    first, second = tmp_path / "first.zip", tmp_path / "second.zip"
    assert first.read_bytes() == second.read_bytes()
    with zipfile.ZipFile(first) as archive:
        assert archive.namelist() == [f"folder/{number}.bin" for number in (1, 2, 3)]
        assert archive.read("folder/2.bin") == bytes(1000) + b"\x02"
        assert archive.testzip() is None
