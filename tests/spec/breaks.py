"""Run snippets on a broken engine: ``python -m tests.spec.breaks`` prints how each ended, as JSON.

A snippet runs in forks of this process: on the engine as it is, and on one with a fault of its own.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import runpy
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import datafusion
import pyarrow as pa
from datafusion import col, functions, ipc, lit, udf

from conformance.spec.clauses import SNIPPETS

Expr: Any = datafusion.Expr
LogicalPlan: Any = datafusion.LogicalPlan
SessionContext: Any = datafusion.SessionContext

_toggle = SessionContext.with_python_udf_inlining
_write, _read = Expr.to_bytes, Expr.from_bytes
_plan = LogicalPlan.from_bytes


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


def a_slot_cannot_be_cleared() -> None:
    ipc.clear_sender_ctx = ipc.clear_worker_ctx = lambda: None


def the_slots_are_of_all_threads() -> None:
    ipc.get_sender_ctx = ipc.get_worker_ctx = SessionContext


BREAKS: Mapping[Callable[[], None], str] = {
    toggle_does_nothing: "TOGGLE-04 TOGGLE-09 TOGGLE-12 STRICT-07 BYNAME-04 BYNAME-05 BYNAME-08 "
    "SLOT-01 SLOT-02 PLAN-08 PLAN-10 PLAN-20",
    toggle_forgets: "TOGGLE-05 TOGGLE-06 TOGGLE-07",
    toggle_takes_anything: "TOGGLE-02 TOGGLE-03",
    toggle_only_turns_off: "TOGGLE-08",
    everything_is_by_name: "TOGGLE-01 FRAME-01 INLINE-07 SLOT-04",
    another_header: "FRAME-03 FRAME-04",
    decoding_asks_nobody: "BYNAME-01 BYNAME-02 SLOT-06 SLOT-07 SLOT-08",
    decoding_registers: "INLINE-14",
    decoding_changes_the_expression: "INLINE-01 INLINE-05 INLINE-11 BYNAME-03 BYNAME-10",
    copying_changes_the_expression: "INLINE-02 INLINE-03 INLINE-04",
    plans_are_strict: "PLAN-01 PLAN-21",
    plans_run_the_senders: "PLAN-19",
    builtins_are_ours: "INLINE-08",
    deregistering_does_nothing: "BYNAME-09",
    the_slots_are_one: "SLOT-09",
    the_slots_are_the_other: "SLOT-05 SLOT-11",
    a_slot_keeps_the_first: "SLOT-10",
    a_slot_cannot_be_cleared: "SLOT-12",
    the_slots_are_of_all_threads: "SLOT-15",
}
"""Changes of this process's engine, each with the clauses whose snippets it turns red."""


def _ended(path: Path, change: Callable[[], None] | None = None) -> tuple[int, str]:
    """Run a snippet in a fork; return its exit code and its last line."""
    reading, writing = os.pipe()
    pid = os.fork()
    if not pid:
        text = io.StringIO()
        code = 0
        try:
            if change:
                change()
            with contextlib.redirect_stdout(text):
                runpy.run_path(str(path), run_name="__main__")
        except BaseException as error:  # noqa: BLE001 - as a script ends
            code, text = 1, io.StringIO(f"{type(error).__name__}: {error}")
        os.write(writing, (text.getvalue().strip().splitlines() or [""])[-1][:500].encode())
        os._exit(code)
    os.close(writing)
    with open(reading, "rb") as stream:
        last = stream.read().decode(errors="replace")
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), last


def main() -> None:
    whole = {path.stem: _ended(path) for path in sorted(SNIPPETS.glob("*.py"))}
    broken = {
        clause: _ended(SNIPPETS / f"{clause}.py", change)
        for change, clauses in BREAKS.items()
        for clause in clauses.split()
    }
    json.dump({"whole": whole, "broken": broken}, sys.stdout)


if __name__ == "__main__":
    main()
