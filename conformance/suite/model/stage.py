"""Play a story in a fork of this process, so that nothing is left of the stories before it."""

from __future__ import annotations

import gc
import os
import pickle
import select
import signal
import sys
import time
import traceback
import warnings
from collections.abc import Sequence
from typing import NoReturn

from conformance.processes.child import describe_exit, exit_name
from conformance.subjects.interface import Subject
from conformance.subjects.reference import Reference
from conformance.suite.model.player import Player
from conformance.suite.model.steps import ALIVE, Story, Violation

STORY_TIMEOUT = 10.0
"""Seconds for one story; it takes some hundredths."""


class Twin(Reference):
    """The second opinion. Its pickles name this class, and not the subject's."""


class Stage:
    """Plays stories on a subject and on the reference, in forks of this process.

    This process must have no threads that a fork needs, and must not have used the subject.
    """

    def __init__(self, subject: Subject) -> None:
        self.subjects: Sequence[Subject] = (subject, Twin())
        self.plays = 0

    def play(self, story: Story) -> Violation | None:
        """Play a story; return the first step that showed what it must not."""
        self.plays += 1
        receives, sends = os.pipe()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # libraries have threads
            pid = os.fork()
        if not pid:
            os.close(receives)
            self._perform(story, sends)
        os.close(sends)
        with os.fdopen(receives, "rb") as stream:
            answer = _read(stream.fileno(), time.monotonic() + STORY_TIMEOUT)
        if answer is None:
            os.kill(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
        if answer is None:
            message = f"no answer after {STORY_TIMEOUT:.0f} s"
            return Violation(ALIVE, "hang", message, "an end", message, len(story))
        if answer:
            violation: Violation | None = pickle.loads(answer)
            return violation
        code = os.waitstatus_to_exitcode(status)
        text = describe_exit(code)
        return Violation(ALIVE, "crash", text, "an end", exit_name(code), len(story))

    def _perform(self, story: Story, sends: int) -> NoReturn:
        """Run the fork's side; never return to what the parent was doing."""
        gc.freeze()  # what is there is shared: no collection in the fork should write on it
        try:
            violation = self.perform(story)
        except BaseException as error:  # noqa: BLE001 - a panic, or an error of this package
            text = traceback.format_exc()
            name = type(error).__name__
            violation = Violation(ALIVE, "panic", f"{name}: {error}", "no panic", text, 0)
        try:
            data = memoryview(pickle.dumps(violation))
            while data:
                data = data[os.write(sends, data) :]
        finally:
            sys.stdout.flush()
            os._exit(0)

    def perform(self, story: Story) -> Violation | None:
        """Play a story in this process, the subject first, then the reference, step by step."""
        subject, reference = (Player(one) for one in self.subjects)
        for number, step in enumerate(story, start=1):
            violation = subject.do(step, step.subject, number)
            if violation:
                return violation
            odd = reference.do(step, step.reference, number)
            if odd:
                message = f"the reference does not show what the model predicts: {odd.message}"
                return Violation(
                    odd.clause, "inconclusive", message, odd.expected, odd.seen, number
                )
        return None


def _read(descriptor: int, until: float) -> bytes | None:
    """Return all bytes of a pipe, ``None`` if its end does not come in time."""
    data = b""
    while (left := until - time.monotonic()) > 0:
        if not select.select([descriptor], [], [], left)[0]:
            break
        more = os.read(descriptor, 1 << 16)
        if not more:
            return data
        data += more
    return None
