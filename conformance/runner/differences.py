"""The first difference of two values, deep in lists and objects."""

from __future__ import annotations

from typing import Any

_WIDTH = 80
"""The number of characters of a value in a description."""


def first_difference(seen: Any, expected: Any, path: str = "") -> str | None:
    """Return where ``seen`` differs first, and how; ``None`` if the values are equal.

    The result is ``""`` for values that differ as a whole. Containers are compared element by
    element, and numbers only with numbers of their kind: in Python, ``[Expr] == [1]`` holds, since
    ``Expr == 1`` is an ``Expr``, which is true as ``Expr != 1`` is; so does ``True == 1.0``.
    """
    if _are_sequences(seen, expected):
        for number, (one, other) in enumerate(zip(seen, expected, strict=False)):
            if (found := first_difference(one, other, f"{path}[{number}]")) is not None:
                return found
        sizes = f"expected {len(expected)} items, seen {len(seen)}"
        return None if len(seen) == len(expected) else f"{path}: {sizes}".removeprefix(": ")
    if isinstance(seen, dict) and isinstance(expected, dict):
        for key in [*expected, *seen]:
            place = f"{path}.{key}".removeprefix(".")
            if key not in seen or key not in expected:
                return f"{place}: {'not expected' if key in seen else 'missing'}"
            if (found := first_difference(seen[key], expected[key], place)) is not None:
                return found
        return None
    if _is_same(seen, expected):
        return None
    return path and f"{path}: expected {_shown(expected)}, seen {_shown(seen)}"


def _are_sequences(seen: object, expected: object) -> bool:
    """Return whether both are lists, or both tuples."""
    kinds = (list, tuple)
    return (
        isinstance(seen, kinds)
        and isinstance(expected, kinds)
        and isinstance(seen, list) is isinstance(expected, list)
    )


def _is_same(seen: object, expected: object) -> bool:
    numbers = (bool, float)
    same_kind = all(isinstance(seen, kind) is isinstance(expected, kind) for kind in numbers)
    return same_kind and bool(seen == expected) and not (seen != expected)  # noqa: SIM202 - an Expr is both


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _WIDTH else f"{text[:_WIDTH]}..."
