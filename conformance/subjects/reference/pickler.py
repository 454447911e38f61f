"""Pickle callables by value, and refuse what no receiver could use."""

from __future__ import annotations

import dis
import io
import pickle
import sys
from enum import Enum
from functools import partialmethod
from importlib import import_module, metadata
from inspect import Parameter, signature
from types import FunctionType
from typing import Any

_NAMED_TUPLES = (2, 2, 1)
"""The first version of cloudpickle that pickles classes made by ``typing.NamedTuple``."""

_OF_MEMBERS = {"_value_", "_name_", "__objclass__", "_sort_order_"}
"""The attributes that every member of an enum has."""


def dumps(value: Any, protocol: int | None = None) -> bytes:
    """Return ``value`` as a pickle; raise ``PicklingError`` for what a receiver cannot decode.

    Without a protocol it is cloudpickle's own.
    """
    file = io.BytesIO()
    _make_pickler(file, protocol).dump(value)
    return file.getvalue()


def _make_pickler(file: io.BytesIO, protocol: int | None) -> Any:
    cloudpickle: Any = import_module("cloudpickle.cloudpickle")
    base: Any = import_module("cloudpickle").CloudPickler
    variables = _Variables()

    class Pickler(base):  # type: ignore[misc]
        """A pickler that looks at each object first."""

        def reducer_override(self, value: Any) -> Any:
            if isinstance(value, FunctionType):
                variables.check(value)
            elif isinstance(value, type):
                if not cloudpickle._should_pickle_by_reference(value):
                    _check_class(value)
            elif getattr(value, "__module__", "") == "__main__" and _is_reference(value):
                reason = "only its name would travel, which is another function's elsewhere"
                raise pickle.PicklingError(f"{value!r}: {reason}")
            return super().reducer_override(value)

    return Pickler(file, protocol)


class _Variables:
    """The variables of the closures in a pickle, which gives each function its own."""

    def __init__(self) -> None:
        self._users: dict[int, set[int]] = {}
        self._changed: set[int] = set()

    def check(self, function: FunctionType) -> None:
        """Raise ``PicklingError`` if it shares a variable, which one of them changes."""
        if not function.__closure__:
            return
        instructions = dis.get_instructions(function)
        stored = {one.argval for one in instructions if one.opname == "STORE_DEREF"}
        for name, cell in zip(function.__code__.co_freevars, function.__closure__, strict=True):
            users = self._users.setdefault(id(cell), set())
            users.add(id(function))
            if name in stored:
                self._changed.add(id(cell))
            if len(users) > 1 and id(cell) in self._changed:
                reason = f"it shares the variable {name!r}, which changes, with another function"
                raise pickle.PicklingError(f"{function!r}: {reason}")


def _is_reference(value: Any) -> bool:
    """Return whether an object pickles as a name, though it is no function by value."""
    return not isinstance(value, FunctionType) and isinstance(value.__reduce_ex__(4), str)


def _check_class(class_: type) -> None:
    """Raise ``PicklingError`` for a class that no receiver would get as it is."""
    if issubclass(class_, Enum):
        _check_enum(class_)
    if issubclass(class_, tuple) and hasattr(class_, "_fields"):
        version = metadata.version("cloudpickle").split(".")
        if tuple(int(part) for part in version[:3]) < _NAMED_TUPLES:
            raise pickle.PicklingError(f"{class_!r}: a named tuple")
    if sys.version_info >= (3, 14):
        if any(isinstance(one, partialmethod) for one in vars(class_).values()):
            raise pickle.PicklingError(f"{class_!r}: a partial method cannot be unpickled")
        if getattr(class_, "__annotations__", None):
            raise pickle.PicklingError(f"{class_!r}: its annotations would be lost")
    if _required_keywords(class_):
        raise pickle.PicklingError(f"{class_!r}: the arguments of its class statement are lost")


def _check_enum(class_: type[Enum]) -> None:
    """Raise ``PicklingError`` for an enum that is more than the names and values of its members."""
    members = list(class_)
    if len(members) < len(class_.__members__):
        raise pickle.PicklingError(f"{class_!r}: names that no member has first would be lost")
    if any(vars(member).keys() - _OF_MEMBERS for member in members):
        raise pickle.PicklingError(f"{class_!r}: attributes of its members would be lost")


def _required_keywords(class_: type) -> bool:
    """Return whether a base class requires arguments in the class statement."""
    hooks = [vars(base).get("__init_subclass__") for base in class_.__mro__[1:]]
    written = [hook.__func__ for hook in hooks if isinstance(hook, classmethod)]
    return any(
        one.kind is Parameter.KEYWORD_ONLY and one.default is Parameter.empty
        for hook in written[:1]
        for one in signature(hook).parameters.values()
    )
