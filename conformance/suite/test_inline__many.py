"""Many trips, deep and large expressions."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import zip_longest

import pytest

from conformance import wire
from conformance.catalogue.nodes import Binary, Builtin, Call, Col, Family, Lit, Node
from conformance.runner.assertions import assert_equal, assert_result, assert_succeeds
from conformance.subjects.interface import Subject
from conformance.suite.helpers.artifacts import Artifact
from conformance.suite.helpers.codec import MAGIC, decode_by_route, encode_for_route
from conformance.suite.helpers.large import assert_every_time, assert_large, each_size
from conformance.suite.helpers.markers import clause, each_family, each_route
from conformance.suite.helpers.same_name_udfs import (
    RESULTS,
    call_of,
    evaluate_rows,
    function_of,
    times,
)


@clause("INLINE-25")
@each_route
@each_family
def test_many_trips(subject: Subject, family: Family, route: str) -> None:
    """An expression makes twenty round trips. The bytes do not grow, and the result is the same.

    They may shrink, and grow again to the size that they had.
    """
    expr, session = call_of(subject, times(family, 7)), subject.session()
    sizes = []
    for _ in range(20):
        data = encode_for_route(subject, route, expr)
        sizes.append(len(data))
        expr = decode_by_route(subject, route, data, session)
    grown = [size for size in sizes[2:] if size > sizes[1]]
    assert_equal(grown, [], f"the sizes over that of the second trip, {sizes[1]}")
    assert_result(evaluate_rows(subject, family, expr), RESULTS[family], "times 7")


@contextmanager
def _recursion_limit(depth: int) -> Iterator[None]:
    """Raise Python's recursion limit enough for ``depth`` nested nodes."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(10 * depth + limit)
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)


@clause("INLINE-17")
@pytest.mark.parametrize("depth", [10, 40, 60, 200])
def test_deep(subject: Subject, depth: int) -> None:
    """Calls are nested 10, 40, 60 and 200 deep. The round trip keeps one frame per call."""
    udf = times("scalar", 2)
    node: Node = Col("a")
    for _ in range(depth):
        node = Call(udf, (node,))
    with _recursion_limit(depth):
        data = subject.to_bytes(subject.expr(node, {udf: function_of(subject, udf)}))
    expr = assert_succeeds(lambda: subject.from_bytes(data), f"{depth} nested calls")
    with _recursion_limit(depth):
        again = subject.to_bytes(expr)
    assert_equal(again.count(MAGIC["scalar"]), depth, "the frames after a round trip")


STACK_BYTES = 8 * 2**20
"""Size in bytes of the native stack for too deep a nesting, independent of `ulimit -s`."""


@clause("INLINE-19")
@pytest.mark.deadly
def test_too_deep(subject: Subject) -> None:
    """Calls are nested 3,000 deep.

    Encoding succeeds or raises an error, and the process survives.
    """
    node: Node = Col("a")
    for _ in range(3_000):
        node = Builtin("abs", (node,))
    with _recursion_limit(3_000):
        expr = subject.expr(node, {})

        def encode() -> None:
            with suppress(Exception):
                subject.to_bytes(expr)

        before = threading.stack_size(STACK_BYTES)
        thread = threading.Thread(target=encode)
        thread.start()
        threading.stack_size(before)
        thread.join()


each_packing = pytest.mark.parametrize(
    "artifact",
    [
        pytest.param("expression", marks=clause("INLINE-01")),
        pytest.param("pickle", marks=clause("INLINE-02")),
    ],
)


@each_packing
@each_size
@each_family
def test_large(subject: Subject, family: Family, size: str, artifact: Artifact) -> None:
    """The callable captures a text of ``size``. A new session decodes it, with its result."""
    assert_large(subject, artifact, family, size)


@each_packing
@each_family
def test_every_time(subject: Subject, family: Family, artifact: Artifact) -> None:
    """One expression is encoded 20 times, and its bytes are decoded 20 times more.

    Each decoded expression gives the result.
    """
    assert_every_time(subject, artifact, family)


@clause("INLINE-07")
@each_route
def test_forty_calls(subject: Subject, route: str) -> None:
    """An expression adds 5 to calls of 40 UDFs with the factors 1 to 40: 820 ``a`` + 5."""
    udfs = [times("scalar", factor, f"times_{factor}") for factor in range(1, 41)]
    nodes: list[Node] = [Call(udf, (Col("a"),)) for udf in udfs]
    while len(nodes) > 1:  # by pairs, so that the depth is 6: 40, 20, 10, 5, 3, 2, 1 nodes
        pairs = zip_longest(nodes[::2], nodes[1::2])
        nodes = [Binary("+", one, other) if other else one for one, other in pairs]
    sum_ = Binary("+", nodes[0], Lit(5))
    expr = subject.expr(sum_, {udf: function_of(subject, udf) for udf in udfs})
    data = encode_for_route(subject, route, expr)
    assert_equal(len(wire.find(data)), 40, "the number of frames")
    decoded = decode_by_route(subject, route, data, subject.session())
    assert_result(evaluate_rows(subject, "scalar", decoded), [825, 1645, 2465], "the result")
