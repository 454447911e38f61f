"""The parts of every story: two worlds, the steps so far, and the judge at the end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis.stateful import MultipleResults, RuleBasedStateMachine, multiple

from conformance.suite.model.steps import Step, Story, Violation
from conformance.suite.model.trees import Function, callees, function_of
from conformance.suite.model.world import World


class Broken(Exception):
    """Raised for a story that breaks a clause; a subclass for each clause keeps them apart."""


Judge = Callable[[Story], "Violation | None"]

_MAKERS = frozenset(
    (
        *("make_session", "toggle", "start_thread", "make_class", "define_on_class", "define"),
        *("build", "encode", "pickle", "decode", "unpickle", "copy", "flood"),
    )
)
"""The operations that make something with a number."""


class Telling(RuleBasedStateMachine):
    """A story that is drawn; when it is over, ``judge`` plays it."""

    judge: Judge
    known: frozenset[str] = frozenset()
    errors: dict[str, type[Broken]]

    def __init__(self) -> None:
        super().__init__()
        self.subject, self.reference = World(self.known), World()
        self.steps: list[Step] = []
        self.made = 0

    def step(self, operation: str, thread: int = 0, **arguments: Any) -> int:
        """Take a step; return the number of what it makes."""
        if operation in _MAKERS:
            self.made += 1
            arguments = {"new": self.made, **arguments}
        expected = (
            world.predict(operation, thread, arguments) for world in (self.subject, self.reference)
        )
        self.steps.append(Step(operation, thread, arguments, *expected))
        return self.made

    def expression(self, made: int) -> int | MultipleResults[int]:
        """Return a new expression for its bundle, or nothing where none came of it."""
        there = made in self.subject.expressions or made in self.reference.expressions
        return made if there else multiple()

    def called(self, function: int) -> int:
        """Return a call of a new function."""
        return self.step("build", shape="call", outer=function, inner=function)

    @property
    def functions(self) -> dict[int, Function]:
        """The functions of the story."""
        return self.subject.functions

    def in_form(self, expression: int, *, inline: bool) -> int:
        """Encode an expression with a new session; return the number of the message."""
        session = self.step("toggle", session=self.step("make_session"), enabled=inline)
        return self.step("encode", expression=expression, session=session)

    def function_at(self, place: int, like: int | None = None) -> int:
        """Return one of the functions that there are, of the name of an expression's if given."""
        tree = None if like is None else self.reference.expressions.get(like)
        wanted = {(one.family, one.name) for one in map(function_of, callees(tree))}
        functions = [
            id_
            for id_, one in self.subject.functions.items()
            if not wanted or (one.family, one.name) in wanted
        ]
        return (functions or [*self.subject.functions])[place % max(1, len(functions))]

    def message(self, made: int) -> int | MultipleResults[int]:
        """Return a new message for its bundle, or nothing where none came of it."""
        there = made in self.subject.messages or made in self.reference.messages
        return made if there else multiple()

    def class_at(self, place: int) -> int:
        """Return one of the classes that there are."""
        classes = list(self.subject.cells)
        return classes[place % len(classes)]

    def teardown(self) -> None:
        self.step("check")
        violation = type(self).judge(self.steps)
        if violation:
            raise self.errors[violation.clause](violation.message)
