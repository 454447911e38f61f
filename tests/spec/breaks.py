"""Changes of the installed engine, each of which turns the snippets of some clauses red."""

from __future__ import annotations

import importlib
import multiprocessing
import multiprocessing.process
import os
import threading
from collections.abc import Callable, Mapping
from typing import Any

import cloudpickle
import datafusion
import psutil
import pyarrow as pa
from datafusion import col, functions, ipc, lit, udf

Expr: Any = datafusion.Expr
LogicalPlan: Any = datafusion.LogicalPlan
SessionContext: Any = datafusion.SessionContext

_toggle = SessionContext.with_python_udf_inlining
_write, _read = Expr.to_bytes, Expr.from_bytes
_plan, _write_plan = LogicalPlan.from_bytes, LogicalPlan.to_bytes


def _function(name: str) -> Any:
    return udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", name)


def toggle_does_nothing() -> None:
    SessionContext.with_python_udf_inlining = lambda self, *, enabled: self


def toggle_forgets() -> None:
    SessionContext.with_python_udf_inlining = lambda _, *, enabled: _toggle(
        SessionContext(), enabled=enabled
    )


def toggle_takes_anything() -> None:
    SessionContext.with_python_udf_inlining = lambda self, enabled=False: _toggle(
        self, enabled=enabled
    )


def toggle_only_turns_off() -> None:
    SessionContext.with_python_udf_inlining = lambda self, *, enabled: _toggle(self, enabled=False)


def everything_is_by_name() -> None:
    strict = _toggle(SessionContext(), enabled=False)
    Expr.to_bytes = lambda self, ctx=None: _write(self, strict)


def another_header() -> None:
    def to_bytes(self: Any, ctx: Any = None) -> bytes:
        data: bytes = _write(self, ctx)
        at = data.index(b"DFPYUDF") + 7
        return data[:at] + b"\x09\x09\x09" + data[at + 3 :]

    Expr.to_bytes = to_bytes


def _change_payloads(change: Callable[[list[Any]], None]) -> None:
    def to_bytes(self: Any, ctx: Any = None) -> bytes:
        data: bytes = _write(self, ctx)
        at = data.index(b"DFPYUD") + 10
        payload = list(cloudpickle.loads(data[at:]))
        change(payload)
        return data[:at] + bytes(cloudpickle.dumps(tuple(payload)))

    Expr.to_bytes = to_bytes


def payloads_have_other_fields() -> None:
    def change(payload: list[Any]) -> None:
        inputs = pa.schema([pa.field("x", pa.bool_(), nullable=False)])
        payload[2] = inputs.serialize().to_pybytes()
        for at in (3, 4):  # what is returned; the state of an aggregate
            if isinstance(payload[at], bytes):
                two = pa.schema([("x", pa.bool_()), ("y", pa.bool_())])
                payload[at] = two.serialize().to_pybytes()

    _change_payloads(change)


def payloads_import_the_callable() -> None:
    class Imported:
        def __reduce__(self) -> Any:
            return importlib.import_module, ("not_importable",)

    def change(payload: list[Any]) -> None:
        payload[1] = Imported()

    _change_payloads(change)


def decoding_asks_nobody() -> None:
    Expr.from_bytes = staticmethod(lambda data, ctx=None: _read(data, SessionContext()))


def decoding_registers() -> None:
    def from_bytes(data: bytes, ctx: Any) -> Any:
        ctx.register_udf(_function("f"))
        return _read(data, ctx)

    Expr.from_bytes = staticmethod(from_bytes)


def decoding_changes_the_expression() -> None:
    Expr.from_bytes = staticmethod(lambda data, ctx=None: lit(0) - col("a"))


def copying_changes_the_expression() -> None:
    for name in ("__copy__", "__deepcopy__"):
        setattr(Expr, name, lambda self, *memo: lit(0) - col("a"))
    Expr.__reduce__ = lambda self: (col, ("a",))


def plans_are_strict() -> None:
    LogicalPlan.from_bytes = staticmethod(
        lambda ctx, data: _plan(_toggle(ctx, enabled=False), data)
    )


def plans_are_written_by_name() -> None:
    strict = _toggle(SessionContext(), enabled=False)
    LogicalPlan.to_bytes = lambda self, ctx=None: _write_plan(self, strict)


def plans_run_the_senders() -> None:
    SessionContext.register_udf = lambda self, function: None
    SessionContext.with_python_udf_inlining = lambda self, *, enabled: self


def builtins_are_ours() -> None:
    functions.abs = _function("abs")


def deregistering_does_nothing() -> None:
    SessionContext.deregister_udf = lambda self, name: None


def the_slots_are_one() -> None:
    ipc.set_sender_ctx = ipc.set_worker_ctx


def the_slots_are_the_other() -> None:
    ipc.set_worker_ctx = ipc.set_sender_ctx


def a_slot_keeps_the_first() -> None:
    first = ipc.set_worker_ctx
    ipc.set_worker_ctx = lambda ctx: None if ipc.get_worker_ctx() else first(ctx)


