"""The cases of goldens, and that each run writes the same bytes."""

from __future__ import annotations

from pathlib import Path
from unittest import mock

import datafusion  # noqa: F401
import pytest

from conformance import wire
from conformance.catalogue import ENTRIES
from conformance.catalogue.queries import QUERIES
from conformance.golden.cases import CASES, CLOUDPICKLE, CODEC_ID, GoldenCase
from conformance.matrix import read
from conformance.subjects.engine import Engine
from tasks.goldens import json_values, writer

ENGINE = Engine()
PLANS = [case for case in CASES.values() if not case.is_plain]

each = pytest.mark.parametrize("case", PLANS, ids=lambda case: case.id)


def test_every_entry_and_every_query_without_a_file_is_there() -> None:
    assert CASES.keys() >= ENTRIES.keys()
    seen = {(case.layer, case.of.id) for case in PLANS if case.codec_id is None}
    expected = {("physical", id_) for id_, q in QUERIES.items() if q.source in ("values", "memory")}
    counted = ("plan/top-k-", "plan/join-filter-")
    expected = {(layer, id_) for layer, id_ in expected if not id_.startswith(counted)}
    expected |= {("logical", id_) for id_, q in QUERIES.items() if q.source == "values"}
    assert seen == expected


def test_every_family_goes_through_the_chain_at_every_layer() -> None:
    seen = {(case.layer, *case.of.families) for case in PLANS if case.codec_id == CODEC_ID}
    layers = ("expression", "logical", "physical")
    assert seen == {(a, b) for a in layers for b in ("scalar", "aggregate", "window")}


def test_ids_have_one_slash_and_name_what_is_no_expression() -> None:
    assert all(id_ == case.id and id_.count("/") == 1 for id_, case in CASES.items())
    kinds = {case.id.partition("/")[0] for case in PLANS}
    assert kinds == {"logical-plan", "physical-plan", "chain"}
    assert not kinds & {id_.partition("/")[0] for id_ in ENTRIES}


def test_the_cloudpickle_is_one_of_the_matrix() -> None:
    assert CLOUDPICKLE in read().cloudpickles


@each
def test_written_the_same_each_time(case: GoldenCase) -> None:
    one, other = (case.encode(ENGINE) for _ in range(2))
    assert one is not None
    assert one == other
    assert bool(wire.find_envelopes(one)) == (case.codec_id is not None)


class Without(Engine):
    """An engine that lacks capabilities, beside some cloudpickle."""

    def __init__(self, *capabilities: str, cloudpickle: str = CLOUDPICKLE) -> None:
        super().__init__()
        self.cloudpickle = cloudpickle
        for capability in capabilities:
            setattr(self, capability, None)

    def versions(self) -> dict[str, str]:
        return {**super().versions(), "cloudpickle": self.cloudpickle}


@pytest.mark.parametrize(
    ("subject", "left_out"),
    [
        (Without(), set()),
        (Without("chain"), {case.id for case in PLANS if case.codec_id}),
        (Without("plans"), {case.id for case in PLANS if case.layer != "expression"}),
        (Without(cloudpickle="3.1.1"), {case.id for case in PLANS}),
    ],
    ids=["nothing", "chain", "plans", "cloudpickle"],
)
def test_writes_what_it_can(subject: Engine, left_out: set[str]) -> None:
    assert CASES.keys() - writer.write(subject).keys() == left_out


def test_a_writing_that_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The error is one line, and no incomplete output is left."""
    monkeypatch.setenv("PYTHONHASHSEED", "0")
    (tmp_path / "file").touch()
    out = tmp_path / "file" / "x.written"
    with mock.patch.object(writer, "write", return_value={}):
        assert writer.main(str(out), {}) == 2
    message = f"golden writer: {out}: cannot be written: "
    assert capsys.readouterr().err.startswith(message)
    with mock.patch.object(writer, "write", return_value={}):
        assert writer.main(str(tmp_path / "x.written"), {}) == 0


def test_a_plan_in_the_manifest() -> None:
    record = json_values.case_record(CASES["logical-plan/top-k-values"])
    assert record["layer"] == "logical"
    assert record["frames_of"] == "plan/top-k"
    assert record["source"] == "values"
    assert record["partitions"][0] == [["y", 4], ["x", 1]]
    assert record["steps"][1] == {"Limit": {"rows": 2}}
    assert record["ordered"] is True
    assert record["result"] == [["y", 7], ["x", 6]]
    assert "batches" not in record


def test_an_expression_of_the_chain_in_the_manifest() -> None:
    bare, wrapped = (
        json_values.case_record(CASES[id_]) for id_ in ("scalar/lambda", "chain/expression-scalar")
    )
    more = {"layer": "expression", "frames_of": "scalar/lambda", "codec_id": CODEC_ID}
    assert wrapped == {**bare, **more}
