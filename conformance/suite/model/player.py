"""Do the steps of a story on one subject."""

from __future__ import annotations

import gc
from typing import Any

from conformance.catalogue.nodes import Binary, Builtin, Call, Col, Family, Node, Udf
from conformance.subjects.interface import Slot
from conformance.suite.model import callables
from conformance.suite.model.observer import Wrong
from conformance.suite.model.shipping import Shipping
from conformance.suite.model.steps import TEXTS, Expected, Step, Violation
from conformance.suite.model.threads import Worker


class Player(Shipping):
    """One subject in one story: a method for each operation."""

    def do(self, step: Step, expected: Expected, number: int) -> Violation | None:
        """Do one step; return what is wrong with it."""
        if not expected.there:
            return None
        try:
            getattr(self, step.operation)(expected, step.thread, **step.arguments)
        except Wrong as wrong:
            message = f"step {number}, {step}: {wrong.message}"
            return Violation(wrong.clause, wrong.kind, message, wrong.expected, wrong.seen, number)
        return None

    # Sessions, registries, slots, threads

    def make_session(self, _: Expected, thread: int, new: int) -> None:
        self.keep(new, self.run(thread, self.subject.session))

    def toggle(self, _: Expected, thread: int, new: int, session: int, enabled: bool) -> None:
        old = self.sessions[session]
        self.keep(new, self.run(thread, lambda: self.subject.with_inlining(old, enabled)))

    def keep(self, new: int, session: Any) -> None:
        self.sessions[new] = session
        self.ids[id(session)] = new

    def register(self, expected: Expected, thread: int, session: int, function: int) -> None:
        here, (_, one) = self.sessions[session], self.functions[function]
        self.expect(expected, thread, lambda: self.subject.register(here, one))

    def deregister(self, expected: Expected, thread: int, session: int, function: int) -> None:
        here, (_, one) = self.sessions[session], self.functions[function]
        self.expect(expected, thread, lambda: self.subject.deregister(here, one))

    def start_thread(self, expected: Expected, _: int, new: int, name: str | None) -> None:
        self.threads[new] = Worker(name)
        self.compare_slots(expected)

    def end_thread(self, expected: Expected, _: int, ended: int) -> None:
        self.threads.pop(ended).end()
        self.compare_slots(expected)

    def set_slot(self, expected: Expected, thread: int, slot: Slot, session: int) -> None:
        here = self.sessions[session]
        self.expect(expected, thread, lambda: self.subject.set_slot(slot, here))
        self.compare_slots(expected)

    def clear_slot(self, expected: Expected, thread: int, slot: Slot) -> None:
        self.expect(expected, thread, lambda: self.subject.clear_slot(slot))
        self.compare_slots(expected)

    # Functions and expressions

    def make_class(self, _: Expected, thread: int, new: int, family: Family, factor: int) -> None:
        del thread
        self.classes[new] = family, callables.make_class(family, factor, self.subject.bases)

    def change_class(self, _: Expected, thread: int, class_: int, factor: int) -> None:
        del thread
        self.classes[class_][1].factor = factor

    def define_on_class(
        self, expected: Expected, thread: int, new: int, class_: int, name: str
    ) -> None:
        family, made = self.classes[class_]
        self._define(expected, thread, new, family, name, callables.on_class(family, made))

    def define(
        self,
        expected: Expected,
        thread: int,
        new: int,
        family: Family,
        name: str,
        factor: int,
        locked: bool,
    ) -> None:
        made = callables.make_callable(family, name, factor, locked, self.subject.bases)
        self._define(expected, thread, new, family, name, made)

    def _define(
        self, expected: Expected, thread: int, new: int, family: Family, name: str, made: Any
    ) -> None:
        udf = callables.declare(family, name)
        function = self.expect(expected, thread, lambda: self.subject.function(udf, made))
        self.functions[new] = udf, function

    def build(
        self, expected: Expected, thread: int, new: int, shape: str, outer: int, inner: int
    ) -> None:
        (one, first), (other, second) = self.functions[outer], self.functions[inner]
        # Two declarations of one kind and name are equal; the expression needs both functions.
        other = other if other != one else _twin(other)
        node: Node = Call(one, (Col("a"),))
        if shape == "nested" and one.family == other.family == "scalar":
            node = Call(one, (Call(other, (Col("a"),)),))
        elif shape == "minus" and one.family == other.family == "scalar":
            node = Binary("-", node, Call(other, (Col("a"),)))
        elif shape == "abs" and one.family == "scalar":
            node = Builtin("abs", (node,))
        made = {one: first, other: second}
        expr = self.expect(expected, thread, lambda: self.subject.expr(node, made))
        self.take(expected, thread, new, expr, aggregate=one.family == "aggregate")

    # Later

    def evaluate(self, expected: Expected, thread: int, expression: int) -> None:
        self.compare(expected, thread, self.expressions[expression], expression in self.aggregates)

    def drop(self, _: Expected, thread: int, expression: int) -> None:
        del thread
        self.expressions.pop(expression, None)

    def drop_session(self, _: Expected, thread: int, session: int) -> None:
        del thread
        del self.sessions[session]

    def collect(self, expected: Expected, _: int) -> None:
        gc.collect()
        self.compare_slots(expected)

    def check(self, expected: Expected, thread: int) -> None:
        self.compare_slots(expected)
        for one, wanted in (expected.values or {}).items():
            this = Expected(clause=expected.clause, value=wanted)
            self.compare(this, thread, self.expressions[one], one in self.aggregates)
            if (text := self.subject.display(self.expressions[one])) != self.texts[one]:
                raise Wrong(TEXTS, "wrong-value", "another name", self.texts[one], text)
        for udf, function in self.functions.values():
            if (name := self.subject.function_name(function)) != udf.name:
                raise Wrong(TEXTS, "wrong-value", "another name of a UDF", udf.name, name)


def _twin(udf: Udf) -> Udf:
    return Udf(f"{udf.id}/2", udf.family, udf.name, "", udf.inputs, udf.returns, udf.state)
