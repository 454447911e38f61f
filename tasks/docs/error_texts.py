"""The table of what an error must contain, by clause, as the negative vectors demand it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from conformance.golden import negative

_HEAD = "| Clause | Class | Texts |\n| --- | --- | --- |\n"
_ID = re.compile(r"session:[0-9a-f-]+|anon:\d|\d+")
"""What differs between the texts of one kind: versions and generated ids."""


def table() -> str:
    """Return a row for each clause that fixes the class or the text of an error."""
    return _HEAD + "\n".join(_rows())


def _rows() -> Iterator[str]:
    kinds: dict[str, str] = {}
    texts: dict[str, dict[str, Sequence[str]]] = {}
    for vector in negative.read().vectors:
        for demand in vector.demands:
            if demand.kind or demand.words:
                kinds[demand.clause] = demand.kind
                alike = _ID.sub("", " ".join(demand.words))
                texts.setdefault(demand.clause, {}).setdefault(alike, demand.words)
    for clause in sorted(kinds):
        kind = _code(kinds[clause]) if kinds[clause] else ""
        ways = "; or ".join(", ".join(map(_code, words)) for words in texts[clause].values())
        yield f"| {clause} | {kind} | {ways} |"


def _code(text: str) -> str:
    """Return a text in code marks of Markdown."""
    return f"`` {text} ``" if "`" in text else f"`{text}`"
