"""Encode, decode, pickle and copy expressions of a story."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from conformance.catalogue.nodes import Call, Col, Family
from conformance.subjects.interface import Subject
from conformance.suite.helpers.codec import MAGIC
from conformance.suite.model import callables
from conformance.suite.model.observer import Observer, Wrong
from conformance.suite.model.routes import DUMPS, LOADS
from conformance.suite.model.steps import FORM, RESULT, STILL, TEXTS, Expected
from conformance.suite.model.trees import ROWS


class Shipping(Observer):
    """The steps that write and read bytes."""

    def encode(
        self, expected: Expected, thread: int, new: int, expression: int, session: int | None
    ) -> None:
        expr, here = self.expressions[expression], self._session(session)
        self._keep_bytes(
            expected, thread, new, expression, lambda: self.subject.to_bytes(expr, here)
        )

    def pickle(
        self, expected: Expected, thread: int, new: int, expression: int, route: str, protocol: int
    ) -> None:
        expr = self.expressions[expression]
        dump = DUMPS[route]
        self._keep_bytes(expected, thread, new, expression, lambda: dump(expr, protocol))

    def _keep_bytes(
        self,
        expected: Expected,
        thread: int,
        new: int,
        expression: int,
        call: Callable[[], bytes],
    ) -> None:
        data = self.expect(expected, thread, call)
        if data is None or "ok" not in expected.outcomes:
            return
        frames = tuple(data.count(magic) for magic in MAGIC.values())
        if frames != expected.frames:
            message = (
                "the UDFs do not travel as the session says (frames: scalar, aggregate, window)"
            )
            raise Wrong(FORM, "wrong-bytes", message, expected.frames, frames)
        self.messages[new] = data, expression

    def _session(self, session: int | None) -> Any:
        return None if session is None else self.sessions[session]

    def decode(
        self, expected: Expected, thread: int, new: int, message: int, session: int | None
    ) -> None:
        (data, source), here = self.messages[message], self._session(session)
        expr = self.expect(expected, thread, lambda: self.subject.from_bytes(data, here))
        self._take_decoded(expected, thread, new, source, expr)

    def unpickle(self, expected: Expected, thread: int, new: int, message: int, route: str) -> None:
        (data, source), load = self.messages[message], LOADS[route]
        expr = self.expect(expected, thread, lambda: load(data))
        if isinstance(expr, list):
            first, second = expr
            if first is not second:
                raise Wrong(RESULT, "wrong-value", "one object, pickled twice", "one", "two")
            expr = first
        self._take_decoded(expected, thread, new, source, expr)

    def copy(self, expected: Expected, thread: int, new: int, expression: int, how: str) -> None:
        expr = self.expressions[expression]
        copied = self.expect(expected, thread, lambda: getattr(copy, how)(expr))
        self._take_decoded(expected, thread, new, expression, copied)

    def _take_decoded(
        self, expected: Expected, thread: int, new: int, source: int, expr: Any
    ) -> None:
        if "ok" not in expected.outcomes:
            return
        self.take(expected, thread, new, expr, aggregate=source in self.aggregates)
        if self.texts[new] != self.texts[source]:
            message = "decoded under another name"
            raise Wrong(TEXTS, "wrong-value", message, self.texts[source], self.texts[new])

    def flood(
        self, expected: Expected, thread: int, new: int, family: Family, name: str, number: int
    ) -> None:
        decoded = []
        for factor in range(2, 2 + number):
            udf = callables.declare(family, name)
            made = callables.make_callable(family, name, factor, False, self.subject.bases)
            expr = self.subject.expr(
                Call(udf, (Col("a"),)), {udf: self.subject.function(udf, made)}
            )
            session = self.subject.session()
            data = self.subject.to_bytes(expr, session)
            call = _decode(self.subject, data, session)
            decoded.append(self.expect(expected, thread, call))
        self.take(expected, thread, new, decoded[-1], aggregate=family == "aggregate")
        first = Expected(clause=STILL, value=_result(family, 2))
        self.compare(first, thread, decoded[0], family == "aggregate")


def _decode(subject: Subject, data: bytes, session: Any) -> Callable[[], Any]:
    return lambda: subject.from_bytes(data, session)


def _result(family: str, factor: int) -> list[int]:
    return [factor * sum(ROWS)] if family == "aggregate" else [factor * one for one in ROWS]
