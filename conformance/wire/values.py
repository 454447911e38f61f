"""The values on the stack of a pickle that is followed and not unpickled."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

_WIDEST = 1 << 40
"""The greatest width that is counted."""


@dataclass(frozen=True)
class Opaque:
    """An object of which only the kind is known, such as ``list`` or ``call``.

    ``name`` is the dotted name of an imported object, of a module that a call imports, or of an
    attribute that a call takes from one of them; otherwise it is empty.
    """

    kind: str
    name: str = field(default="", compare=False)


@dataclass(frozen=True, eq=False)
class Tuple:
    """A tuple on the stack. It is never expanded: nested tuples can be exponentially wide.

    ``depth`` and ``width`` are those of the expanded tuple; ``contents`` are the kinds of the
    opaque values in it, at any depth.
    """

    items: tuple[Value, ...]
    depth: int = field(init=False, repr=False)
    width: int = field(init=False, repr=False)
    contents: frozenset[str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        inner = [one for one in self.items if isinstance(one, Tuple)]
        found = {one.kind for one in self.items if isinstance(one, Opaque)}
        width = len(self.items) + sum(one.width for one in inner)
        object.__setattr__(self, "depth", 1 + max((one.depth for one in inner), default=0))
        object.__setattr__(self, "width", min(width, _WIDEST))
        object.__setattr__(self, "contents", frozenset(found.union(*(o.contents for o in inner))))


Value: TypeAlias = "str | bytes | Opaque | Tuple"
