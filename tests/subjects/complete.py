"""Fake subjects that have every method of the interface and implement few of them."""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import Any, TypeVar

from conformance.subjects.loading import members

_Class = TypeVar("_Class", bound=type)


def complete(interface: type) -> Callable[[_Class], _Class]:
    """Add the methods of ``interface`` that a class lacks; they raise ``NotImplementedError``."""

    def add(class_: _Class) -> _Class:
        for name, member in members(interface).items():
            if not hasattr(class_, name):
                setattr(class_, name, _refuse if isinstance(member, FunctionType) else {})
        return class_

    return add


def _refuse(*_arguments: Any, **_options: Any) -> Any:
    raise NotImplementedError
