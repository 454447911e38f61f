"""Faults of CODE: what a pickler loses of Python code."""

from __future__ import annotations

import collections
import dataclasses
import functools
import io
import pickle
import sys
import types
from collections.abc import Callable
from typing import Any

import cloudpickle
import pyarrow as pa

from conformance.subjects.engine import Engine
from tasks.faults.fault import breaks

_pickler: Any = cloudpickle.Pickler
_internal: Any = cloudpickle.cloudpickle


class Reduces(Engine):
    """An engine whose pickler reduces the objects of the one type in ``of`` by ``reduce``."""

    of: tuple[Any]
    reduce: Callable[[Any], tuple[Any, ...]]

    def __init__(self) -> None:
        super().__init__()
        _pickler._dispatch_table[self.of[0]] = self.reduce


class ChangesFunctions(Engine):
    """An engine that changes the attributes and the slots of each function that it pickles."""

    change: Callable[[dict[str, Any], dict[str, Any]], object]

    def __init__(self) -> None:
        super().__init__()
        original = _internal._function_getstate

        def getstate(function: Any) -> Any:
            attributes, slots = original(function)
            type(self).change(attributes, slots)
            return attributes, slots

        _internal._function_getstate = getstate


@breaks("CODE-01")
class LosesKeywordDefaults(ChangesFunctions):
    """Lose the defaults of keyword-only arguments."""

    change = staticmethod(lambda _, slots: slots.update(__kwdefaults__=None))


def _lose_of_methods(_attributes: dict[str, Any], slots: dict[str, Any]) -> None:
    if "." in slots["__qualname__"]:
        slots["__kwdefaults__"] = None


@breaks("CODE-01")
class DefaultsOfMethodsAreLost(ChangesFunctions):
    """Lose the defaults of keyword-only arguments of methods."""

    change = staticmethod(_lose_of_methods)


@breaks("CODE-01")
class LosesAttributesOfFunctions(ChangesFunctions):
    """Lose the attributes of functions."""

    change = staticmethod(lambda attributes, _: attributes.clear())


@breaks("CODE-01")
class LosesPrivateAttributes(ChangesFunctions):
    """Lose the attributes of functions whose names begin with an underscore."""

    @staticmethod
    def change(attributes: dict[str, Any], _slots: dict[str, Any]) -> None:
        for name in [name for name in attributes if name.startswith("_")]:
            del attributes[name]


@breaks("CODE-01")
class LosesAnnotations(ChangesFunctions):
    """Lose the annotations of functions."""

    change = staticmethod(lambda _, slots: slots.pop("__annotations__", None))


class _ForgetsOfFunctions(Engine):
    """An engine that decodes the callable of a scalar UDF without an attribute."""

    attribute: str

    def __init__(self) -> None:
        super().__init__()
        loads = cloudpickle.loads

        def forgetful(data: bytes) -> Any:
            made = loads(data)
            if isinstance(made, tuple) and isinstance(made[1], types.FunctionType):
                setattr(made[1], self.attribute, None)
            return made

        cloudpickle.loads = forgetful


@breaks("CODE-01")
class FunctionsHaveNoAttributes(_ForgetsOfFunctions):
    """Decode a function without its attributes."""

    attribute = "factor"


@breaks("CODE-01")
class FunctionsHaveNoDocstring(_ForgetsOfFunctions):
    """Decode a function without its docstring."""

    attribute = "__doc__"


@breaks("CODE-01")
class FunctionsKnowNoModule(Engine):
    """Decode a function without the name of its module among its globals."""

    def __init__(self) -> None:
        super().__init__()
        loads = cloudpickle.loads

        def forgetful(data: bytes) -> Any:
            made = loads(data)
            if isinstance(made, tuple) and isinstance(made[1], types.FunctionType):
                made[1].__globals__.pop("__name__", None)
            return made

        cloudpickle.loads = forgetful


@breaks("CODE-01")
class OnlyCodeIsPickled(Engine):
    """Pickle no callable that has no code of Python."""

    def __init__(self) -> None:
        super().__init__()
        dumps = cloudpickle.dumps

        def picky(content: Any) -> bytes:
            if isinstance(content[1], types.BuiltinFunctionType | type(pa.array)):
                raise pickle.PicklingError("no code")
            data: bytes = dumps(content)
            return data

        cloudpickle.dumps = picky


class _Wary(pickle.Unpickler):
    """An unpickler that finds nothing in the modules of the system."""

    def find_class(self, module: str, name: str) -> Any:
        if module in ("os", "posix", "nt", "sys", "subprocess"):
            raise pickle.UnpicklingError(f"{module}.{name} is not allowed")
        return super().find_class(module, name)


@breaks("CODE-01")
class SystemFunctionsAreRefused(Engine):
    """Refuse payloads that refer to a function of a module of the system."""

    def __init__(self) -> None:
        super().__init__()
        cloudpickle.loads = lambda data: _Wary(io.BytesIO(data)).load()


