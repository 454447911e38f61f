"""The state machine: hypothesis chooses the steps, and shrinks the story that breaks a clause."""

from __future__ import annotations

import pickle
from typing import get_args

from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    consumes,
    initialize,
    multiple,
    precondition,
    rule,
)

from conformance.catalogue.nodes import Family
from conformance.suite.model.routes import ROUTES
from conformance.suite.model.telling import Telling

NAMES = ("f", "abs")
FACTORS = st.integers(-3, 9)
THREAD_NAMES = ("worker", "MainThread", None)

_REGISTERING = ("register", "register", "deregister")
_TOGGLES = st.sampled_from(
    [[True], [False], [False], [True, False], [False, True, False], [True, True, False]]
)
_PLACES = st.integers(0, 7)
_RARELY = st.sampled_from((False, False, False, True))

families = st.sampled_from(get_args(Family))
names = st.sampled_from(NAMES)
slots = st.sampled_from(("sender", "worker"))
routes = st.sampled_from(ROUTES)
protocols = st.integers(0, pickle.HIGHEST_PROTOCOL)

_MOST = 5
"""The most sessions, threads and functions that a story makes: few are used again more often."""


class Machine(Telling):
    """The rules by which a story goes on."""

    sessions: Bundle[int] = Bundle("sessions")
    threads: Bundle[int] = Bundle("threads")
    expressions: Bundle[int] = Bundle("expressions")
    messages: Bundle[int] = Bundle("messages")
    pickles: Bundle[tuple[int, str]] = Bundle("pickles")
    _MAYBE = st.one_of(sessions, sessions, st.none())

    @initialize(target=sessions)
    def global_session(self) -> int:
        return 0

    @initialize(target=threads)
    def main_thread(self) -> int:
        return 0

    @initialize(target=sessions, enabled=st.booleans())
    def other_session(self, enabled: bool) -> int:
        return self.step("toggle", session=self.step("make_session"), enabled=enabled)

    @initialize(target=expressions, family=families, name=names, factor=FACTORS)
    def first(self, family: Family, name: str, factor: int) -> int:
        return self.called(
            self.step("define", family=family, name=name, factor=factor, locked=False)
        )

    # Sessions, registries, slots, threads

    @precondition(lambda self: len(self.subject.sessions) < 2 * _MOST)
    @rule(target=sessions, session=_MAYBE, toggles=_TOGGLES)
    def derive(self, session: int | None, toggles: list[bool]) -> int:
        made = self.step("make_session") if session is None else session
        for enabled in toggles:
            made = self.step("toggle", session=made, enabled=enabled)
        return made

    @rule(session=sessions, place=_PLACES, how=st.sampled_from(_REGISTERING))
    def register(self, session: int, place: int, how: str) -> None:
        self.step(how, session=session, function=self.function_at(place))

    @precondition(lambda self: len(self.subject.slots) < _MOST)
    @rule(target=threads, name=st.sampled_from(THREAD_NAMES), slot=slots, session=_MAYBE)
    def start_thread(self, name: str | None, slot: str, session: int | None) -> int:
        thread = self.step("start_thread", name=name)
        if session is not None:
            self.step("set_slot", thread, slot=slot, session=session)
        return thread

    @rule(target=threads, thread=consumes(threads))
    def end_thread(self, thread: int) -> int | MultipleResults[int]:
        if thread == 0:
            return 0
        self.step("end_thread", ended=thread)
        return multiple()

    @rule(thread=threads, slot=slots, session=_MAYBE)
    def fill_slot(self, thread: int, slot: str, session: int | None) -> None:
        if session is None:
            self.step("clear_slot", thread, slot=slot)
        else:
            self.step("set_slot", thread, slot=slot, session=session)

    # Functions and expressions

    @precondition(lambda self: len(self.subject.functions) < 2 * _MOST)
    @rule(target=expressions, family=families, name=names, factor=FACTORS, locked=_RARELY)
    def define(self, family: Family, name: str, factor: int, locked: bool) -> int:
        return self.called(
            self.step("define", family=family, name=name, factor=factor, locked=locked)
        )

    @rule(
        target=expressions, family=families, name=names, factor=FACTORS, place=st.none() | _PLACES
    )
    def define_on_class(self, family: Family, name: str, factor: int, place: int | None) -> int:
        if place is None or not self.subject.cells:
            class_ = self.step("make_class", family=family, factor=factor)
        else:
            class_ = self.class_at(place)
        return self.called(self.step("define_on_class", class_=class_, name=name))

    @precondition(lambda self: self.subject.cells)
    @rule(place=_PLACES, factor=FACTORS)
    def change_class(self, place: int, factor: int) -> None:
        self.step("change_class", class_=self.class_at(place), factor=factor)

    @rule(
        target=expressions,
        shape=st.sampled_from(("nested", "minus", "abs")),
        outer=_PLACES,
        inner=_PLACES,
    )
    def build(self, shape: str, outer: int, inner: int) -> int:
        one, other = self.function_at(outer), self.function_at(inner)
        return self.step("build", shape=shape, outer=one, inner=other)

    # Bytes

    @rule(target=messages, thread=threads, expression=expressions, session=_MAYBE)
    def encode(
        self, thread: int, expression: int, session: int | None
    ) -> int | MultipleResults[int]:
        return self.message(self.step("encode", thread, expression=expression, session=session))

    @rule(target=expressions, thread=threads, message=messages, session=_MAYBE)
    def decode(self, thread: int, message: int, session: int | None) -> int | MultipleResults[int]:
        return self.expression(self.step("decode", thread, message=message, session=session))

    @rule(
        target=expressions,
        sender=threads,
        receiver=threads,
        expression=expressions,
        sends=_MAYBE,
        receives=_MAYBE,
        registered=st.none() | _PLACES,
    )
    def ship(
        self,
        sender: int,
        receiver: int,
        expression: int,
        sends: int | None,
        receives: int | None,
        registered: int | None,
    ) -> int | MultipleResults[int]:
        message = self.step("encode", sender, expression=expression, session=sends)
        if registered is not None:
            function = self.function_at(registered, like=expression)
            self.step("register", session=receives or 0, function=function)
        return self.expression(self.step("decode", receiver, message=message, session=receives))

    @rule(
        target=expressions,
        expression=expressions,
        receives=sessions,
        other=st.none() | sessions,
        factor=FACTORS,
    )
    def ship_by_name(
        self, expression: int, receives: int, other: int | None, factor: int
    ) -> int | MultipleResults[int]:
        """Ship an expression by name and then inline; its name gets another function between."""
        message = self.in_form(expression, inline=False)
        function = self.functions[self.function_at(0, like=expression)]
        self.step("register", session=receives, function=self.function_at(0, like=expression))
        family, name = function.family, function.name
        new = self.step("define", family=family, name=name, factor=factor, locked=False)
        self.step("register", session=receives, function=new)
        if other is not None:
            self.step("deregister", session=other, function=new)
        decoded = self.step("decode", message=message, session=receives)
        message = self.in_form(expression, inline=True)
        self.step("decode", message=message, session=receives)
        return self.expression(decoded)

    @rule(target=expressions, family=families, name=names, factor=FACTORS)
    def ship_class(self, family: Family, name: str, factor: int) -> int | MultipleResults[int]:
        """Ship a UDF on a class of its own, inline."""
        class_ = self.step("make_class", family=family, factor=factor)
        function = self.step("define_on_class", class_=class_, name=name)
        message = self.in_form(self.called(function), inline=True)
        receiver = self.step("make_session")
        return self.expression(self.step("decode", message=message, session=receiver))

    @rule(target=pickles, thread=threads, expression=expressions, route=routes, protocol=protocols)
    def pickle(
        self, thread: int, expression: int, route: str, protocol: int
    ) -> tuple[int, str] | MultipleResults[tuple[int, str]]:
        made = self.step("pickle", thread, expression=expression, route=route, protocol=protocol)
        return multiple() if isinstance(self.message(made), MultipleResults) else (made, route)

    @rule(target=expressions, thread=threads, pickled=pickles)
    def unpickle(self, thread: int, pickled: tuple[int, str]) -> int | MultipleResults[int]:
        message, route = pickled
        return self.expression(self.step("unpickle", thread, message=message, route=route))

    @rule(
        target=expressions,
        sender=threads,
        receiver=threads,
        expression=expressions,
        route=routes,
        protocol=protocols,
    )
    def ship_pickle(
        self, sender: int, receiver: int, expression: int, route: str, protocol: int
    ) -> int | MultipleResults[int]:
        made = self.step("pickle", sender, expression=expression, route=route, protocol=protocol)
        return self.expression(self.step("unpickle", receiver, message=made, route=route))

    @rule(
        target=expressions,
        thread=threads,
        expression=expressions,
        how=st.sampled_from(("copy", "deepcopy")),
    )
    def copy(self, thread: int, expression: int, how: str) -> int | MultipleResults[int]:
        return self.expression(self.step("copy", thread, expression=expression, how=how))

    @rule(target=expressions, family=families, name=names, number=st.integers(1, 18))
    def flood(self, family: Family, name: str, number: int) -> int:
        return self.step("flood", family=family, name=name, number=number)

    # Later

    @rule(thread=threads, expression=expressions)
    def evaluate(self, thread: int, expression: int) -> None:
        self.step("evaluate", thread, expression=expression)

    @rule(expression=consumes(expressions), collects=st.booleans())
    def drop(self, expression: int, collects: bool) -> None:
        self.step("drop", expression=expression)
        if collects:
            self.step("collect")

    @rule(target=sessions, session=consumes(sessions), thread=st.none() | threads, slot=slots)
    def drop_session(
        self, session: int, thread: int | None, slot: str
    ) -> int | MultipleResults[int]:
        if session == 0:
            return 0
        if thread is not None:
            self.step("set_slot", thread, slot=slot, session=session)
        self.step("drop_session", session=session)
        self.step("collect")
        return multiple()
