"""The reference speaks with the engine: what either writes, the other reads."""

from __future__ import annotations

from typing import Any

import pytest

from conformance import wire
from conformance.catalogue import ENTRIES, get
from conformance.catalogue.nodes import Family
from conformance.catalogue.source import compile_udf
from conformance.catalogue.sql import EXPRESSIONS, ROWS
from conformance.golden.cloudpickle_state import clear_class_tracker
from conformance.runner.results import assert_entry_result
from conformance.subjects.engine import Engine
from conformance.subjects.interface import Subject
from conformance.subjects.reference import Reference
from conformance.suite.helpers.artifacts import wrap_frames
from conformance.suite.helpers.samples import (
    SAMPLES,
    build_expression,
    has_unique_names,
    make_functions,
    strict_session,
)
from conformance.wire import Definition, read_schema

ENGINE, REFERENCE = Engine(), Reference()
WAYS: dict[str, tuple[Subject, Subject]] = {
    "engine-to-reference": (ENGINE, REFERENCE),
    "reference-to-engine": (REFERENCE, ENGINE),
}
each_way = pytest.mark.parametrize("way", list(WAYS))
each_entry = pytest.mark.parametrize("entry", list(ENTRIES))
BY_NAME = [id_ for id_, entry in ENTRIES.items() if has_unique_names(entry)]


@each_way
@each_entry
def test_inline(way: str, entry: str) -> None:
    writer, reader = WAYS[way]
    data = writer.to_bytes(build_expression(writer, get(entry)))
    clear_class_tracker()
    assert_entry_result(reader, reader.from_bytes(data, reader.session()), get(entry))


@each_way
@pytest.mark.parametrize("entry", BY_NAME)
def test_by_name(way: str, entry: str) -> None:
    writer, reader = WAYS[way]
    data = writer.to_bytes(build_expression(writer, get(entry)), strict_session(writer))
    session = strict_session(reader)
    for function in make_functions(reader, get(entry)).values():
        reader.register(session, function)
    assert_entry_result(reader, reader.from_bytes(data, session), get(entry), session)


def _frame_contents(data: bytes) -> list[tuple[Any, ...]]:
    """Return the content of the frames of ``data``, without their callables."""
    message = []
    for found in wire.find(data):
        frame = found.frame()
        one = Definition.read(frame)
        schemas = (one.input_schema, one.return_schema, one.state_schema)
        fields = [
            [(f.name, f.type, f.nullable, f.metadata) for f in read_schema(schema)]
            for schema in schemas
            if schema is not None
        ]
        message.append((frame.family, frame.python, one.name, fields, one.volatility))
    return message


@each_way
@each_entry
def test_passed_on(way: str, entry: str) -> None:
    writer, reader = WAYS[way]
    first = writer.to_bytes(build_expression(writer, get(entry)))
    second = reader.to_bytes(reader.from_bytes(first))
    assert _frame_contents(second) == _frame_contents(first)


@pytest.mark.parametrize(
    "sql",
    [
        id_
        for id_, one in EXPRESSIONS.items()
        if " PRECEDING" in one.text or " FOLLOWING" in one.text
    ],
)
def test_windows_are_passed_on(sql: str) -> None:
    """Only SQL has some of their frames: those that start after the row, or end before it."""
    case = EXPRESSIONS[sql]
    functions = [ENGINE.function(udf, compile_udf(udf, ENGINE.bases)) for udf in case.udfs]
    first = ENGINE.to_bytes(ENGINE.sql.expression(case.text, ROWS, functions))
    second = ENGINE.from_bytes(REFERENCE.to_bytes(REFERENCE.from_bytes(first)))
    assert ENGINE.evaluate(ENGINE.session(), second, [ROWS]).to_pylist() == case.result


@pytest.mark.parametrize("entry", [id_ for id_ in ENTRIES if id_ != "aggregate/state-fields"])
def test_same_frames(entry: str) -> None:
    """The engine forgets the fields of a state that is declared by fields; no clause says so."""
    ours, theirs = (
        _frame_contents(one.to_bytes(build_expression(one, get(entry))))
        for one in (REFERENCE, ENGINE)
    )
    assert ours == theirs


@pytest.mark.parametrize("ids", [("codec",), ("outer", "inner")], ids="-in-".join)
@each_way
@pytest.mark.parametrize("family", list(SAMPLES))
def test_envelopes(way: str, family: Family, ids: tuple[str, ...]) -> None:
    writer, reader = WAYS[way]
    entry, kept = get(SAMPLES[family]), [reader.session()]
    for codec_id in reversed(ids):
        assert reader.chain is not None
        kept.append(reader.chain.install(reader.session(), "logical", kept[-1], codec_id))
    data = wrap_frames(writer.to_bytes(build_expression(writer, entry)), *ids)
    assert_entry_result(reader, reader.from_bytes(data, kept[-1]), entry)
    with pytest.raises(Exception, match=f"extension codec '{ids[0]}', which is not installed"):
        reader.from_bytes(data, reader.session())
