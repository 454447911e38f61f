"""The model: plain state from which every step can be predicted without a codec."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any, get_args

from conformance.catalogue.nodes import Family
from conformance.suite.model.places import ABS, BUILTIN, Places, Session
from conformance.suite.model.steps import FORM, NAMES, REFUSAL, RESULT, STILL, Expected
from conformance.suite.model.trees import (
    Absolute,
    Apply,
    Cell,
    Function,
    Inline,
    Minus,
    Named,
    Tree,
    callees,
    function_of,
    has_absolute,
    rewrite,
    value,
)

_NOWHERE = Expected(there=False)


class World(Places):
    """All that exists for one subject. ``known`` are the divergences that the subject has."""

    def __init__(self, known: frozenset[str] = frozenset()) -> None:
        super().__init__(known)
        self.cells: dict[int, tuple[Family, Cell]] = {}
        self.expressions: dict[int, Tree] = {}
        self.messages: dict[int, Tree] = {}

    # Functions and expressions

    def make_class(self, _: int, new: int, family: Family, factor: int) -> Expected:
        self.cells[new] = family, Cell(factor)
        return Expected()

    def change_class(self, _: int, class_: int, factor: int) -> Expected:
        self.cells[class_][1].factor = factor
        return Expected()

    def define_on_class(self, _: int, new: int, class_: int, name: str) -> Expected:
        family, cell = self.cells[class_]
        self.functions[new] = Function(family, name, cell)
        return Expected()

    def define(
        self, _: int, new: int, family: Family, name: str, factor: int, locked: bool
    ) -> Expected:
        self.functions[new] = Function(family, name, Cell(factor), locked)
        return Expected()

    def build(self, _: int, new: int, shape: str, outer: int, inner: int) -> Expected:
        one, other = self.functions[outer], self.functions[inner]
        scalars = one.family == other.family == "scalar"
        if shape == "nested" and scalars:
            tree: Tree = Apply(one, Apply(other))
        elif shape == "minus" and scalars:
            tree = Minus(Apply(one), Apply(other))
        elif shape == "abs" and one.family == "scalar":
            tree = Absolute(Apply(one))
        else:
            tree = Apply(one)
        self.expressions[new] = tree
        return Expected(value=self.value(tree), clause=RESULT)

    def value(self, tree: Tree) -> list[int]:
        """Return the result of an expression at this moment."""
        return value(tree, merges="namesakes-merge" in self.known)

    # Bytes

    def encode(self, thread: int, new: int, expression: int, session: int | None) -> Expected:
        ignored = "sender-slot-not-asked-by-to-bytes" in self.known and session is None
        inlines = True if ignored else self.encoder(thread, session)
        return self._encoded(new, expression, inlines)

    def pickle(self, thread: int, new: int, expression: int, route: str, protocol: int) -> Expected:
        del route, protocol
        return self._encoded(new, expression, self.encoder(thread, None))

    def _encoded(self, new: int, expression: int, inlines: bool) -> Expected:
        if expression not in self.expressions:
            return _NOWHERE
        written = self._written(self.expressions[expression], inlines)
        if written is None:
            return Expected(frozenset({"error"}), FORM)
        self.messages[new] = written
        counts = Counter(one.function.family for one in callees(written) if isinstance(one, Inline))
        scalar, aggregate, window = (counts[family] for family in get_args(Family))
        return Expected(clause=FORM, frames=(scalar, aggregate, window))

    def _written(self, tree: Tree, inlines: bool) -> Tree | None:
        """Return the tree as it is in bytes, ``None`` if it cannot be encoded."""
        by_name = "unpicklable-leaves-by-name" in self.known

        def write(call: Apply) -> Tree:
            function = function_of(call.callee)
            if inlines and not function.locked:
                return Apply(Inline(function, function.cell.factor), call.argument)
            return Apply(Named(function.family, function.name), call.argument)

        locked = any(function_of(one).locked for one in callees(tree))
        if inlines and locked and not by_name:
            return None
        return rewrite(tree, write, lambda one: one)

    def decode(self, thread: int, new: int, message: int, session: int | None) -> Expected:
        if message not in self.messages:
            return _NOWHERE
        return self._decoded(new, self.messages[message], self.decoder(thread, session))

    def unpickle(self, thread: int, new: int, message: int, route: str) -> Expected:
        expected = self.decode(thread, new, message, None)
        # cloudpickle writes the engine's own methods by value: unpickling them is no breach.
        return replace(expected, quiet=False) if route == "cloudpickle" else expected

    def copy(self, thread: int, new: int, expression: int, how: str) -> Expected:
        del how
        if expression not in self.expressions:
            return _NOWHERE
        written = self._written(self.expressions[expression], self.encoder(thread, None))
        if written is None:
            return Expected(frozenset({"error"}), FORM)
        return self._decoded(new, written, self.decoder(thread, None))

    def _decoded(self, new: int, written: Tree, session: Session) -> Expected:
        called = list(callees(written))
        inline = any(isinstance(one, Inline) for one in called)
        names = [(one.family, one.name) for one in called if isinstance(one, Named)]
        if self.one_registry and has_absolute(written):
            names.append(ABS)
        missing = {one for one in names if one not in session.registry}
        quiet = not (inline and session.inlines)
        outcomes = [
            *(["refused"] if inline and not session.inlines else []),
            *(["unresolved"] if missing else []),
        ]
        if outcomes:
            clause = REFUSAL if "refused" in outcomes else NAMES
            missed = frozenset(name for _, name in missing)
            nested = "nested-refusals-are-planning-errors" in self.known
            kinds = ("Execution", "Plan") if nested else ("Execution",)
            return Expected(frozenset(outcomes), clause, missed, kinds, quiet=quiet)
        tree = self._read(written, session)
        self.expressions[new] = tree
        clause = NAMES if names else RESULT
        return Expected(clause=clause, value=self.value(tree), quiet=quiet)

    def _read(self, written: Tree, session: Session) -> Tree:
        def read(call: Apply) -> Tree:
            callee = call.callee
            if isinstance(callee, Named):
                found = session.registry[callee.family, callee.name]
                return Absolute(call.argument) if found is BUILTIN else Apply(found, call.argument)
            assert isinstance(callee, Inline)
            function, factor = callee.function, callee.factor
            if "decoding-overwrites-classes" in self.known:
                function.cell.factor = factor
            else:
                function = Function(function.family, function.name, Cell(factor))
            return Apply(function, call.argument)

        def absolute(one: Absolute) -> Tree:
            found = session.registry[ABS] if self.one_registry else BUILTIN
            return one if found is BUILTIN else Apply(found, one.argument)

        tree = rewrite(written, read, absolute)
        assert tree is not None
        return tree

    def flood(self, _: int, new: int, family: Family, name: str, number: int) -> Expected:
        self.expressions[new] = tree = Apply(Function(family, name, Cell(1 + number)))
        return Expected(value=self.value(tree), clause=RESULT)

    # Later

    def evaluate(self, _: int, expression: int) -> Expected:
        if expression not in self.expressions:
            return _NOWHERE
        return Expected(value=self.value(self.expressions[expression]), clause=STILL)

    def drop(self, _: int, expression: int) -> Expected:
        self.expressions.pop(expression, None)
        return Expected()

    def collect(self, _: int) -> Expected:
        return self.all_slots()

    def check(self, _: int) -> Expected:
        values = {one: self.value(tree) for one, tree in self.expressions.items()}
        return Expected(clause=STILL, values=values, slots=self.all_slots().slots)

    def predict(self, operation: str, thread: int, arguments: dict[str, Any]) -> Expected:
        """Do a step, and return what it must show."""
        expected: Expected = getattr(self, operation)(thread, **arguments)
        return expected
