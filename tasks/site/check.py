"""Check the links of a built site, without the network."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from conformance.spec import CLAUSES, DIVERGENCES
from tasks.site.text import page_of

_CODE = ("code", "pre", "script", "style")


class _Page(HTMLParser):
    """The anchors of a page, what it links and loads, and Markdown that was not understood."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.anchors: set[str] = {"", "top"}
        self.links: dict[str, None] = {}
        self.loaded: dict[str, None] = {}
        self.leftover: list[str] = []
        self._code = 0
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._code += tag in _CODE
        for name, value in attrs:
            if name == "id" or (tag == "a" and name == "name"):
                self.anchors.add(value or "")
            elif name == "href" and tag == "a":
                self.links[value or ""] = None
            elif name in ("src", "href"):
                self.loaded[value or ""] = None

    def handle_endtag(self, tag: str) -> None:
        self._code -= tag in _CODE

    def handle_data(self, data: str) -> None:
        if not self._code and re.search(r"\]\(|\]\{|```", data):
            self.leftover.append(data.strip())


def problems(folder: Path) -> Iterator[str]:
    """Yield each link within the site that leads nowhere, each thing from another host.

    Markdown that is left over in the text, such as a link that was not understood, is one, too.
    Every clause and every divergence must have its anchor, too.
    """
    pages = {
        path.resolve(): _Page(path.read_text(encoding="utf-8"))
        for path in sorted(folder.rglob("*.html"))
        if "_static" not in path.relative_to(folder).parts
    }
    for path, page in pages.items():
        where = path.relative_to(folder.resolve())
        for link in (*page.links, *page.loaded):
            if not _leads_somewhere(path, link, pages):
                yield f"{where}: {link} leads nowhere"
        for text in page.leftover:
            yield f"{where}: Markdown is left over: {text}"
        for link in page.loaded:
            if urlsplit(link).netloc:
                yield f"{where}: loads {link} from another host"
    yield from _missing(folder.resolve(), pages)


def _leads_somewhere(path: Path, link: str, pages: dict[Path, _Page]) -> bool:
    parts = urlsplit(link)
    if parts.scheme == "file":
        return Path(unquote(parts.path)).exists()
    if parts.scheme or parts.netloc:
        return True  # another site: not fetched
    target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    if target in pages:
        return unquote(parts.fragment) in pages[target].anchors
    return target.is_file()


def _missing(folder: Path, pages: dict[Path, _Page]) -> Iterator[str]:
    places = {id_: f"spec/{page_of(id_).removesuffix('.md')}.html" for id_ in CLAUSES}
    places |= dict.fromkeys(DIVERGENCES, "findings.html")
    for id_, name in places.items():
        page = pages.get(folder / name)
        if page is None or id_ not in page.anchors:
            yield f"{name}: the anchor {id_} is missing"