@breaks("CODE-01")
class FunctionsHaveGlobalsOfTheirOwn(Engine):
    """Give each function of a payload a copy of the globals that they share."""

    def __init__(self) -> None:
        super().__init__()

        class Pickler(_pickler):  # type: ignore[misc]
            def _function_getnewargs(self, function: Any) -> Any:
                self.globals_ref: dict[int, Any] = {}
                return super()._function_getnewargs(function)

        _internal.Pickler = Pickler


@breaks("CODE-01")
class InnermostFunctionsLoseGlobals(Engine):
    """Lose the globals that only a function in a function in a function uses."""

    def __init__(self) -> None:
        super().__init__()

        def names(code: types.CodeType, depth: int = 0) -> dict[str, None]:
            found = dict.fromkeys(_internal._walk_global_ops(code))
            for inner in code.co_consts:
                if isinstance(inner, types.CodeType) and depth < 2:
                    found |= names(inner, depth + 1)
            return found

        _internal._extract_code_globals = names


class _ChangesClasses(Engine):
    """An engine that changes the attributes of each class that it pickles."""

    change: Callable[[dict[str, Any]], object]

    def __init__(self) -> None:
        super().__init__()
        original = _internal._class_getstate

        def getstate(class_: type) -> Any:
            attributes, slots = original(class_)
            type(self).change(attributes)
            return attributes, slots

        _internal._class_getstate = getstate


@breaks("CODE-01")
class VirtualSubclassesAreLost(_ChangesClasses):
    """Lose what was registered as a subclass of an abstract class."""

    change = staticmethod(lambda one: one.update(_abc_impl=[]) if "_abc_impl" in one else None)


@breaks("CODE-01")
class AnnotationsOfClassesAreLost(_ChangesClasses):
    """Lose the annotations of classes, as happens since Python 3.14."""

    change = staticmethod(lambda attributes: attributes.pop("__annotations__", None))


@breaks("CODE-01")
class PartialMethodsForgetArguments(Reduces):
    """Lose the arguments of a partial method."""

    of = (functools.partialmethod,)
    reduce = staticmethod(lambda method: (functools.partialmethod, (method.func,)))


@breaks("CODE-01")
class FieldsOfDataclassesAreCopies(Reduces):
    """Copy the mark by which ``dataclasses`` knows a field, as cloudpickle 2 did."""

    of = (dataclasses._FIELD_BASE,)  # type: ignore[attr-defined]
    reduce = staticmethod(lambda mark: (dataclasses._FIELD_BASE, (mark.name,)))  # type: ignore[attr-defined]


@breaks("CODE-01")
class MethodsAreLookedUp(Reduces):
    """Look up a bound method by its name, which another class may have overridden."""

    of = (types.MethodType,)
    reduce = staticmethod(lambda method: (getattr, (method.__self__, method.__func__.__name__)))


def _content(cell: types.CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:
        return None


@breaks("CODE-01")
class UnsetVariablesAreNone(Reduces):
    """Write None for a variable of a closure that has no value."""

    of = (types.CellType,)
    reduce = staticmethod(lambda cell: (types.CellType, (_content(cell),)))


@breaks("CODE-01")
class PropertiesAreReadOnly(Reduces):
    """Lose the setter and the deleter of a property."""

    of = (property,)
    reduce = staticmethod(lambda own: (property, (own.fget,)))


@breaks("CODE-01")
class FactoriesOfDictsAreLost(Reduces):
    """Write a defaultdict as a dict."""

    of = (collections.defaultdict,)
    reduce = staticmethod(lambda counts: (dict, (dict(counts),)))


def from_start(type_: pa.DataType, length: int, content: list[bytes | None]) -> pa.Array:
    """Return an array of the first values in its buffers."""
    return pa.Array.from_buffers(type_, length, [one and pa.py_buffer(one) for one in content])


@breaks("CODE-01")
class SlicesBeginAtTheStart(Reduces):
    """Lose the offset of a sliced array of numbers."""

    of = (pa.Int64Array,)

    @staticmethod
    def reduce(array: pa.Array) -> tuple[Any, ...]:
        content = [one and one.to_pybytes() for one in array.buffers()]
        return from_start, (array.type, len(array), content)


@breaks("CODE-02")
class GlobalsAreThoseOfTheScriptHere(Engine):
    """Give decoded functions of a script the globals of the script that runs here."""

    def __init__(self) -> None:
        super().__init__()
        make = _internal._make_function

        def of_this_script(code: Any, globals_: Any, *rest: Any) -> Any:
            if globals_.get("__name__") == "__main__":
                globals_ = vars(sys.modules["__main__"])
            return make(code, globals_, *rest)

        of_this_script.__module__, of_this_script.__qualname__ = make.__module__, make.__qualname__
        _internal._make_function = of_this_script
