"""The builders of negative vectors: ids, coverage, controls, and what each part is made of."""

from __future__ import annotations

import io
import pickle
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from conformance import wire
from conformance.hostile import canary as hostile
from conformance.negative import STORED, Vector, build, pickles, protocols, schemas
from conformance.negative.artifacts import hold
from conformance.negative.frames import canary, frame, payload
from conformance.negative.tables import TABLES
from conformance.negative.vector import ARTIFACTS, FAMILIES, Artifact, Family
from conformance.spec import CLAUSES
from conformance.wire import Definition, read_schema

VECTORS = build(STORED)

REFUSING = {
    "FRAME": (*range(7, 16), *range(17, 24)),
    "PAYLOAD": range(23, 31),
    "STRICT": (*range(1, 8), 9, 11),
    "BYNAME": (4, 5, 6, 8, 11),
    "PLAN": (*range(10, 19), 20, 32),
    "CHAIN": range(21, 32),
    "GOLDENCHAIN": (2, 3),
    "CODEC": (3, 5, 7, 9),
    "HOSTILE": (1, 2, 7),
}
"""The clauses that demand a refusal of bytes, from every reader."""

ACCEPTING = (
    *("FRAME-24", "PAYLOAD-22", "INLINE-17", "BYNAME-01", "BYNAME-02", "PLAN-19"),
    *("CHAIN-17", "CHAIN-20"),
)


def _clauses(do: str) -> set[str]:
    return {demand.clause for one in VECTORS if one.do == do for demand in one.demands}


def test_every_id_is_unique() -> None:
    assert [id_ for id_, n in Counter(one.id for one in VECTORS).items() if n > 1] == []


def test_every_id_is_a_name() -> None:
    assert [
        one.id for one in VECTORS if not re.fullmatch(r"[a-z0-9-]+(/[a-z0-9-]+)*", one.id)
    ] == []


def test_case_ids_are_unique() -> None:
    """A case's id has hyphens for the slashes of a vector's id."""
    assert len({one.id.replace("/", "-") for one in VECTORS}) == len(VECTORS)


def test_ids_do_not_depend_on_the_receiver() -> None:
    here = [(one.id, one.do, [demand.clause for demand in one.demands]) for one in VECTORS]
    for python in ((3, 10), (3, 15)):
        there = build(python)
        assert [(v.id, v.do, [d.clause for d in v.demands]) for v in there] == here


@pytest.mark.parametrize("chapter", REFUSING)
def test_every_refusing_clause_has_a_vector(chapter: str) -> None:
    wanted = {f"{chapter}-{number:02}" for number in REFUSING[chapter]}
    found = {id_ for id_ in _clauses("refuse") if id_.startswith(f"{chapter}-")}
    assert found == wanted


def test_the_controls_have_their_clauses() -> None:
    assert _clauses("accept") == {*ACCEPTING}


def test_every_clause_is_one_of_the_wire() -> None:
    wrong = {
        id_ for id_ in _clauses("refuse") | _clauses("accept") if CLAUSES[id_].profile != "wire"
    }
    assert wrong == set()


def test_a_clause_demands_a_refusal_and_nothing_unpickled_at_most_once() -> None:
    twice = [
        one.id
        for one in VECTORS
        if len({(d.clause, d.unpickles) for d in one.demands}) != len(one.demands)
    ]
    assert twice == []


def test_every_refused_vector_demands_the_refusal() -> None:
    """And not only that nothing is unpickled."""
    assert [one.id for one in VECTORS if not any(d.unpickles for d in one.demands)] == []


def test_nothing_is_demanded_beside_what_may_not_be_unpickled() -> None:
    wrong = [
        one.id
        for one in VECTORS
        for demand in one.demands
        if not demand.unpickles and (demand.kind or demand.words)
    ]
    assert wrong == []


def test_an_accepted_vector_demands_nothing_of_an_error() -> None:
    wrong = [
        one.id
        for one in VECTORS
        for demand in one.demands
        if one.do == "accept" and (demand.kind or demand.words or not demand.unpickles)
    ]
    assert wrong == []


def test_what_may_not_be_unpickled_is_a_canary() -> None:
    """Without one, nobody would see that it was unpickled."""
    guarded = [one for one in VECTORS if not all(demand.unpickles for demand in one.demands)]
    assert len(guarded) > 100
    module = pickles.CANARY.encode()
    assert [one.id for one in guarded if module not in one.data] == []


def test_nothing_accepted_is_a_canary() -> None:
    """A receiver without this package could not import it."""
    module = pickles.CANARY.encode()
    assert [one.id for one in VECTORS if one.do == "accept" and module in one.data] == []


