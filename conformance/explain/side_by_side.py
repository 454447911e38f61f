"""Two texts beside each other, with a mark at the lines that differ."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest

_GAP = "   "
_MARK = " | "


def side_by_side(expected: str, seen: str, width: int) -> Iterator[str]:
    """Yield the lines of both texts in two columns; a ``|`` is between lines that differ.

    Texts that are too wide for ``width`` columns come one under the other.
    """
    if not expected and not seen:
        return
    left, right = expected.splitlines() or [""], seen.splitlines() or [""]
    column = max(map(len, ("expected", *left)))
    if column + len(_GAP) + max(map(len, ("seen", *right))) > width:
        yield from (f"expected  {line}" for line in left)
        yield from (f"seen      {line}" for line in right)
        return
    yield f"{'expected':{column}}{_GAP}seen"
    for one, other in zip_longest(left, right, fillvalue=""):
        yield f"{one:{column}}{_GAP if one == other else _MARK}{other}".rstrip()
