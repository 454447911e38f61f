from __future__ import annotations

from dataclasses import replace

import pyarrow as pa
import pytest

from conformance.catalogue import ENTRIES, UNANSWERED, get, index_by_id
from conformance.catalogue.entry import Entry
from conformance.catalogue.nodes import Udf
from conformance.catalogue.source import MODULE, compile_udf

ALL = [*ENTRIES.values(), *UNANSWERED.values()]
UDFS = list({udf.id: udf for entry in ALL for udf in entry.udfs}.values())
BASES = {"Accumulator": object, "WindowEvaluator": object}
NEEDED = {
    "scalar": "lambda def closure nested-closure default-arguments keyword-defaults many-arguments "
    "zero-arguments callable-object bound-method partial recursion globals import-inside "
    "set-constant unicode-name quoted-name mixed-case-name nulls stable volatile not-null metadata "
    "nested-def comprehensions class-inside large-closure try-with star-args decorated",
    "types": "list struct map nested dictionary decimal decimal256 timestamp-zone dates times "
    "duration interval large-string large-binary large-list string-view binary-view "
    "fixed-size-binary fixed-size-list boolean float16 unsigned null extension binary",
    "aggregate": "class factory-closure several-states several-arguments merge filter distinct "
    "ordered grouped state-fields nulls empty list struct",
    "window": "whole-partition rank frame bounded several-arguments partition order "
    "factory-closure aggregate",
    "expression": "nested same-twice two-of-one-name three-families scalar-in-aggregate "
    "scalar-of-window case cast in-list sort-key filter partition-key builtin alias null-literal "
    "literals typed-literals",
}

each_entry = pytest.mark.parametrize("entry", ALL, ids=[entry.id for entry in ALL])
each_udf = pytest.mark.parametrize("udf", UDFS, ids=[udf.id for udf in UDFS])


@pytest.mark.parametrize("group", NEEDED)
def test_needed_entries_are_there(group: str) -> None:
    assert {f"{group}/{name}" for name in NEEDED[group].split()} <= set(ENTRIES)


def test_ids_are_kebab_case_in_a_known_group() -> None:
    for id_ in [*(entry.id for entry in ALL), *(udf.id for udf in UDFS)]:
        group, name = id_.split("/")
        assert group in NEEDED
        assert name == name.lower()
        assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")


def test_every_family_stands_alone_and_all_stand_together() -> None:
    families = {entry.families for entry in ALL}
    for family in ("scalar", "aggregate", "window"):
        assert {family} in families
    assert {"scalar", "aggregate", "window"} in families


def test_every_volatility_stands_in_every_family() -> None:
    seen = {(udf.family, udf.volatility) for udf in UDFS}
    assert len(seen) == 9


def test_findings_are_apart_and_can_be_had() -> None:
    assert not set(UNANSWERED) & set(ENTRIES)
    for entry in ALL:
        assert get(entry.id) is entry


def test_an_entry_twice_raises() -> None:
    with pytest.raises(ValueError, match="scalar/lambda"):
        index_by_id([get("scalar/lambda"), get("scalar/lambda")])


def test_two_udfs_of_one_id_raise() -> None:
    entry = get("scalar/lambda")
    other = replace(entry.udfs[0], volatility="volatile")
    twin = replace(entry, id="scalar/other", expr=replace(entry.expr, udf=other))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="duplicate catalogue UDF id: scalar/lambda"):
        index_by_id([entry, twin])


@each_entry
def test_note_is_a_sentence(entry: Entry) -> None:
    assert entry.note[0].isupper()
    assert entry.note.endswith(".")


@each_entry
def test_input_is_small_and_fits_its_schema(entry: Entry) -> None:
    batches = entry.record_batches()
    assert all(batch.schema == entry.schema for batch in batches)
    assert sum(batch.num_rows for batch in batches) <= 6
    for batch in batches:
        batch.validate(full=True)


@each_entry
def test_result_has_the_right_length(entry: Entry) -> None:
    rows = sum(batch.num_rows for batch in entry.record_batches())
    if entry.group_by:
        assert all(len(row) == len(entry.group_by) + 1 for row in entry.result)
        assert entry.result == sorted(entry.result, key=lambda row: row[:-1])
    else:
        assert len(entry.result) == (1 if entry.is_aggregate else rows)


@each_entry
def test_result_is_no_input_column(entry: Entry) -> None:
    for name in entry.schema.names:
        assert entry.result != [x for batch in entry.batches for x in batch[name]]


@each_entry
def test_result_has_its_type(entry: Entry) -> None:
    if entry.group_by or entry.result_type is None:
        return
    if pa.types.is_float16(entry.result_type):
        return
    values = pa.array(entry.result, entry.result_type).to_pylist()
    assert values == entry.result


@each_udf
def test_source_compiles_under_its_own_file_name(udf: Udf) -> None:
    function = compile_udf(udf, BASES)
    assert callable(function)
    names = {
        code.co_filename
        for value in [function, *getattr(function, "__globals__", {}).values()]
        if (code := getattr(value, "__code__", None)) and value.__module__ == MODULE
    }
    assert names <= {f"<conformance {udf.id}>"}


@each_udf
def test_source_is_compiled_afresh(udf: Udf) -> None:
    assert compile_udf(udf, BASES) is not compile_udf(udf, BASES)


@each_udf
def test_source_is_deterministic_and_knows_no_engine(udf: Udf) -> None:
    for word in ("datafusion", "random", "time.time", "uuid", "id(", "hash(", "now("):
        assert word not in udf.source


@each_udf
def test_state_belongs_to_aggregates(udf: Udf) -> None:
    assert bool(udf.state) == (udf.family == "aggregate")