def a_slot_never_lets_go() -> None:
    kept = []
    first = ipc.set_sender_ctx

    def set_sender_ctx(ctx: SessionContext) -> None:
        kept.append(ctx)
        first(ctx)

    ipc.set_sender_ctx = set_sender_ctx


def a_slot_cannot_be_cleared() -> None:
    ipc.clear_sender_ctx = ipc.clear_worker_ctx = lambda: None


def the_slots_are_of_all_threads() -> None:
    ipc.get_sender_ctx = ipc.get_worker_ctx = SessionContext


def a_slot_stays_empty() -> None:
    ipc.set_worker_ctx = lambda ctx: None


def decoding_ends_the_process() -> None:
    Expr.from_bytes = staticmethod(lambda data, ctx=None: os._exit(3))


def every_process_is_forked() -> None:
    fork = multiprocessing.get_context("fork")
    multiprocessing.get_context = lambda method=None: fork  # type: ignore[assignment]


def other_threads_are_strict() -> None:
    def to_bytes(self: Any, ctx: Any = None) -> bytes:
        here = threading.current_thread() is threading.main_thread()
        data: bytes = _write(self, ctx if here else _toggle(SessionContext(), enabled=False))
        return data

    Expr.to_bytes = to_bytes


def no_process_ends() -> None:
    multiprocessing.process.BaseProcess.is_alive = lambda self: True  # type: ignore[method-assign]
    psutil.pid_exists = lambda pid: True
    psutil.wait_procs = lambda started, timeout: ([], started)  # type: ignore[assignment, misc]


BREAKS: Mapping[Callable[[], None], str] = {
    toggle_does_nothing: "TOGGLE-04 TOGGLE-09 TOGGLE-12 STRICT-07 BYNAME-04 BYNAME-05 BYNAME-08 "
    "SLOT-01 SLOT-02 SLOT-20 PLAN-08 PLAN-10 PLAN-20 SURFACE-18 SURFACE-20 CHAIN-41 "
    "PROCESS-05 PROCESS-20 PROCESS-33 MODEL-01 MODEL-02 RAY-03 RAY-06 DASK-08 "
    "THREAD-01 THREAD-04 THREAD-10",
    toggle_forgets: "TOGGLE-05 TOGGLE-06 TOGGLE-07",
    toggle_takes_anything: "TOGGLE-02 TOGGLE-03",
    toggle_only_turns_off: "TOGGLE-08 THREAD-12",
    everything_is_by_name: "TOGGLE-01 FRAME-01 INLINE-07 SLOT-04 PROCESS-31 RAY-05 RAY-07 DASK-09",
    another_header: "FRAME-03 FRAME-04",
    payloads_have_other_fields: "PAYLOAD-07 PAYLOAD-08 PAYLOAD-09 PAYLOAD-10 PAYLOAD-11 "
    "PAYLOAD-12 PAYLOAD-13",
    payloads_import_the_callable: "PAYLOAD-19",
    decoding_asks_nobody: "BYNAME-01 BYNAME-02 SLOT-06 SLOT-07 SLOT-08",
    decoding_registers: "INLINE-14",
    decoding_changes_the_expression: "INLINE-01 INLINE-05 INLINE-11 BYNAME-03 BYNAME-10 "
    "PROCESS-27 PROCESS-28 MODEL-04 MODEL-07 MODEL-08 RAY-09 DASK-11 "
    "SURFACE-16 THREAD-07 THREAD-08 THREAD-09 THREAD-13 THREAD-14 THREAD-15 THREAD-16",
    copying_changes_the_expression: "INLINE-02 INLINE-03 INLINE-04 PROCESS-01 PROCESS-02 "
    "PROCESS-03 PROCESS-09 PROCESS-10 PROCESS-23 PROCESS-32 "
    "RAY-01 RAY-02 RAY-04 RAY-10 DASK-01 DASK-05 DASK-06 DASK-13 "
    "WORKER-02 WORKER-05 WORKER-08 WORKER-09 WORKER-10",
    plans_are_strict: "PLAN-01 PLAN-21 THREAD-11",
    plans_are_written_by_name: "PLAN-03",
    plans_run_the_senders: "PLAN-19",
    builtins_are_ours: "INLINE-08",
    deregistering_does_nothing: "BYNAME-09 MODEL-03",
    the_slots_are_one: "SLOT-09 PROCESS-06 PROCESS-07 PROCESS-25",
    the_slots_are_the_other: "SLOT-05 SLOT-11",
    a_slot_keeps_the_first: "SLOT-10",
    a_slot_never_lets_go: "SLOT-18",
    a_slot_cannot_be_cleared: "SLOT-12",
    a_slot_stays_empty: "PROCESS-17",
    decoding_ends_the_process: "PROCESS-21",
    every_process_is_forked: "PROCESS-15 PROCESS-16",
    other_threads_are_strict: "THREAD-05 THREAD-06",
    no_process_ends: "PROCESS-22 RAY-11 DASK-14",
    the_slots_are_of_all_threads: "SLOT-15 PROCESS-14 PROCESS-19 MODEL-06 THREAD-02 THREAD-03",
}
"""Changes of this process's engine, each with the clauses whose snippets it turns red."""
