"""UDFs and processes stay as they are when something is encoded or decoded."""

from __future__ import annotations

import copy
import gc
import pickle
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
import pytest

from conformance.catalogue.nodes import Family, Udf
from conformance.runner.assertions import assert_equal, assert_result
from conformance.subjects.interface import Expression, Subject
from conformance.subjects.plans import Layer
from conformance.suite.helpers.artifacts import LAYER, Artifact, each_artifact, encode_inline
from conformance.suite.helpers.codec import decode_by_route, encode_for_route
from conformance.suite.helpers.decode_worker import another_process
from conformance.suite.helpers.large import large_times
from conformance.suite.helpers.markers import (
    LAYERS,
    clause,
    each_family,
    each_layer,
    each_route,
    needs,
)
from conformance.suite.helpers.process_state import SETTINGS, WORK
from conformance.suite.helpers.same_name_udfs import (
    INT,
    call_of,
    evaluate_rows,
    expected_values,
    function_of,
    query_of,
)
from conformance.suite.helpers.samples import SAMPLES, once, plans
from conformance.suite.helpers.settings import HELD, Setting

each_held = pytest.mark.parametrize("held", HELD)


def _messages(subject: Subject, setting: Setting, route: str) -> dict[int, bytes]:
    """Encode the UDF with the settings 2 and 3, in this order."""
    written = {}
    for value in (2, 3):
        setting.set(value)
        written[value] = encode_for_route(subject, route, setting.expr)
    return written


@clause("ALIVE-01")
@each_held
@each_route
@each_family
def test_an_earlier_message(subject: Subject, family: Family, route: str, held: str) -> None:
    """A receiver decodes two messages of one UDF; the sender changed a setting in between.

    The first UDF still gives its own result, in this thread and in another.
    """
    written = _messages(subject, Setting(subject, family, held), route)
    gc.collect()  # the sender's UDF is gone
    session = subject.session()
    first = decode_by_route(subject, route, written[2], session)
    second = decode_by_route(subject, route, written[3], session)
    seen = evaluate_rows(subject, family, second)
    assert_result(seen, expected_values(family, 3), "the second message")
    with ThreadPoolExecutor(1) as pool:
        elsewhere = pool.submit(evaluate_rows, subject, family, first).result()
    for seen in (evaluate_rows(subject, family, first), elsewhere):
        assert_result(seen, expected_values(family, 2), "the first message, used afterwards")


@clause("ALIVE-02")
@each_held
@each_route
@each_family
def test_the_sender(subject: Subject, family: Family, route: str, held: str) -> None:
    """A sender decodes its own earlier message, after it changed a setting.

    The sender's UDF has the new setting; the decoded one has the old.
    """
    setting = Setting(subject, family, held)
    written = _messages(subject, setting, route)
    again = decode_by_route(subject, route, written[2], subject.session())
    seen = evaluate_rows(subject, family, again)
    assert_result(seen, expected_values(family, 2), "the message")
    seen = evaluate_rows(subject, family, setting.expr)
    assert_result(seen, expected_values(family, 3), "the sender's UDF, used afterwards")


_COUNTERS: dict[Family, str] = {
    "scalar": """
        def f(a):
            seen.update(a.to_pylist())
            return pa.array([len(seen)] * len(a))
        return f
""",
    "aggregate": """
        class Count(Accumulator):
            def update(self, a): seen.update(a.to_pylist())
            def merge(self, states): pass
            def state(self): return [pa.scalar(0)]
            def evaluate(self): return pa.scalar(len(seen))
        return Count
""",
    "window": """
        class Count(WindowEvaluator):
            def evaluate_all(self, values, n):
                seen.update(values[0].to_pylist())
                return pa.array([len(seen)] * n)
        return Count
""",
}
"""Each counts the different values that it has seen in its life."""

COPIES: dict[str, Callable[[Subject, Expression], Expression]] = {
    "bytes": lambda subject, expr: subject.from_bytes(subject.to_bytes(expr)),
    "pickle": lambda _, expr: pickle.loads(pickle.dumps(expr)),
    "copy": lambda _, expr: copy.copy(expr),
    "deepcopy": lambda _, expr: copy.deepcopy(expr),
}


def _two_copies(subject: Subject, expr: Expression, way: str) -> Sequence[Expression]:
    """Return two copies, made one by one, or decoded from one message."""
    if way == "one-message":
        data = subject.to_bytes(expr)
        return [subject.from_bytes(data) for _ in range(2)]
    return [COPIES[way](subject, expr) for _ in range(2)]


def _counter(subject: Subject, family: Family) -> Expression:
    source = f"import pyarrow as pa\ndef make(seen):\n{_COUNTERS[family]}\nf = make(set())\n"
    state = (INT,) if family == "aggregate" else ()
    udf = Udf(f"alive/counter-{family}", family, "counter", source, (INT,), INT, state)
    return call_of(subject, udf)


def _count(subject: Subject, family: Family, expr: Expression, *values: int) -> int:
    rows = [pa.RecordBatch.from_pydict({"a": [*values]})]
    result = subject.evaluate(subject.session(), expr, rows, aggregate=family == "aggregate")
    count: int = result[0].as_py()
    return count


@clause("ALIVE-03")
@pytest.mark.parametrize("way", ["one-message", *COPIES])
@each_family
def test_copies_share_no_state(subject: Subject, family: Family, way: str) -> None:
    """A UDF counts the values that it has seen. Its copies count only their own."""
    original = _counter(subject, family)
    first, second = _two_copies(subject, original, way)
    assert_equal(_count(subject, family, original, 1, 2, 3), 3, "the original")
    assert_equal(_count(subject, family, first, 4, 5), 2, "the first copy")
    assert_equal(_count(subject, family, second, 6), 1, "the second copy")
    assert_equal(_count(subject, family, original, 7), 4, "the original, used afterwards")


