"""Make, encode and decode plans of the catalogue's queries."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path

import pytest

from conformance import wire
from conformance.catalogue.nodes import Family, Udf
from conformance.catalogue.queries import QUERIES, UNANSWERED
from conformance.catalogue.query import Query
from conformance.golden.cloudpickle_state import clear_class_tracker
from conformance.runner.assertions import Mismatch, assert_result
from conformance.subjects import current
from conformance.subjects.interface import Function, Session, Subject
from conformance.subjects.plans import Layer, Plan
from conformance.suite.helpers.markers import LAYERS
from conformance.suite.helpers.samples import make_functions, plans

SAMPLES: dict[Family, Query] = {
    "scalar": QUERIES["plan/projection-scalar-values"],
    "aggregate": QUERIES["plan/group-aggregate-values"],
    "window": QUERIES["plan/partition-window-values"],
}
"""One simple query per family, for cases that test the frame rather than the plan."""


def each_query(queries: Iterable[tuple[Layer, str]]) -> pytest.MarkDecorator:
    """Parametrize a case with these layers and queries."""
    return pytest.mark.parametrize(("layer", "query"), list(queries))


def encodable_plans(queries: Mapping[str, Query]) -> list[tuple[Layer, str]]:
    """Return the layers and queries that can be encoded: a logical plan cannot hold batches."""
    return [
        (layer, id_)
        for id_, query in queries.items()
        for layer in LAYERS
        if (layer, query.source) != ("logical", "memory")
    ]


each_plan = each_query(encodable_plans(QUERIES))


def get_query(id_: str) -> Query:
    """Return the query with this id, which may be one that no engine answers correctly."""
    return QUERIES[id_] if id_ in QUERIES else UNANSWERED[id_]


@contextmanager
def make_plan(
    subject: Subject, layer: Layer, query: Query, udfs: Mapping[Udf, Function] | None = None
) -> Iterator[Plan]:
    """Yield the plan of ``query`` on a new session.

    The files that the plan reads exist only inside the block.
    """
    udfs = make_functions(subject, query) if udfs is None else udfs
    files = query.source in ("csv", "parquet")
    with tempfile.TemporaryDirectory() if files else nullcontext("no folder") as folder:
        yield plans(subject).plan(subject.session(), layer, query, udfs, Path(folder))


def encode_plan(
    subject: Subject, layer: Layer, query: Query, session: Session | None = None
) -> bytes:
    """Return the encoded plan of ``query``; the query must not read files."""
    with make_plan(subject, layer, query) as plan:
        return plans(subject).to_bytes(plan, session)


def replace_frames(data: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """Apply ``change`` to each frame in ``data`` and correct the enclosing lengths."""
    return wire.replace(data, {found.path: change(found.data) for found in wire.find(data)})


def assert_decodes_to_result(
    subject: Subject, layer: Layer, query: Query, data: bytes, session: Session | None = None
) -> None:
    """Assert that the plan in ``data`` decodes and returns the hand-written result.

    Its classes are rebuilt from the bytes, even if they exist in this process.
    """
    clear_class_tracker()
    session = subject.session() if session is None else session
    assert_plan_result(subject, query, plans(subject).from_bytes(layer, session, data), session)


def assert_plan_result(subject: Subject, query: Query, plan: Plan, session: Session) -> None:
    """Assert that ``plan`` returns the hand-written result of ``query``."""
    seen = query.result_rows(plans(subject).execute(session, plan))
    assert_result(seen, query.result, f"the result of {query.id}")


def decode_all(sent: Sequence[tuple[Layer, str, bytes]]) -> dict[str, str]:
    """Decode and execute each plan in another process; return the failures by layer and id."""
    failures = {}
    for layer, id_, data in sent:
        try:
            assert_decodes_to_result(current.subject(), layer, get_query(id_), data)
        except Mismatch as error:
            failures[f"{layer} {id_}"] = f"{error}: {error.seen}"
        except Exception as error:  # noqa: BLE001 - one plan's error must not hide the others
            failures[f"{layer} {id_}"] = f"{type(error).__name__}: {error}"
    return failures
