"""The shapes of the messages that call functions, and which engine has which expressions.

A message has no type of its own, so a call is recognized by its shape: the number of the field
that holds it, the field of its name, and which fields it has. ``SHAPES`` are those of
DataFusion's protobuf, of expressions and of physical plans.
"""

from __future__ import annotations

from dataclasses import dataclass

from conformance.wire.protobuf import Found

HIGHER_ORDER = "higher-order"
"""The kind of a call that takes lambdas, such as that of ``array_transform``."""


@dataclass(frozen=True)
class Shape:
    """A message that calls a function.

    It is field ``held_by`` of an expression (``None``: of any message). Its text is field
    ``name``, the bytes that define its function are field ``definition``; ``messages``,
    ``numbers`` and ``texts`` are the other fields that it may have. It has all of ``must``.
    ``since`` is the first engine with it, empty where every released engine knows it.
    """

    kind: str
    held_by: int | None
    name: int
    definition: int
    messages: frozenset[int]
    numbers: frozenset[int] = frozenset()
    texts: frozenset[int] = frozenset()
    must: frozenset[int] = frozenset()
    since: str = ""

    @property
    def is_logical(self) -> bool:
        """Return whether it is of expressions and logical plans, not of physical plans."""
        return self.held_by in (18, 19, 20, 37)


def _set(*numbers: int) -> frozenset[int]:
    return frozenset(numbers)


SHAPES = (
    # Expressions and logical plans.
    Shape("scalar", 20, 1, 3, _set(2)),
    Shape("aggregate", 19, 1, 6, _set(2, 3, 4), _set(5, 7)),
    Shape("aggregate", 18, 3, 10, _set(4, 5, 6, 8, 13), _set(11, 12), must=_set(8)),
    Shape("window", 18, 9, 10, _set(4, 5, 6, 8, 13), _set(11, 12), must=_set(8)),
    Shape(HIGHER_ORDER, 37, 1, 3, _set(2), must=_set(2), since="55.0.0"),
    # Physical plans.
    Shape("scalar", 16, 1, 3, _set(2, 4), _set(5), _set(6), must=_set(4)),
    Shape(HIGHER_ORDER, 24, 1, 3, _set(2), must=_set(2), since="55.0.0"),
    Shape("aggregate", 4, 4, 7, _set(2, 5), _set(3, 6), _set(8)),
    Shape("aggregate", None, 3, 9, _set(4, 5, 6, 7), _set(11, 12), _set(8), must=_set(7)),
    Shape("window", None, 10, 9, _set(4, 5, 6, 7), _set(11, 12), _set(8), must=_set(7)),
)

EXPRESSIONS_SINCE = {38: "55.0.0", 39: "55.0.0"}
"""The first engine that has an expression in this field: a lambda, and a variable of one.

Field 37 is the call of a function with lambdas, of which ``SHAPES`` has the shape. All released
engines have fields 1 to 36, but for 5, 12, 16 and 21; none has a higher one than 39.
"""


def kind_around(one: Found) -> str | None:
    """Return the kind of the call that a frame defines, ``None`` if it is at no place of a call.

    It is empty where there is no message around it, or one that an extension codec wrote.
    """
    numbers = [number for number, _ in one.path]
    while numbers and not numbers[-1]:
        numbers.pop()
    if not numbers or 0 in numbers[1:]:
        return ""
    held_by, definition = (0, *numbers)[-2:]
    kinds = {
        shape.kind
        for shape in SHAPES
        if shape.held_by in (None, held_by)
        and shape.definition == definition
        and shape.kind != HIGHER_ORDER  # no engine has a frame there
        # Where several kinds of calls have one shape, their names tell them apart.
        and (not shape.must or shape.kind == "scalar" or shape.name in one.texts)
    }
    return kinds.pop() if len(kinds) == 1 else None
