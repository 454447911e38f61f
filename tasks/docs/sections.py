"""The generated sections of Markdown files: text between two comments."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from conformance.util import exit_codes
from tasks.cells.paths import DOCS, ROOT
from tasks.docs import engines, error_texts, failure

SECTIONS: Mapping[Path, Mapping[str, Callable[[], str]]] = {
    ROOT / "README.md": {"engines": engines.table, "failure": failure.failure},
    DOCS / "implementers.md": {"error texts": error_texts.table},
    DOCS / "exit-codes.md": {"exit codes": exit_codes.table},
}
"""The sections of each file, and the functions that make them."""


class SectionError(ValueError):
    """A file lacks the comments of a section; the text names both."""


def updated(path: Path) -> str:
    """Return the text of a file with its sections made again; raise ``SectionError``."""
    text = path.read_text(encoding="utf-8")
    for name, make in SECTIONS[path].items():
        begin, end = f"<!-- begin {name} -->\n", f"<!-- end {name} -->"
        pattern = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.DOTALL)
        if not pattern.search(text):
            raise SectionError(f"{path}: expected {begin.strip()} and {end}")
        new = f"{begin}\n{make()}\n{end}"
        text = pattern.sub(lambda _, new=new: new, text)  # type: ignore[misc]
    return text


def outdated() -> Iterator[Path]:
    """Yield the files whose sections are not what the code makes."""
    for path in SECTIONS:
        if path.read_text(encoding="utf-8") != updated(path):
            yield path