def test_codecs_are_for_engines_with_envelopes() -> None:
    assert [one.id for one in VECTORS if one.receiver.codecs and one.since != "55.0.0"] == []


def test_the_builders_are_deterministic() -> None:
    """Another process, with another hash seed, makes the same bytes."""
    code = (
        "import hashlib; from conformance.golden import negative as n;"
        "print(hashlib.sha256(n.text(n.built()).encode()).hexdigest())"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", code],
            check=True,
            capture_output=True,
            text=True,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(wire.__file__).parents[2])},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(runs) == 1


def test_the_builders_import_no_engine() -> None:
    code = (
        "import sys, conformance.negative as n; n.build(n.STORED);"
        "print(sorted({'datafusion', 'pyarrow', 'cloudpickle'} & {*sys.modules}))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(Path(wire.__file__).parents[2])},
    )
    assert run.stdout == "[]\n"


# The parts


@pytest.mark.parametrize(
    ("stream", "fields"),
    [
        (schemas.INPUTS, ["arg_0: int64 null"]),
        (schemas.RETURNS, ["result: int64 null"]),
        (schemas.STATE, ["state_0: int64 null"]),
        (schemas.NO_FIELD, []),
        (schemas.TWO_FIELDS, ["a: int64 null", "b: int64 null"]),
    ],
)
def test_a_schema_is_what_it_says(stream: bytes, fields: list[str]) -> None:
    assert wire.schema_lines(read_schema(stream)) == fields


def test_a_batch_is_in_the_stream() -> None:
    import pyarrow as pa

    with pa.ipc.open_stream(schemas.with_batch(schemas.INPUTS)) as stream:
        assert stream.read_all().to_pydict() == {"arg_0": [1]}


@pytest.mark.parametrize("stream", [schemas.CUT, schemas.GARBAGE, b""])
def test_a_broken_schema_is_broken(stream: bytes) -> None:
    with pytest.raises(wire.MalformedSchema):
        read_schema(stream)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_payload_is_the_tuple_of_its_family(family: Family) -> None:
    definition = Definition.read(frame(family, STORED))
    assert (definition.name, definition.volatility) == ("times", "immutable")
    assert wire.Payload.read(payload(family)).size == len(payload(family))
    name, callable_, *rest = pickle.loads(payload(family))
    assert name == "times"
    assert callable(callable_)
    assert len(rest) == (4 if family == "aggregate" else 3)


@pytest.mark.parametrize("protocol", range(6))
def test_a_payload_is_in_its_protocol(protocol: int) -> None:
    content = protocols.scalar_payload(protocol)
    assert pickle.loads(content) == pickle.loads(payload("scalar"))
    found = content[1] if content[0] == 0x80 else 0
    assert found == (protocol if protocol > 1 else 0)


def test_the_canary_runs_what_the_guard_records() -> None:
    with hostile.recording() as events:
        name, callable_, *_ = pickle.loads(canary("scalar", STORED).payload)
    assert events == hostile.FULL_TRACE
    assert name == "times"
    assert callable(callable_)


class _Inert(pickle.Unpickler):
    def find_class(self, module: str, name: str, /) -> Any:
        return lambda: (module, name)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_canary_differs_in_its_callable_alone(family: Family) -> None:
    """A decoder that forgets its check accepts it, and cannot refuse it for another reason."""
    found = _Inert(io.BytesIO(canary(family, STORED).payload)).load()
    valid = pickle.loads(payload(family))
    assert [n for n, pair in enumerate(zip(found, valid, strict=True)) if pair[0] != pair[1]] == [1]
    assert found[1] == (pickles.CANARY, "run")


@pytest.mark.parametrize("artifact", ARTIFACTS)
@pytest.mark.parametrize("family", FAMILIES)
def test_an_artifact_holds_one_frame(artifact: Artifact, family: Family) -> None:
    (found,) = wire.find(hold(artifact, family, frame(family, STORED).to_bytes()))
    assert found.name == "times"
    assert found.frame() == frame(family, STORED)
    assert wire.find(hold(artifact, family, None)) == []


def test_every_table_makes_vectors() -> None:
    assert [table.__qualname__ for table in TABLES if not [*table(STORED)]] == []


def _by_id(id_: str) -> Vector:
    return next(one for one in VECTORS if one.id == id_)


def test_a_wrong_version_differs_from_a_valid_frame_in_one_byte() -> None:
    (valid,) = wire.find(hold("expression", "scalar", canary("scalar", STORED).to_bytes()))
    (wrong,) = wire.find(_by_id("wrong-version-2/scalar/strict").data)
    pairs = enumerate(zip(valid.data, wrong.data, strict=True))
    assert [(n, *pair) for n, pair in pairs if pair[0] != pair[1]] == [(7, 1, 2)]
