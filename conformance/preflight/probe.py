"""The code that runs on a node. It travels as text and imports no other module of this package.

Its ``main`` reads payloads as JSON from standard input and writes one report as
JSON: versions, and for each kind of payload and session the outcome.
"""

from __future__ import annotations

import base64
import json
import os
import platform
import signal
import socket
import subprocess
import sys
import time
from importlib import metadata
from typing import Any

MOST = 60.0
"""Seconds for one child."""

START = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); exec(sys.argv[2])"


def on_node(
    source: str,
    payloads: str,
    seconds: float,
    decoder: str = "",
    shipments: str = "[]",
    each: float = MOST,
) -> str:
    """Run ``source`` on ``payloads`` in a child process; return its report as JSON.

    Then run ``decoder`` on each of ``shipments`` in a child of its own; its answers are in the
    report. If a child crashes or hangs, the report or the answer holds the error. All children
    together have so many ``seconds``, and each shipment has ``each``: what is left for a later one
    is too little once it is less than a tenth of that.
    """
    ends = time.monotonic() + seconds
    output, error = run_child(source, payloads, min(seconds, MOST))
    if error:
        return json.dumps({**machine(), "error": error, "lost": True})
    report: dict[str, Any] = read_last_line(output)
    if not report["error"]:
        names: dict[str, Any] = {"__name__": "preflight_decoder"}
        exec(decoder, names)
        report["answers"] = []
        for number, one in enumerate(json.loads(shipments)):
            left = min(each, ends - time.monotonic())
            if number and left < each / 10:
                found = {"label": one["label"], "outcome": "not tried", "error": f"{seconds:.3g} s"}
            else:
                found = names["answer_on_node"](decoder, one, run_child, max(1, left))
            report["answers"].append(found)
    return json.dumps(report)


def run_child(source: str, text: str, seconds: float) -> tuple[str, str]:
    """Return what ``source`` prints when it reads ``text``, and why there is nothing.

    The child sees the ``sys.path`` of this process, whose packages a job would use. It leads a
    process group of its own, which is killed at the deadline.
    """
    child = subprocess.Popen(
        [sys.executable, "-c", START, json.dumps(sys.path), source],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    error = ""
    try:
        output, errors = child.communicate(text, timeout=seconds)
    except subprocess.TimeoutExpired:
        error = f"no answer within {seconds:.3g} s"
    finally:
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)
            child.communicate()
    if error:
        return "", error
    if child.returncode < 0:
        return "", f"the probe died of {signal.Signals(-child.returncode).name}"
    if child.returncode:
        return "", (errors.strip().splitlines() or [f"exit code {child.returncode}"])[-1]
    return output, "" if read_last_line(output) else f"the probe printed {output[:200]!r}"


def read_last_line(output: str) -> dict[str, Any]:
    """Return the answer in the last line of a child's output; empty if it is none.

    What is installed on a node may print lines when Python starts.
    """
    try:
        found = json.loads(output.strip().rpartition("\n")[2])
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def machine() -> dict[str, str]:
    """Return the host name and the versions; ``""`` for a package that is not installed."""
    found = {"host": socket.gethostname(), "python": platform.python_version()}
    for package in ("datafusion", "cloudpickle", "pyarrow"):
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            found[package] = ""
    return found


def read_stream(text: str) -> Any:
    """Decode the Arrow IPC stream in ``text``: return its schema and its batches."""
    import pyarrow as pa

    with pa.ipc.open_stream(base64.b64decode(text)) as stream:
        return stream.schema, list(stream)


