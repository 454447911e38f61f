"""Hatch's build hook: the store of goldens goes into the wheel as one zip archive."""

from __future__ import annotations

import tempfile
import zipfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

TARGET = "conformance/golden/store.zip"
EPOCH = (1980, 1, 1, 0, 0, 0)
"""The date of each file in the archive, so that equal stores give equal bytes."""


class StoreArchive(BuildHookInterface):  # type: ignore[misc]
    """Make the archive, and have the builder put it into the wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Write the archive before the wheel is built; an editable install reads the folder."""
        if version == "editable":
            return
        self._folder = tempfile.TemporaryDirectory()
        archive = Path(self._folder.name) / "store.zip"
        write_archive(Path(self.root) / "golden", archive)
        build_data["force_include"][str(archive)] = TARGET

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove the archive when the wheel is built."""
        del build_data, artifact_path
        if version != "editable":
            self._folder.cleanup()


def write_archive(folder: Path, archive: Path) -> None:
    """Write the files of ``folder`` into a zip archive, the same bytes for the same files."""
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            info = zipfile.ZipInfo(path.relative_to(folder).as_posix(), EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            file.writestr(info, path.read_bytes())
