"""The values on the stack of a pickle that is followed and not unpickled."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias


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
    """A tuple on the stack. It is never expanded: nested tuples can be exponentially wide."""

    items: tuple[Value, ...]


Value: TypeAlias = "str | bytes | Opaque | Tuple"
