"""Markdown out of plain text: escaped words, badges, anchors."""

from __future__ import annotations

import re

from conformance.spec import CLAUSES, DIVERGENCES

_CODE = re.compile(r"(``[^`]+``|`[^`\n]+`)")
_SPECIAL = re.compile(r"([\\*_\[\]<>#|$&{}~!])")


def escape(text: str) -> str:
    """Escape what Markdown would take for markup, but for code between backticks."""
    parts = _CODE.split(text)
    parts[::2] = [_SPECIAL.sub(r"\\\1", part) for part in parts[::2]]
    return "".join(parts)


def badge(text: str, kind: str) -> str:
    """Return a word with a colour of its own: ``kind`` is a class of ``static/site.css``."""
    return f"[{text}]{{.badge .{kind.replace('/', '')}}}"


def fenced(text: str, language: str) -> str:
    """Return a block of code; its fence is longer than any in the text."""
    fence = "`" * max(3, *(len(found) + 1 for found in re.findall("`+", text)), 3)
    return f"{fence}{language}\n{text.rstrip()}\n{fence}\n"


def link_clause(id_: str) -> str:
    """Return a link to a clause, from a page that is in the top folder of the site."""
    return f"[{id_}](spec/{page_of(id_)}#{id_})"


def page_of(clause: str) -> str:
    """Return the file name of the page with a clause."""
    return f"{CLAUSES[clause].chapter.lower()}.md"


def anchor(title: str) -> str:
    """Return the anchor of a heading: the id with which it begins, or GitHub's."""
    first = title.partition(":")[0]
    if first in CLAUSES or first in DIVERGENCES:
        return first
    return re.sub(r"[^\w -]", "", title.lower()).strip().replace(" ", "-")
