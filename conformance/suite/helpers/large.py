"""UDFs whose callable captures a long text, so that their frames are large."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conformance.catalogue.nodes import Binary, Call, Col, Family, Lit, Node, Udf
from conformance.runner.assertions import assert_control
from conformance.subjects.interface import Session, Subject
from conformance.suite.helpers.artifacts import (
    LAYER,
    Artifact,
    assert_multiplies,
    from_bytes,
    to_bytes,
)
from conformance.suite.helpers.same_name_udfs import function_of, query_of, times
from conformance.suite.helpers.samples import plans

SIZES = {"4-kib": 4 << 10, "64-kib": 64 << 10, "1-mib": 1 << 20}
TIMES = 20
"""How often one artifact is encoded, and its bytes are decoded."""

each_size = pytest.mark.parametrize("size", SIZES)


def large_times(family: Family, size: int) -> Udf:
    """Return a UDF that multiplies by 7, the number of y in a text of more than ``size`` bytes."""
    udf = times(family, 7)
    source = udf.source.replace("7", "TEXT.count('y')")
    part = "".join(chr(97 + n * n % 23) for n in range(23))
    text = f"TEXT = ({part!r} * ({size} // 23 + 1))[:{size}] + 'y' * 7\n"
    return replace(udf, id=f"large/{family}-{size}", source=text + source)


def assert_large(subject: Subject, artifact: Artifact, family: Family, size: str) -> None:
    """Encode and decode a call whose frame is larger than ``size``; assert that it multiplies."""
    session, call = make_call(subject, artifact, large_times(family, SIZES[size]))
    data = to_bytes(subject, artifact, call, session)
    assert_control(len(data) > SIZES[size], f"the bytes are smaller than {size}", data)
    receiver = subject.session()
    again = from_bytes(subject, artifact, data, receiver)
    assert_multiplies(subject, artifact, family, again, receiver)


def assert_every_time(subject: Subject, artifact: Artifact, family: Family) -> None:
    """Encode one call many times, and decode the last bytes as often; each must multiply.

    Zero is added to the call, so that the bytes hold a number, too.
    """
    session, call = make_call(subject, artifact, times(family, 7), add=0)
    receiver = subject.session()

    def decode(data: bytes) -> None:
        again = from_bytes(subject, artifact, data, receiver)
        assert_multiplies(subject, artifact, family, again, receiver)

    for _ in range(TIMES):
        data = to_bytes(subject, artifact, call, session)
        decode(data)
    for _ in range(TIMES):
        decode(data)


def make_call(
    subject: Subject, artifact: Artifact, udf: Udf, add: int | None = None
) -> tuple[Session, Any]:
    """Return a session, which must outlive the call, and a call of ``udf``, plus ``add``."""
    session, functions = subject.session(), {udf: function_of(subject, udf)}
    node: Node = Call(udf, (Col("a"),))
    if add is not None:
        node = Binary("+", node, Lit(add))
    if artifact in ("expression", "pickle"):
        return session, subject.expr(node, functions)
    selected = None if udf.family == "aggregate" else node  # an aggregate cannot be selected
    query = query_of(udf, selected)
    return session, plans(subject).plan(session, LAYER[artifact], query, functions, Path())
