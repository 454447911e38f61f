"""Define the activities of a process that handles expressions, a round at a time.

Each activity is a function that prepares what its rounds share and returns the round. Rounds
have numbers: each handles another callable, with 16 KiB of ballast, so that whatever is kept
of it is kept once more in each round. The families take turns.
"""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from conformance.catalogue.nodes import Call, Family, Lit
from conformance.subjects.interface import Expression, Session, Subject
from conformance.suite.helpers.codec import replace_frame, set_header_byte
from conformance.suite.helpers.same_name_udfs import function_of, times
from conformance.suite.helpers.samples import strict_session
from conformance.suite.helpers.sized import NUMBER, ballasted, renumber

TURNS: tuple[Family, ...] = ("scalar", "aggregate", "scalar", "window")
"""The families of the rounds, in turn."""
Step = Callable[[int], Any]


def _messages(subject: Subject, version: int = 1) -> Callable[[int], bytes]:
    """Return a function that returns the bytes of a round, with a frame of this wire version."""
    change = set_header_byte(7, version)
    written = [subject.to_bytes(ballasted(subject, family)) for family in TURNS]
    messages = [renumber(replace_frame(data, change)) for data in written]
    return lambda number: messages[number % len(messages)](number)


def encode(subject: Subject) -> Step:
    """Encode an expression."""
    return lambda number: subject.to_bytes(_expression(subject, number))


def _expression(subject: Subject, number: int) -> Expression:
    return ballasted(subject, TURNS[number % len(TURNS)], number=number)


def decode(subject: Subject) -> Step:
    """Decode an expression with an explicit session."""
    session, message = subject.session(), _messages(subject)
    return lambda number: subject.from_bytes(message(number), session)


def pickle_and_unpickle(subject: Subject) -> Step:
    """Pickle and unpickle an expression with both slots empty."""
    return lambda number: pickle.loads(pickle.dumps(_expression(subject, number)))


def copy_and_deepcopy(subject: Subject) -> Step:
    """Copy an expression, in every second round deeply."""
    return lambda number: (copy.copy, copy.deepcopy)[number % 2](_expression(subject, number))


def refuse(subject: Subject) -> Step:
    """Refuse a frame on a strict session, and one of a future wire version on another."""
    session, strict = subject.session(), strict_session(subject)
    message, future = _messages(subject), _messages(subject, version=200)

    def step(number: int) -> None:
        # Whether it refuses them is the matter of other chapters.
        with suppress(Exception):
            subject.from_bytes(message(number), strict)
        with suppress(Exception):
            subject.from_bytes(future(number), session)

    return step


def by_name(subject: Subject) -> Step:
    """Encode and decode a call by name, with a literal as ballast."""
    session = strict_session(subject)
    udf = times("scalar", 2)
    subject.register(session, function := function_of(subject, udf))

    def step(number: int) -> Expression:
        value = Lit((NUMBER % number).decode() * 1000)
        expr = subject.expr(Call(udf, (value,)), {udf: function})
        return subject.from_bytes(subject.to_bytes(expr, session), session)

    return step


def make_sessions(subject: Subject) -> Step:
    """Make a session, register a UDF, derive sessions by the toggle and decode with one."""
    function, message = function_of(subject, times("scalar", 2)), _messages(subject)

    def step(number: int) -> Expression:
        session = subject.session()
        subject.register(session, function)
        strict = subject.with_inlining(session, False)
        return subject.from_bytes(message(number), subject.with_inlining(strict, True))

    return step


def fill_slots(subject: Subject) -> Step:
    """Put new sessions into the slots and clear them, in every second round after a change."""
    session: Session = subject.session()

    def step(number: int) -> None:
        for slot in ("sender", "worker"):
            for _ in range(1 + number % 2):
                subject.set_slot(slot, subject.with_inlining(session, False))
            subject.clear_slot(slot)

    return step


ACTIVITIES: Mapping[str, Callable[[Subject], Step]] = {
    "encode": encode,
    "decode": decode,
    "pickle": pickle_and_unpickle,
    "copy": copy_and_deepcopy,
    "refuse": refuse,
    "by-name": by_name,
    "sessions": make_sessions,
    "slots": fill_slots,
}
"""The activities by name."""