@clause("ALIVE-03")
@needs("plans")
@each_layer
def test_plans_share_no_state(subject: Subject, layer: Layer) -> None:
    """A UDF counts the rows that it has seen. Two plans of the same bytes count their own."""
    body = "def make(seen):\n    def f(a):\n        seen.extend(a.to_pylist())\n"
    body += "        return pa.array([len(seen)] * len(a))\n    return f\nf = make([])\n"
    source = f"import pyarrow as pa\n{body}"
    udf = Udf("alive/counter-plan", "scalar", "counter", source, (INT,), INT)
    session, capability = subject.session(), plans(subject)
    plan = capability.plan(session, layer, query_of(udf), {udf: function_of(subject, udf)}, Path())
    data = capability.to_bytes(plan, session)
    copies = [capability.from_bytes(layer, session, data) for _ in range(2)]
    for number, one in enumerate(copies, 1):
        table = capability.execute(session, one)
        assert_result(table.column("v").to_pylist(), [3, 3, 3], f"the rows of copy {number}")


_HELD = {
    "default": "def f(a, seen=set()): return count(seen, a)",
    "partial": "f = functools.partial(count, set())",
    "method": "f = Counter().count",
    "instance": "f = Counter()",
    "attribute": "def f(a): return count(f.seen, a)\nf.seen = set()",
}
"""Callables that count in something that they hold, by what that is."""


@clause("ALIVE-03")
@pytest.mark.parametrize("held", _HELD)
@pytest.mark.parametrize("way", ["one-message", *COPIES])
def test_copies_share_nothing_held(subject: Subject, way: str, held: str) -> None:
    """A UDF counts in an object that it holds. Its copies count only their own."""
    source = f"""
import functools
import pyarrow as pa
def count(seen, a):
    seen.update(a.to_pylist())
    return pa.array([len(seen)] * len(a))
class Counter:
    def __init__(self): self.seen = set()
    def count(self, a): return count(self.seen, a)
    __call__ = count
{_HELD[held]}
"""
    original = call_of(subject, Udf("alive/counter-held", "scalar", "count", source, (INT,), INT))
    first, second = _two_copies(subject, original, way)
    assert_equal(_count(subject, "scalar", first, 4, 5), 2, "the first copy")
    assert_equal(_count(subject, "scalar", second, 6), 1, "the second copy")
    assert_equal(_count(subject, "scalar", original, 7), 1, "the original")


_FACTORIES: dict[Family, str] = {
    "aggregate": """
class Count(Accumulator):
    def __init__(self, seen): self.seen = seen
    def update(self, a): self.seen.update(a.to_pylist())
    def merge(self, states): pass
    def state(self): return [pa.scalar(0)]
    def evaluate(self): return pa.scalar(len(self.seen))
""",
    "window": """
class Count(WindowEvaluator):
    def __init__(self, seen): self.seen = seen
    def evaluate_all(self, values, n):
        self.seen.update(values[0].to_pylist())
        return pa.array([len(self.seen)] * n)
""",
}
"""Each counts in an object that its factory, a function, holds."""


@clause("ALIVE-03")
@pytest.mark.parametrize("family", _FACTORIES)
@pytest.mark.parametrize("way", ["one-message", *COPIES])
def test_factories_share_no_state(subject: Subject, way: str, family: Family) -> None:
    """A function that makes counters holds what they count in. Its copies hold their own."""
    make = "def make(seen):\n    def f(): return Count(seen)\n    return f\nf = make(set())\n"
    source = f"import pyarrow as pa\n{_FACTORIES[family]}{make}"
    state = (INT,) if family == "aggregate" else ()
    udf = Udf(f"alive/factory-{family}", family, "counter", source, (INT,), INT, state)
    original = call_of(subject, udf)
    first, second = _two_copies(subject, original, way)
    assert_equal(_count(subject, family, first, 4, 5), 2, "the first copy")
    assert_equal(_count(subject, family, second, 6), 1, "the second copy")
    assert_equal(_count(subject, family, original, 7), 1, "the original")


@once
def _changes(subject: Subject, settings: str) -> Mapping[tuple[str, ...], list[str]]:
    """Return what changes in a process that has decoded nothing yet, by family, artifact, work."""
    artifacts = [one for one in LAYER if subject.plans is not None or one not in LAYERS]
    written = {
        (family, artifact): encode_inline(subject, artifact, family)
        for family in SAMPLES
        for artifact in artifacts
    }
    large = {f: subject.to_bytes(call_of(subject, large_times(f, 100_000))) for f in SAMPLES}
    with another_process() as peer:
        changes: Mapping[tuple[str, ...], list[str]] = peer.call(
            "conformance.suite.helpers.process_state:changes_of_work",
            written,
            large,
            settings,
            deadline=30,
        )
    return changes


@clause("ALIVE-04")
@pytest.mark.deadline(60)
@pytest.mark.parametrize("settings", SETTINGS)
@pytest.mark.parametrize("work", WORK)
@each_artifact
@each_family
def test_the_process(
    subject: Subject, family: Family, artifact: Artifact, work: str, settings: str
) -> None:
    """Another process encodes a call, decodes it, refuses it, or fails to decode it.

    It has the same settings, hooks, handlers and names as before, also where a program had
    changed its settings.
    """
    seen = _changes(subject, settings)[family, artifact, work]
    assert_equal(seen, [], "what changed in the process")
