"""Threads: whose slots hold what, and a session that another thread made."""

from __future__ import annotations

import asyncio
import contextvars
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier, get_ident
from typing import Any

import pytest

from conformance.runner.assertions import assert_equal, assert_raises, assert_succeeds, assert_true
from conformance.subjects.interface import Session, Slot, Subject
from conformance.suite.helpers.artifacts import Artifact, each_artifact, encode_inline, from_bytes
from conformance.suite.helpers.codec import slot_mode
from conformance.suite.helpers.markers import clause, each_slot
from conformance.suite.helpers.samples import strict_session


@clause("THREAD-01")
@pytest.mark.parametrize("threads", [2, 40])
@each_slot
def test_pool_initializer(subject: Subject, slot: Slot, threads: int) -> None:
    """All threads of a pool keep the initializer's session in all tasks."""
    session, barrier = strict_session(subject), Barrier(threads, timeout=10)

    def task(_: int) -> tuple[bool, str, int]:
        barrier.wait()
        return subject.get_slot(slot) is session, slot_mode(subject, slot), get_ident()

    given = partial(subject.set_slot, slot, session)
    with ThreadPoolExecutor(threads, initializer=given) as pool:
        seen = list(pool.map(task, range(3 * threads)))
    assert_equal(len({thread for _, _, thread in seen}), threads, "the number of threads")
    assert_equal(
        {task_seen[:2] for task_seen in seen}, {(True, "strict")}, "the slot and what the tasks do"
    )
    assert_equal(subject.get_slot(slot), None, "the slot of the thread that made the pool")


@clause("THREAD-02")
@each_slot
def test_pool_tasks(subject: Subject, slot: Slot) -> None:
    """A pool's thread keeps what a task set; the thread of another pool stays empty."""
    session = strict_session(subject)
    with ThreadPoolExecutor(1) as first, ThreadPoolExecutor(1) as second:
        assert_equal(second.submit(subject.get_slot, slot).result(), None, "a thread before")
        first.submit(subject.set_slot, slot, session).result()
        for _ in range(2):
            kept = first.submit(subject.get_slot, slot).result()
            assert_true(kept is session, "the thread lost the session", kept)
            assert_equal(first.submit(slot_mode, subject, slot).result(), "strict", "the thread")
            assert_equal(second.submit(subject.get_slot, slot).result(), None, "another thread")
            assert_equal(
                second.submit(slot_mode, subject, slot).result(), "inlining", "another thread"
            )
        first.submit(subject.clear_slot, slot).result()
        assert_equal(first.submit(slot_mode, subject, slot).result(), "inlining", "after clearing")


@clause("THREAD-03")
@each_slot
def test_asyncio_tasks(subject: Subject, slot: Slot) -> None:
    """A task sets the slot; another task, with a context of its own, and the caller see it."""
    session = strict_session(subject)

    async def main() -> tuple[Any, str]:
        done = asyncio.Event()

        async def sets() -> None:
            subject.set_slot(slot, session)
            done.set()

        async def sees() -> tuple[Any, str]:
            await done.wait()
            return subject.get_slot(slot), slot_mode(subject, slot)

        seen = asyncio.create_task(sees())
        await asyncio.create_task(sets())
        return await seen

    kept, does = asyncio.run(main())
    assert_true(kept is session, "another task does not see the session", kept)
    assert_equal(does, "strict", "what another task does")
    assert_true(subject.get_slot(slot) is session, "the loop's thread lost the session")


@clause("THREAD-04")
@pytest.mark.parametrize("way", ["to_thread", "executor", "initialized"])
@each_slot
def test_asyncio_threads(subject: Subject, slot: Slot, way: str) -> None:
    """A task with a strict session in its slot runs work in another thread.

    The thread has an empty slot, unless an initializer fills it.
    """
    session, carried = strict_session(subject), contextvars.ContextVar("carried", default="lost")

    def work() -> tuple[Any, str, str]:
        return subject.get_slot(slot), slot_mode(subject, slot), carried.get()

    async def main() -> tuple[Any, str, str]:
        subject.set_slot(slot, strict_session(subject))
        carried.set("carried")
        if way == "to_thread":
            return await asyncio.to_thread(work)
        given = partial(subject.set_slot, slot, session) if way == "initialized" else None
        with ThreadPoolExecutor(1, initializer=given) as pool:
            return await asyncio.get_running_loop().run_in_executor(pool, work)

    kept, does, context = asyncio.run(main())
    assert_equal(context, "carried" if way == "to_thread" else "lost", "a context variable")
    assert_true(kept is (session if way == "initialized" else None), "the slot", kept)
    assert_equal(does, "strict" if way == "initialized" else "inlining", "what the thread does")


@clause("THREAD-08")
@each_artifact
def test_a_session_of_another_thread(subject: Subject, artifact: Artifact) -> None:
    """One thread makes two sessions. In another thread, the strict one refuses a frame, too."""
    data = encode_inline(subject, artifact, "scalar")
    strict, inlining = strict_session(subject), subject.session()
    with ThreadPoolExecutor(1) as pool:

        def decode(session: Session) -> None:
            pool.submit(from_bytes, subject, artifact, data, session).result()

        assert_raises(partial(decode, strict), "a strict session")
        assert_succeeds(partial(decode, inlining), "an inlining session")
