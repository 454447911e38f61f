"""The files of a store: a folder in a checkout, a zip archive in the wheel."""

from __future__ import annotations

import os
import zipfile
import zlib
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path


class Files:
    """Read-only access to files by name, such as ``DFPYUDF/v1/scalar/lambda/x.bin``.

    Reading raises ``FileNotFoundError`` for an unknown name and ``OSError`` for an unreadable
    file or a damaged archive.
    """

    def __init__(self, place: Path) -> None:
        self.place = place

    def read(self, name: str) -> bytes:
        """Return the content of a file."""
        if not self._is_archive:
            return (self.place / name).read_bytes()
        try:
            return self._archive.read(name)
        except KeyError:
            raise FileNotFoundError(2, "No such file", str(self.place / name)) from None
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
            raise OSError(5, str(error), str(self.place)) from error

    def text(self, name: str) -> str:
        """Return the content of a text file."""
        return self.read(name).decode("utf-8", errors="replace")

    def __contains__(self, name: str) -> bool:
        """Return whether there is a file of this name."""
        if self._is_archive:
            return name in self._archive.namelist()
        return (self.place / name).is_file()

    def names(self, under: str = "") -> Iterator[str]:
        """Yield the names of all files, or of those in the folder ``under``, sorted."""
        if self._is_archive:
            inside = f"{under}/" if under else ""
            yield from sorted(name for name in self._archive.namelist() if name.startswith(inside))
            return
        found = []
        for folder, _, files in os.walk(self.place / under):  # a path object for each is slow
            inside = Path(folder).relative_to(self.place).as_posix()
            found += [name if inside == "." else f"{inside}/{name}" for name in files]
        yield from sorted(found)

    @cached_property
    def _is_archive(self) -> bool:
        return self.place.suffix == ".zip"

    @cached_property
    def _archive(self) -> zipfile.ZipFile:
        try:
            return zipfile.ZipFile(self.place)
        except zipfile.BadZipFile as error:
            raise OSError(5, str(error), str(self.place)) from error
