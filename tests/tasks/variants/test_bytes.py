"""Variants rewrite bytes without changing what they mean."""

from __future__ import annotations

import pickle
import pickletools
from typing import Any

import pyarrow as pa
import pytest

from conformance.wire import find, read_schema
from tasks.variants.messages import LongLengths, OtherOrder, UnknownFields
from tasks.variants.opcodes import memoize_all
from tasks.variants.schemas import BeforeContinuations, NoEndMarker, OtherLayout
from tests.wire.samples import REAL

SHARED = ["text" * 3, b"bytes", (1, 2.5, None), 2**70]


def without_init(class_: Any) -> Any:
    """Return a variant that has changed nothing of this process."""
    return class_.__new__(class_)


@pytest.mark.parametrize("protocol", [4, 5])
def test_a_pickle_with_a_larger_memo_holds_the_same(protocol: int) -> None:
    value = [SHARED, {"a": SHARED, "b": {7, (8,)}}, *range(300), [True], SHARED]
    data = pickle.dumps(value, protocol)
    new = memoize_all(data)
    names = [opcode.name for opcode, _, _ in pickletools.genops(new)]
    assert names.count("MEMOIZE") > 2 * data.count(pickle.MEMOIZE)
    assert "FRAME" not in names
    read = pickle.loads(new)
    assert read == value
    assert read[0] is read[-1] is read[1]["a"]


@pytest.mark.parametrize("class_", [NoEndMarker, BeforeContinuations, OtherLayout])
def test_another_stream_is_of_the_same_schema(class_: type[Any]) -> None:
    metadata = {"one": "1", "two": "2"}
    types = [pa.int64(), pa.list_(pa.string()), pa.dictionary(pa.int8(), pa.string())]
    schema = pa.schema([pa.field(f"f{n}", type_, n > 0, metadata) for n, type_ in enumerate(types)])
    sink = pa.BufferOutputStream()
    pa.ipc.new_stream(sink, schema).close()
    data = sink.getvalue().to_pybytes()
    new = without_init(class_).stream(data)
    assert new != data
    assert read_schema(new).equals(schema, check_metadata=True)


@pytest.mark.parametrize("name", [name for name in REAL if not name.endswith("-pickle")])
@pytest.mark.parametrize("class_", [UnknownFields, OtherOrder, LongLengths])
def test_another_message_has_the_same_frames(class_: type[Any], name: str) -> None:
    data = REAL[name]
    new = without_init(class_).message(data)
    assert new != data
    assert sorted((one.name or "", one.data) for one in find(new)) == sorted(
        (one.name or "", one.data) for one in find(data)
    )
