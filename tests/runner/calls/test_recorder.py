"""A script of recorded calls does what was done, without what the last call does not need."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from datafusion import Expr, SessionContext, col, ipc, lit, udaf, udf

from conformance.catalogue.nodes import Udf
from conformance.catalogue.source import compile_udf
from conformance.runner.calls.recorder import record_calls
from conformance.runner.calls.script import read_script
from conformance.subjects.engine import Engine

SUM = """
class Sum(Accumulator):
    def update(self, a): self.total = sum(a.to_pylist())
    def merge(self, states): pass
    def state(self): return [pa.scalar(0)]
    def evaluate(self): return pa.scalar(0)
"""


@pytest.fixture
def script_of(tmp_path: Path) -> Callable[[Callable[[], Any]], str]:
    """A function that returns the script of what another function calls."""

    def record(work: Callable[[], Any]) -> str:
        path = tmp_path / "calls.jsonl"
        with record_calls(path):
            work()
        return read_script(path)

    return record


def run(script: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)


def double() -> Any:
    source = "f = lambda a: [2 * one for one in a.to_pylist()]"
    return compile_udf(Udf("double", "scalar", "double", source, (), pa.int64()), Engine.bases)


def test_a_script_does_what_was_done(script_of: Callable[..., str]) -> None:
    def refuse() -> None:
        call = udf(double(), [pa.int64()], pa.int64(), "stable", "double")(col("a"))
        strict = SessionContext().with_python_udf_inlining(enabled=False)
        with pytest.raises(RuntimeError):
            Expr.from_bytes(call.to_bytes(), strict)

    script = script_of(refuse)
    assert "f = lambda a: [2 * one for one in a.to_pylist()]\n" in script
    assert script.endswith("print(Expr.from_bytes(data1, ctx2))")
    assert "Refusing to deserialize inline Python scalar UDF 'double'" in run(script).stderr


def test_a_class_comes_with_its_base(script_of: Callable[..., str]) -> None:
    entry = Udf("sum", "aggregate", "sum", SUM, (), pa.int64(), attribute="Sum")
    sum_ = compile_udf(entry, Engine.bases)

    def name() -> str:
        function: Any = udaf(sum_, pa.int64(), pa.int64(), [pa.int64()], "stable", "sum")
        return str(function.name)

    assert run(script_of(name)).stdout == "sum\n"


def test_what_the_last_call_does_not_need_is_left_out(script_of: Callable[..., str]) -> None:
    def work() -> None:
        SessionContext().sql("SELECT 1")
        str(col("other"))
        str(col("a") + lit(1))

    assert script_of(work).splitlines()[1:] == [
        "from datafusion import col, lit",
        "",
        "expr2 = col('a')",
        "expr3 = lit(1)",
        "expr4 = expr2 + expr3",
        "print(repr(expr4))",
    ]


def test_what_changes_a_session_or_a_slot_is_kept(script_of: Callable[..., str]) -> None:
    def work() -> None:
        session = SessionContext()
        session.register_udf(udf(double(), [pa.int64()], pa.int64(), "stable", "double"))
        ipc.set_worker_ctx(SessionContext())
        ipc.clear_worker_ctx()
        session.udf("double")

    script = script_of(work)
    assert "\nctx1.register_udf(f1)\n" in script
    assert "\nset_worker_ctx(ctx2)\nclear_worker_ctx()\n" in script
    assert "double" in run(script).stdout


def test_bytes_that_the_engine_did_not_make_are_in_hex(script_of: Callable[..., str]) -> None:
    data = col("a").to_bytes() + bytes(20)

    def work() -> None:
        with pytest.raises(RuntimeError):
            Expr.from_bytes(data)

    script = script_of(work)
    assert f'data1 = bytes.fromhex("{data.hex()}")\n' in script
    assert "RuntimeError: " in run(script).stderr


@pytest.mark.parametrize(
    "value",
    [
        *(pa.list_(pa.int8()), pa.struct([pa.field("x", pa.string(), nullable=False)])),
        *(pa.timestamp("us"), pa.timestamp("ns", "UTC"), pa.decimal128(5, 2)),
        *(pa.dictionary(pa.int8(), pa.string()), pa.bool_(), pa.large_binary()),
        pa.field("x", pa.int64(), nullable=False, metadata={"k": "v"}),
    ],
    ids=str,
)
def test_types_are_written_as_they_are_built(value: Any, script_of: Callable[..., str]) -> None:
    def work() -> None:
        udf(double(), [value], pa.int64(), "stable", "double")

    script = script_of(work)
    written = script[script.index("ScalarUDF.udf(f, [") + 18 : script.rindex("], pa.int64()")]
    assert eval(written) == value


def test_what_has_no_source_is_named(script_of: Callable[..., str]) -> None:
    script = script_of(lambda: udf(lambda a: a, [pa.int64()], pa.int64(), "stable", "double"))
    assert "# ... is in place of what has no source: function\n" in script
    assert "print(ScalarUDF.udf(..., [pa.int64()], pa.int64(), 'stable', 'double'))" in script


def test_a_call_that_ends_the_process_is_there(tmp_path: Path) -> None:
    path = tmp_path / "calls.jsonl"
    work = (
        "import os, pathlib; from datafusion import SessionContext\n"
        "from conformance.runner.calls.recorder import record_calls\n"
        f"with record_calls(pathlib.Path({str(path)!r})):\n"
        "    class Ends: _udf = property(lambda self: os._exit(3))\n"
        "    SessionContext().register_udf(Ends())\n"
    )
    assert run(work).returncode == 3
    assert read_script(path).endswith("ctx1 = SessionContext()\nprint(ctx1.register_udf(...))")


def test_nothing_called_is_no_script(script_of: Callable[..., str]) -> None:
    assert script_of(lambda: None) == ""


def test_a_script_of_more_than_a_screen_is_none(script_of: Callable[..., str]) -> None:
    def work() -> None:
        expr = col("a")
        for _ in range(100):
            expr = expr + lit(1)
        expr.to_bytes()

    assert script_of(work) == ""


def test_what_changes_another_object_is_left_out(script_of: Callable[..., str]) -> None:
    def work() -> None:
        one, other = SessionContext(), SessionContext()
        other.register_udf(udf(double(), [pa.int64()], pa.int64(), "stable", "double"))
        one.sql("SELECT 1")

    assert script_of(work).splitlines()[2:] == [
        "",
        "ctx1 = SessionContext()",
        "print(ctx1.sql('SELECT 1'))",
    ]


def test_a_line_that_was_cut_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "calls.jsonl"
    with record_calls(path):
        SessionContext()
    path.write_text(path.read_text() + '{"text": "ctx1.sq')
    assert read_script(path).endswith("print(SessionContext())")
