"""Links of the repository's pages: to a page of the site, or to the repository itself."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from tasks.cells.paths import ROOT

PAGES: Mapping[str, str] = {
    "golden/README.md": "spec/format.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security.md",
    "CHANGELOG.md": "changelog.md",
    "README.md": "index.md",
    **{f"docs/{path.name}": path.name for path in sorted((ROOT / "docs").glob("*.*"))},
}
"""The files of the repository that are pages or pictures of the site, by their paths."""

SCHEME = "repository:"
"""The start of a link to the repository in the sources; Sphinx puts the address in its place."""

_LINK = re.compile(r"(```.*?```|`[^`\n]+`)|\]\(([^)\s]+)\)", re.DOTALL)


class LinkError(ValueError):
    """A link leads nowhere; the text names the page and the link."""


def rewrite(text: str, source: str, repository: str) -> str:
    """Return the Markdown of a page with its links changed to what they are on the site.

    ``source`` is the path of the page in the repository. ``repository`` is the address below which
    the files of the repository are; raises ``LinkError`` for a link to a file that is not there.
    """

    def replace(found: re.Match[str]) -> str:
        return found[1] or f"]({_target(found[2], source, repository)})"

    return _LINK.sub(replace, text)


def _target(target: str, source: str, repository: str) -> str:
    if re.match(r"[a-z]+:|#", target):
        return target
    name, hash_, anchor = target.partition("#")
    path = os.path.normpath(os.path.join(os.path.dirname(source), name))
    if path in PAGES:
        here = os.path.dirname(PAGES[source])
        # The index of the site has no sections of the README.
        end = "" if path == "README.md" else hash_ + anchor
        return os.path.relpath(PAGES[path], here or ".") + end
    if path.startswith("..") or not (ROOT / path).exists():
        raise LinkError(f"{source}: the link {target} leads to no file of the repository")
    return f"{repository}/{path}{hash_}{anchor}"


def in_repository(path: Path, repository: str, line: int = 0) -> str:
    """Return the address of a file of the repository, or of one of its lines."""
    address = f"{repository}/{path.relative_to(ROOT).as_posix()}"
    return f"{address}#L{line}" if line else address
