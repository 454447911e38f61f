"""The slots of a thread, and which session encodes and which decodes."""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from conformance.subjects.interface import Slot
from conformance.subjects.reference.components import Components
from conformance.subjects.reference.sessions import Session

Work = Literal["encoding", "decoding"]


class _ThreadState(threading.local):
    """The sessions in the slots of one thread."""

    def __init__(self) -> None:
        self.slots: dict[Slot, Session] = {}
        self.active: dict[Work, list[Session]] = {"encoding": [], "decoding": []}


class Slots:
    """Each thread's own; a forked process has those of the thread that forked it.

    A thread that a library runs for its user has those of the main thread.
    """

    def __init__(self, subject: Components) -> None:
        self.subject = subject
        self.local = _ThreadState()
        self.main: dict[Slot, Session] = {}
        _all.add(self)

    def thread_slots(self) -> dict[Slot, Session]:
        """Return the slots of this thread."""
        if threading.current_thread() is threading.main_thread():
            self.main = self.local.slots
        elif not self.local.slots and self.subject.libraries.is_library_thread():
            return self.main
        return self.local.slots

    def after_fork(self) -> None:
        """In a forked process, whose main thread is the one that forked it."""
        if self.subject.libraries.is_library_thread():
            self.local.slots.update(self.main)
        self.main = self.local.slots

    def set(self, slot: Slot, session: Session) -> None:
        """Put a session in."""
        self.thread_slots()[slot] = session

    def get(self, slot: Slot) -> Session | None:
        """Return the session in a slot."""
        return self.thread_slots().get(slot)

    def clear(self, slot: Slot) -> None:
        """Empty a slot."""
        self.thread_slots().pop(slot, None)

    def for_encoding(self, explicit: Session | None = None) -> Session:
        """Return the given session, else the sender slot's, else one that inlines."""
        found = explicit or self.active_session("encoding") or self.get("sender")
        return self.subject.default if found is None else found

    def for_decoding(self, explicit: Session | None = None) -> Session:
        """Return the given session, else the worker slot's, else the global one."""
        found = explicit or self.active_session("decoding") or self.get("worker")
        return self.subject.global_session() if found is None else found

    def active_session(self, work: Work) -> Session | None:
        """Return the session that is at this work already.

        The expressions in its closures belong to that work, too.
        """
        active = self.local.active[work]
        return active[-1] if active else None

    @contextmanager
    def activate(self, work: Work, session: Session) -> Iterator[None]:
        """Let ``session`` do what this thread encodes or decodes inside the block."""
        active = self.local.active[work]
        active.append(session)
        try:
            yield
        finally:
            active.pop()


_all: weakref.WeakSet[Slots] = weakref.WeakSet()


def _after_fork() -> None:
    for slots in list(_all):
        slots.after_fork()


os.register_at_fork(after_in_child=_after_fork)
