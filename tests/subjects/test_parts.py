"""The parts of the reference: what a subclass replaces counts for all that belongs to it."""

from __future__ import annotations

import copy
import pickle
import random
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest

from conformance import wire
from conformance.catalogue import ENTRIES
from conformance.hostile import canary
from conformance.subjects.reference import Reference
from conformance.subjects.reference.codec import Codec
from conformance.subjects.reference.errors import ExecutionError
from conformance.subjects.reference.functions import Function, as_field
from conformance.subjects.reference.schemas import Schemas
from conformance.suite.helpers.handmade_frames import encode_schema
from conformance.suite.helpers.samples import sample, strict_session


class Loud(Reference):
    """One whose codec reads every name in capitals."""

    class codec_class(Codec):  # noqa: N801
        def udf_of(self, family: Any, content: Any) -> Function:
            function = super().udf_of(family, content)
            return replace(function, name=function.name.upper())


WAYS = {
    "pickle": lambda expr: pickle.loads(pickle.dumps(expr)),
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
}


@pytest.mark.parametrize("way", list(WAYS))
def test_pickles_go_by_their_own_subject(way: str) -> None:
    for subject, name in ((Loud(), "LAMBDA(a)"), (Reference(), "lambda(a)")):
        again = WAYS[way](sample(subject, "scalar"))
        assert again.subject is subject
        assert subject.display(again) == name


def test_subjects_have_slots_and_registrations_of_their_own() -> None:
    loud, plain = Loud(), Reference()
    loud.set_slot("sender", strict_session(loud))
    assert plain.get_slot("sender") is None
    assert wire.find(pickle.dumps(sample(plain, "scalar")))
    assert not wire.find(pickle.dumps(sample(loud, "scalar")))
    assert loud.global_session() is not plain.global_session()


FIELDS = [
    *dict.fromkeys(
        as_field(one, "zählen")
        for entry in ENTRIES.values()
        for udf in entry.udfs
        for one in (*udf.inputs, udf.returns, *udf.state)
    ),
    *(
        pa.field("x", type_, nullable=False, metadata={"": "empty", "k": ""})
        for type_ in (
            pa.dense_union([pa.field("a", pa.int8())], [5]),
            pa.map_(pa.string(), pa.int8(), keys_sorted=True),
            pa.large_list_view(pa.int8()),
            pa.dictionary(pa.uint16(), pa.struct([("a", pa.binary(4))]), ordered=True),
            pa.time32("ms"),
        )
    ),
]


@pytest.mark.parametrize("field", FIELDS, ids=str)
def test_schemas_are_arrows(field: pa.Field) -> None:
    theirs, ours = encode_schema(field), Schemas().write([field])
    assert wire.read_schema(ours).equals(wire.read_schema(theirs), check_metadata=True)
    for data in (ours, theirs):
        (read,) = Schemas().read(data, "any")
        assert pa.schema([read]).equals(pa.schema([field]), check_metadata=True)


def test_damaged_schemas_are_errors() -> None:
    schemas, chance = Schemas(), random.Random(1)
    whole = schemas.write(FIELDS)
    for size in range(len(whole) - 8):
        with pytest.raises(ExecutionError):
            schemas.read(whole[:size], "any")
    for number in range(4000):
        damaged = bytearray(whole if number % 2 else schemas.write([chance.choice(FIELDS)]))
        damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        try:
            schemas.read(bytes(damaged), "any")
        except ExecutionError:
            continue


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_other_pickles_run_nothing(protocol: int) -> None:
    subject, data = Reference(), pickle.dumps(canary.Canary(), protocol)
    with canary.recording() as events, pytest.raises(ExecutionError):
        subject.from_bytes(data)
    assert events == []
    expr = sample(subject, "scalar")
    again = subject.from_bytes(pickle.dumps(expr, protocol))
    assert subject.display(again) == subject.display(expr)
