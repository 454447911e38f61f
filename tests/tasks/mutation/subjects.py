"""Cases and subjects of their own for the tests of the proof."""

from __future__ import annotations

import os
import signal
import time
from typing import Any

from conformance.runner.assertions import Mismatch
from conformance.subjects import Subject
from tasks.faults import breaks
from tasks.mutation.cases import Case
from tests.subjects.complete import complete


@complete(Subject)
class Plain:
    name = "plain"

    def versions(self) -> dict[str, str]:
        return {}

    def clear_slot(self, slot: str) -> None:
        pass


class Counts(Plain):
    """Its second case fails, whichever that is."""

    cases = 0

    def answer(self) -> None:
        self.cases += 1
        if self.cases == 2:
            raise Mismatch("wrong-value", "the second one")


def broken() -> Plain:
    raise ValueError("no subject today")


@breaks("FRAME-01", "FRAME-02")
class BreaksBoth(Plain):
    def answer(self) -> None:
        raise Mismatch("wrong-value", "both")


@breaks("FRAME-01")
class BreaksMore(BreaksBoth):
    pass


@breaks("FRAME-01")
class BreaksNothing(Plain):
    def answer(self) -> None:
        pass


@breaks("FRAME-01")
class BreaksTheControlArm(Plain):
    def answer(self) -> None:
        raise Mismatch("inconclusive", "the control arm")


@breaks("FRAME-01")
class BreaksTheCase(Plain):
    def answer(self) -> None:
        raise Mismatch("case-error", "the case")


@breaks("FRAME-01")
class MendsADivergence(Plain):
    """The case passes, where the released engine is known to fail."""

    name = "datafusion"

    def answer(self) -> None:
        pass


@breaks("FRAME-01", outcome="crash")
class Crashes(Plain):
    def answer(self) -> None:
        os.kill(os.getpid(), signal.SIGKILL)


@breaks("FRAME-01", outcome="hang")
class Hangs(Plain):
    def answer(self) -> None:
        time.sleep(60)


@breaks("FRAME-01", outcome="hang")
class FailsAndShouldHang(BreaksBoth):
    pass


def case(clause: str, name: str = "asks", **arguments: Any) -> Case:
    """A case of this module."""
    id_ = f"{clause.lower()}/{name}{[*arguments.values()] or ''}"
    return Case(id_, clause, __name__, name, arguments, None, frozenset())


def asks(subject: Any, **_arguments: Any) -> None:
    getattr(subject, "answer", lambda: None)()


def dies(subject: Any) -> None:
    del subject
    os.kill(os.getpid(), signal.SIGKILL)


def sleeps(subject: Any) -> None:
    del subject
    time.sleep(60)


def passes(subject: Any) -> None:
    del subject
