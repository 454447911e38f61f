"""The sources of the site: the repository's pages, and those that are made of its data."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from conformance.spec import CHAPTERS
from tasks.cells.paths import ROOT
from tasks.docs import engines
from tasks.site import chapters, examples, findings, grid
from tasks.site.links import PAGES, rewrite

OWN = Path(__file__).parent / "pages"
"""The pages that only the site has. A line such as ``@contents`` is replaced by what is made."""

IN_GRID = "interop"
"""The page that follows the heat maps in the table of contents."""


def write(folder: Path, repository: str) -> None:
    """Write all sources into an empty folder.

    ``repository`` is the address below which the files of the repository are, without a slash
    at its end. Raises ``LinkError`` for a link that leads nowhere.
    """
    for name, text in {**_copied(repository), **_own(), **_made(repository)}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    for source, name in PAGES.items():
        if not source.endswith(".md"):
            shutil.copyfile(ROOT / source, folder / name)


def _copied(repository: str) -> Mapping[str, str]:
    """Return the repository's pages by their names on the site; the README is no page of it."""
    return {
        name: rewrite((ROOT / source).read_text(encoding="utf-8"), source, repository)
        for source, name in PAGES.items()
        if source.endswith(".md") and source != "README.md"
    }


def _own() -> Mapping[str, str]:
    """Return the pages of the site itself by their names."""
    texts = {
        path.relative_to(OWN).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(OWN.rglob("*.md"))
    }
    listed = {IN_GRID, *"\n".join(texts.values()).split()}
    pages = [Path(name).stem for name in PAGES.values() if name.endswith(".md")]
    parts = {
        "@engines": engines.table(),
        "@contents": chapters.contents(),
        "@chapters": "\n".join(one.lower() for one in CHAPTERS),
        "@others": "\n".join(one for one in pages if one not in {*listed, "index", "format"}),
    }
    return {
        name: "".join(f"{parts.get(line, line)}\n" for line in text.splitlines())
        for name, text in texts.items()
    }


def _made(repository: str) -> Mapping[str, str]:
    """Return the pages that are made of the spec, the goldens and the grid, by their names."""
    follows = f"\n```{{toctree}}\n:hidden:\n\n{IN_GRID}\n```\n"
    return {
        **{
            f"spec/{one.id.lower()}.md": chapters.chapter(one, repository)
            for one in CHAPTERS.values()
        },
        "spec/examples.md": examples.examples(),
        "findings.md": findings.findings(repository),
        "grid.md": grid.heat_maps() + follows,
    }
