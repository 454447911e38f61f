"""Python code that travels: shapes of everyday code, and references to the sender's script."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any
from unittest import mock

import pytest

from conformance.catalogue import SHAPES, get
from conformance.catalogue.nodes import Call, Col, Udf
from conformance.runner.assertions import (
    Mismatch,
    assert_equal,
    assert_result,
)
from conformance.runner.results import assert_entry_result
from conformance.subjects.interface import Subject
from conformance.suite.helpers.decode_worker import another_process
from conformance.suite.helpers.markers import clause
from conformance.suite.helpers.same_name_udfs import INT, evaluate_rows
from conformance.suite.helpers.samples import build_expression, once
from conformance.util.kinds import Kind


@once
def _decode_elsewhere(subject: Subject) -> Mapping[str, str]:
    """Return the failures of another process, which never saw the shapes, by shape.

    The sender encodes each before it runs it, since a run may change what the code holds. What
    it refuses to encode is not sent.
    """
    written = []
    for id_, entry in SHAPES.items():
        expr = build_expression(subject, entry)
        with suppress(Exception):  # picklers raise errors of several types
            written.append((id_, pickle.dumps(expr)))
        assert_entry_result(subject, expr, entry)
    with another_process() as peer:
        failures: Mapping[str, str] = peer.call(
            "conformance.suite.helpers.decode_worker:decode_all", written, deadline=30
        )
    return failures


@clause("CODE-01")
@pytest.mark.deadline(60)
@pytest.mark.parametrize("shape", list(SHAPES))
def test_shapes(subject: Subject, shape: str) -> None:
    """A UDF of this shape is encoded, or refused with an error.

    If it is encoded, another process decodes it, and it gives its hand-written result there.
    """
    failure = _decode_elsewhere(subject).get(shape, "")
    if failure:
        kind: Kind = "wrong-result" if failure.startswith("the result") else "unexpected-error"
        raise Mismatch(kind, f"{shape} in another process", get(shape).result, failure)


_SCRIPTS = {
    "helper": (
        "import functools, pyarrow as pa\n"
        "@functools.lru_cache(maxsize=None)\n"
        "def cube(n): return n ** 3\n"
        "def f(a): return pa.array([cube(n) for n in a.to_pylist()])\n"
    ),
    "udf": (
        "import functools, pyarrow as pa\n"
        "@functools.lru_cache(maxsize=None)\n"
        "def f(a): return pa.array([n ** 3 for n in a.to_pylist()])\n"
    ),
    "global": (
        "import pyarrow as pa\n"
        "power, calls = 3, 0\n"
        "def f(a):\n"
        "    global calls\n"
        "    calls += 1\n"
        "    return pa.array([n ** power for n in a.to_pylist()])\n"
    ),
    "class": (
        "import pyarrow as pa\n"
        "power = 3\n"
        "class Cube:\n"
        "    def __call__(self, a): return pa.array([n ** power for n in a.to_pylist()])\n"
        "f = Cube()\n"
    ),
}
_RECEIVERS = {
    "absent": "",
    "another": (
        "import pyarrow as pa\n"
        "power, calls = 1, 7\n"
        "def cube(n): return -n\n"
        "def f(a): return pa.array([-1, -2, -3])\n"
        "class Cube:\n"
        "    def __call__(self, a): return f(a)\n"
    ),
}


@contextmanager
def _script(source: str) -> Iterator[dict[str, Any]]:
    """Run ``source`` as this process's script; yield its names."""
    names = vars(sys.modules["__main__"])
    with mock.patch.dict(names):
        names.pop("f", None)
        exec(source, names)
        yield names


def _state_of(script: Mapping[str, Any]) -> tuple[Any, Any]:
    """Return what a message could change in a script: a global, and the method of a class."""
    cube = script.get("Cube")
    return script.get("calls"), vars(cube).get("__call__") if cube else None


@clause("CODE-02")
@pytest.mark.parametrize("receiver", list(_RECEIVERS))
@pytest.mark.parametrize("script", list(_SCRIPTS))
def test_references_to_the_script(subject: Subject, script: str, receiver: str) -> None:
    """A UDF uses a global of the sender's script, or a function that a C object holds.

    The receiver's script lacks the name, or has something else by that name. The result is
    the sender's, or there is an error; the receiver's script has what it had.
    """
    udf = Udf(f"code/{script}", "scalar", "cubes", _SCRIPTS[script], (INT,), INT)
    with _script(_SCRIPTS[script]) as names:
        expr = subject.expr(Call(udf, (Col("a"),)), {udf: subject.function(udf, names["f"])})
        try:
            data = subject.to_bytes(expr)
        except Exception:  # noqa: BLE001 - picklers raise errors of several types
            return
    with _script(_RECEIVERS[receiver]) as names:
        before = _state_of(names)
        try:
            seen = evaluate_rows(subject, "scalar", subject.from_bytes(data))
        except Exception:  # noqa: BLE001 - an implementation has errors of its own
            return
        assert_equal(_state_of(names), before, "a global and a class of the receiver's script")
    assert_result(seen, [1, 8, 27], "the cubes of 1, 2 and 3")
