"""The check of a built site, on small ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.spec import CLAUSES, DIVERGENCES
from tasks.site.check import problems
from tasks.site.text import page_of


def _site(folder: Path, index: str = "", *, without: str = "") -> Path:
    """Write a site that has all anchors but one, and a page with ``index`` in it."""
    anchors: dict[str, list[str]] = {"findings.html": [*DIVERGENCES]}
    for id_ in CLAUSES:
        page = f"spec/{page_of(id_).removesuffix('.md')}.html"
        anchors.setdefault(page, []).append(id_)
    for name, ids in anchors.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(f'<h2 id="{one}"></h2>' for one in ids if one != without))
    (folder / "index.html").write_text(index)
    (folder / "a.css").write_text("")
    return folder


def test_a_site_without_a_problem(tmp_path: Path) -> None:
    index = (
        '<link href="a.css"><a href="spec/strict.html#STRICT-02">x</a><a href="#">top</a>'
        '<a href="https://example.org/not-fetched">y</a><a href="findings.html">z</a>'
        "<code>[a](b)</code>"
    )
    assert list(problems(_site(tmp_path, index))) == []


@pytest.mark.parametrize(
    ("index", "expected"),
    [
        ('<a href="gone.html">x</a>', "index.html: gone.html leads nowhere"),
        ('<a href="findings.html#no">x</a>', "index.html: findings.html#no leads nowhere"),
        ('<a href="#no">x</a>', "index.html: #no leads nowhere"),
        ('<a href="file:///no/such/file">x</a>', "index.html: file:///no/such/file leads nowhere"),
        ('<img src="gone.svg">', "index.html: gone.svg leads nowhere"),
        ("<p>see [it](x)</p>", "index.html: Markdown is left over: see [it](x)"),
        (
            '<script src="https://example.org/x.js"></script>',
            "index.html: loads https://example.org/x.js from another host",
        ),
    ],
)
def test_what_leads_nowhere_is_named(index: str, expected: str, tmp_path: Path) -> None:
    assert list(problems(_site(tmp_path, index))) == [expected]


@pytest.mark.parametrize(
    ("gone", "page"),
    [("STRICT-02", "spec/strict.html"), ("registry-never-asked", "findings.html")],
)
def test_a_missing_anchor_is_named(gone: str, page: str, tmp_path: Path) -> None:
    found = list(problems(_site(tmp_path, without=gone)))
    assert found == [f"{page}: the anchor {gone} is missing"]