def session(strict: bool, udfs: Any) -> Any:
    """Return a session with the functions of ``udfs``, compiled here from their sources."""
    from datafusion import SessionContext, udaf, udf, udwf
    from datafusion.user_defined import Accumulator, WindowEvaluator

    made = SessionContext().with_python_udf_inlining(enabled=not strict)
    for one in udfs:
        names: dict[str, Any] = {
            "__name__": "preflight",
            "Accumulator": Accumulator,
            "WindowEvaluator": WindowEvaluator,
        }
        exec(one["source"], names)
        inputs, returns, state = (
            [field.type for field in read_stream(one[key])[0]]
            for key in ("inputs", "returns", "state")
        )
        what, rest = names[one["attribute"]], (one["volatility"], one["name"])
        if one["family"] == "scalar":
            made.register_udf(udf(what, inputs, returns[0], *rest))
        elif one["family"] == "window":
            made.register_udwf(udwf(what, inputs, returns[0], *rest))
        else:
            made.register_udaf(udaf(what, inputs, returns[0], state, *rest))
    return made


def evaluate(made: Any, expr: Any, payload: dict[str, Any]) -> list[Any]:
    """Return the values of ``expr`` over the payload's input, in the form of the catalogue."""
    import pyarrow as pa
    from datafusion import col

    _, batches = read_stream(payload["input"])
    keys = [col(f'"{key}"') for key in payload["group_by"]]
    if payload["aggregate"]:
        frame = made.create_dataframe([[batch] for batch in batches]).aggregate(keys, [expr])
        rows = [list(row.values()) for batch in frame.collect() for row in batch.to_pylist()]
        return sorted(rows) if keys else [row[0] for row in rows]
    count = 0
    numbered = []
    for batch in batches:
        row = pa.array(range(count, count + batch.num_rows), pa.int64())
        numbered.append([batch.append_column("preflight_row", row)])
        count += batch.num_rows
    row = col("preflight_row")
    frame = made.create_dataframe(numbered).select(row, expr.alias("preflight_value"))
    found = frame.sort(row.sort()).collect()
    return [one["preflight_value"] for batch in found for one in batch.to_pylist()]


def without_field_names(value: Any) -> Any:
    """Replace named tuples by plain tuples, whose ``repr`` has no names."""
    if isinstance(value, (list, tuple)):
        return (list if isinstance(value, list) else tuple)(map(without_field_names, value))
    return value


def outcome(payload: dict[str, Any], strict: bool) -> tuple[str, str]:
    """Return the outcome of a payload, and the reason if it is not obvious.

    The outcome is ``refused`` (decoding raised), ``failed`` (evaluating raised), ``wrong`` or
    ``right``.
    """
    from datafusion import Expr

    inline = payload["form"] == "inline"
    try:
        made = session(strict, () if inline else payload["udfs"])
        expr = Expr.from_bytes(base64.b64decode(payload["data"]), made)
    except Exception as error:
        by_toggle = strict and inline and "inlining is disabled on this session" in str(error)
        return "refused", "" if by_toggle else format_error(error)
    if strict and inline:
        return "wrong", "a strict session decoded an inline expression"
    try:
        values = without_field_names(evaluate(made, expr, payload))
    except Exception as error:
        return "failed", format_error(error)
    if repr(values) != payload["result"]:
        return "wrong", f"{values!r} for {payload['result']}"
    return "right", ""


def format_error(error: Exception) -> str:
    """Return an error in one line."""
    return " ".join(f"{type(error).__name__}: {error}".split())


def main() -> None:
    """Read the payloads and print a report with the outcomes of those for this Python."""
    payloads = json.load(sys.stdin)
    here = "{}.{}".format(*sys.version_info)
    report: dict[str, Any] = {**machine(), "error": "", "outcomes": []}
    try:
        import datafusion.ipc  # noqa: F401
    except ImportError as error:
        old = report["datafusion"]
        report["error"] = f"datafusion {old} has no Python UDF frames" if old else str(error)
        payloads = []
    for payload in payloads:
        if payload["python"] not in ("", here):
            continue
        for strict in (False, True):
            what, why = outcome(payload, strict)
            kind = {key: payload[key] for key in ("origin", "form", "label")}
            report["outcomes"].append({**kind, "strict": strict, "outcome": what, "why": why})
    print("\n" + json.dumps(report))


if __name__ == "__main__":
    main()
