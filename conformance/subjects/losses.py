"""The parts of Python code that cloudpickle does not keep, though it raises no error."""

from __future__ import annotations

import dis
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from functools import partialmethod
from importlib import import_module, metadata
from inspect import Parameter, signature
from types import FunctionType
from typing import Any

ANNOTATIONS = "its annotations are lost"

_OF_MEMBERS = {"_value_", "_name_", "__objclass__", "_sort_order_"}
"""The attributes that every member of an enum has."""

_NAMED_TUPLES = (2, 2, 1)
"""The first version of cloudpickle that pickles classes made by ``typing.NamedTuple``."""


class Losses:
    """Looks at the objects of a message, one after the other."""

    def __init__(self) -> None:
        self._users: dict[int, set[int]] = {}
        self._changed: set[int] = set()

    def of(self, value: Any) -> str:
        """Return what no receiver gets of an object that is pickled; empty if it gets all."""
        if isinstance(value, FunctionType | type) and _is_by_reference(value):
            return ""
        if isinstance(value, FunctionType):
            return self._of_function(value)
        if isinstance(value, type):
            return next(_of_class(value), "")
        if isinstance(value, BaseException) and value.__cause__ is not None:
            return "its cause is lost"
        if getattr(value, "__module__", "") == "__main__" and _is_name(value):
            return "only its name would travel, which is another object's elsewhere"
        return ""

    def _of_function(self, function: FunctionType) -> str:
        """Look for a variable that it shares with another function, and that one of them changes.

        cloudpickle gives each function variables of its own.
        """
        if not function.__closure__:
            return ""
        instructions = dis.get_instructions(function)
        stored = {one.argval for one in instructions if one.opname == "STORE_DEREF"}
        for name, cell in zip(function.__code__.co_freevars, function.__closure__, strict=True):
            users = self._users.setdefault(id(cell), set())
            users.add(id(function))
            if name in stored:
                self._changed.add(id(cell))
            if len(users) > 1 and id(cell) in self._changed:
                return f"it no longer shares the variable {name!r}, which changes, with a function"
        return ""


@contextmanager
def watched() -> Iterator[dict[str, str]]:
    """Yield what is lost of the objects that cloudpickle pickles in the block, by their names."""
    pickler: Any = import_module("cloudpickle").CloudPickler
    original, losses, found = pickler.reducer_override, Losses(), dict[str, str]()

    def reducer_override(self: Any, value: Any) -> Any:
        if lost := losses.of(value):
            found[getattr(value, "__qualname__", type(value).__qualname__)] = lost
        return original(self, value)

    pickler.reducer_override = reducer_override
    try:
        yield found
    finally:
        pickler.reducer_override = original


@contextmanager
def unpicklable() -> Iterator[dict[str, str]]:
    """Yield the errors of the payloads that cannot be pickled in the block, by the UDFs' names.

    The engine drops such an error in an expression and in a logical plan: the name travels alone.
    """
    pickler: Any = import_module("cloudpickle").CloudPickler
    original, found = pickler.dump, dict[str, str]()

    def dump(self: Any, value: Any) -> Any:
        try:
            return original(self, value)
        except BaseException as error:
            if isinstance(value, tuple) and value and isinstance(value[0], str):
                found[value[0]] = " ".join(f"{type(error).__name__}: {error}".split())
            raise

    pickler.dump = dump
    try:
        yield found
    finally:
        pickler.dump = original


def _is_by_reference(value: FunctionType | type) -> bool:
    by_reference: bool = import_module("cloudpickle.cloudpickle")._should_pickle_by_reference(value)
    return by_reference


def _is_name(value: Any) -> bool:
    """Return whether an object pickles as a name, though it is no function and no class."""
    return isinstance(value.__reduce_ex__(4), str)


def _of_class(class_: type) -> Iterator[str]:
    if issubclass(class_, Enum):
        members = list(class_)
        if len(members) < len(class_.__members__):
            yield "its aliases are lost"
        if any(vars(member).keys() - _OF_MEMBERS for member in members):
            yield "the attributes of its members are lost"
    if issubclass(class_, tuple) and hasattr(class_, "_fields"):
        version = metadata.version("cloudpickle").split(".")
        if tuple(int(part) for part in version[:3]) < _NAMED_TUPLES:
            yield "a named tuple cannot be unpickled"
    if _required_keywords(class_):
        yield "the arguments of its class statement are lost"
    for name in _lists_of_hook(class_):
        yield f"__init_subclass__ runs again there, with the list {name!r} that it used here"
    if sys.version_info >= (3, 14):
        if any(isinstance(one, partialmethod) for one in vars(class_).values()):
            yield "its partial method cannot be unpickled"
        # Python keeps them once they were asked for; to ask here would change what is sent.
        if vars(class_).get("__annotate_func__") and "__annotations_cache__" not in vars(class_):
            yield ANNOTATIONS


def _required_keywords(class_: type) -> bool:
    """Return whether a base class requires arguments in the class statement."""
    return any(
        one.kind is Parameter.KEYWORD_ONLY and one.default is Parameter.empty
        for hook in _hooks(class_)
        for one in signature(hook).parameters.values()
    )


def _lists_of_hook(class_: type) -> list[str]:
    """Return the lists to which an ``__init_subclass__`` that travels by value has access."""
    return [
        name
        for hook in _hooks(class_)
        if not _is_by_reference(hook)
        for name in hook.__code__.co_names
        if isinstance(hook.__globals__.get(name), list)
    ]


def _hooks(class_: type) -> list[Any]:
    """Return the ``__init_subclass__`` that Python called for a class, if it is a function."""
    hooks = [vars(base).get("__init_subclass__") for base in class_.__mro__[1:]]
    return [hook.__func__ for hook in hooks if isinstance(hook, classmethod)][:1]
