"""Faults of CODE: what a pickler loses of closures, constants and partials."""

from __future__ import annotations

import functools
import types
from collections.abc import Callable
from typing import Any

import cloudpickle

from tasks.faults.engine.code import ChangesFunctions, Reduces
from tasks.faults.fault import breaks

_internal: Any = cloudpickle.cloudpickle


def _lose_of_closures(_attributes: dict[str, Any], slots: dict[str, Any]) -> None:
    if slots["__closure__"]:
        slots["__kwdefaults__"] = None


@breaks("CODE-01")
class DefaultsOfClosuresAreLost(ChangesFunctions):
    """Lose the defaults of keyword-only arguments of functions with a closure."""

    change = staticmethod(_lose_of_closures)


class ChangesVariables(ChangesFunctions):
    """An engine that changes what the variables of each closure hold."""

    value: Callable[[Any], Any]

    @classmethod
    def change(cls, _attributes: dict[str, Any], slots: dict[str, Any]) -> None:
        slots["__closure__"] = tuple(map(cls._changed, slots["__closure__"] or ())) or None

    @classmethod
    def _changed(cls, cell: types.CellType) -> types.CellType:
        try:
            return types.CellType(cls.value(cell.cell_contents))
        except ValueError:  # it has no value
            return cell


@breaks("CODE-01")
class ListsInVariablesAreCopies(ChangesVariables):
    """Give each variable of a closure a list of its own."""

    value = staticmethod(lambda value: [*value] if isinstance(value, list) else value)


class _ChangesConstants(Reduces):
    """An engine that changes the constants of code."""

    of = (types.CodeType,)
    constants: Callable[[tuple[Any, ...]], tuple[Any, ...]]

    def reduce(self, code: types.CodeType) -> tuple[Any, ...]:
        changed = code.replace(co_consts=self.constants(code.co_consts))
        reduced: tuple[Any, ...] = _internal._code_reduce(changed)
        return reduced


@breaks("CODE-01")
class ConstantsHaveNoSurrogates(_ChangesConstants):
    """Write a question mark for what no UTF-8 has in the texts of code."""

    @staticmethod
    def constants(all_: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(
            one.encode("utf-8", "replace").decode() if isinstance(one, str) else one for one in all_
        )


@breaks("CODE-01")
class ConstantsAreAHundred(_ChangesConstants):
    """Write None for the constants of code past the first hundred."""

    constants = staticmethod(lambda all_: all_[:100] + (None,) * len(all_[100:]))


class _ReducesPartials(Reduces):
    """An engine that writes the keywords of each partial as ``keywords`` says."""

    of = (functools.partial,)
    keywords: Callable[[functools.partial[Any]], dict[str, Any]]

    def reduce(self, partial: functools.partial[Any]) -> tuple[Any, ...]:
        state = partial.func, partial.args, self.keywords(partial), vars(partial)
        return functools.partial, (partial.func,), state


@breaks("CODE-01")
class PartialsForgetNone(_ReducesPartials):
    """Lose the keywords of a partial whose value is None."""

    keywords = staticmethod(
        lambda one: {key: value for key, value in one.keywords.items() if value is not None}
    )


@breaks("CODE-01")
class PartialsOfClassesForgetKeywords(_ReducesPartials):
    """Lose the keywords of a partial of a class."""

    keywords = staticmethod(lambda one: {} if isinstance(one.func, type) else one.keywords)
