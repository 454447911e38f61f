"""The file of negative vectors: what the builders make, its JSON Schema, malformed files."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, ValidationError

from conformance.golden import negative
from conformance.golden.check import problems
from conformance.golden.negative import FILE, NegativeVectors
from conformance.golden.store import Store, StoreError
from tests.conftest import ROOT

GOLDEN = ROOT / "golden"
TEXT = (GOLDEN / FILE).read_bytes()
SCHEMA = json.loads((GOLDEN / "negative" / "schema.json").read_text())
VALIDATOR = Draft202012Validator(SCHEMA)

Change = Callable[[dict[str, Any]], object]


def test_the_file_is_what_the_builders_make() -> None:
    """``nox -s regenerate`` writes it."""
    assert [*negative.differences(negative.read(GOLDEN), negative.built())] == []
    assert negative.text(negative.built()).encode() == TEXT


def test_the_file_is_small() -> None:
    assert len(TEXT) < 1_000_000


def test_a_vector_is_a_line() -> None:
    lines = TEXT.decode().splitlines()
    assert len(lines) == len(negative.built().vectors) + 2


def test_the_file_matches_its_json_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    VALIDATOR.validate(json.loads(TEXT))


def test_the_store_lists_the_files() -> None:
    store = Store(GOLDEN)
    assert [line for line in store.problems() if "negative" in line] == []


def _damaged(change: Change) -> bytes:
    document = json.loads(TEXT)
    document["vectors"] = document["vectors"][:3]
    change(document)
    return json.dumps(document).encode()


def _first(**fields: Any) -> Change:
    return lambda document: document["vectors"][0].update(fields)


def _session(**fields: Any) -> Change:
    return lambda document: document["vectors"][0]["session"].update(fields)


def _demand(**fields: Any) -> Change:
    return lambda document: document["vectors"][0]["demands"][0].update(fields)


MALFORMED: dict[str, Change] = {
    "another schema": lambda document: document.update(schema=2),
    "no vectors": lambda document: document.pop("vectors"),
    "no data": lambda document: document["vectors"][0].pop("data"),
    "data of odd length": _first(data="abc"),
    "an unknown field": _first(more=1),
    "an unknown field of the session": _session(more=1),
    "an unknown field of a demand": _demand(more=1),
    "an unknown artifact": _first(artifact="pickle"),
    "an unknown decision": _first(do="ignore"),
    "a family that is none": _session(registered=[["table", "t"]]),
    "a truth value as a text": _session(inlining="yes"),
    "words as a text": _demand(words="inlining"),
    "unpickles, but true": _demand(unpickles=True),
    "no demand": _first(demands=[]),
}


@pytest.mark.parametrize("what", MALFORMED)
def test_a_malformed_file_is_refused(what: str) -> None:
    with pytest.raises(StoreError):
        negative.parse(_damaged(MALFORMED[what]))


@pytest.mark.parametrize("what", MALFORMED)
def test_the_json_schema_refuses_a_malformed_file(what: str) -> None:
    with pytest.raises(ValidationError):
        VALIDATOR.validate(json.loads(_damaged(MALFORMED[what])))


def test_an_intact_part_of_the_file_is_accepted() -> None:
    """So that the damage, and nothing else, is refused above."""
    assert len(negative.parse(_damaged(lambda _: None)).vectors) == 3
    VALIDATOR.validate(json.loads(_damaged(lambda _: None)))


def test_a_duplicate_vector_is_refused() -> None:
    data = _damaged(lambda document: document["vectors"].append(document["vectors"][0]))
    with pytest.raises(StoreError, match="duplicate vector: wrong-version-2/scalar/inlining"):
        negative.parse(data)


def test_a_duplicate_field_is_refused() -> None:
    data = _damaged(lambda _: None).replace(b'"note"', b'"id": "x", "note"', 1)
    with pytest.raises(StoreError, match="duplicate key 'id'"):
        negative.parse(data)


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b"\xff", b"null"])
def test_what_is_no_file_of_vectors_is_refused(data: bytes) -> None:
    with pytest.raises(StoreError, match="not a file of negative vectors"):
        negative.parse(data)


def test_a_missing_file_is_a_problem_of_the_store(store: Store) -> None:
    (store.folder / FILE).unlink()
    with pytest.raises(StoreError, match="the negative vectors are missing"):
        negative.read(store.folder)


def test_a_run_does_not_begin_without_the_vectors(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(folder: Path) -> NegativeVectors:
        raise StoreError(f"{folder}: broken")

    monkeypatch.setattr(negative, "read", fail)
    assert [*problems(Store(GOLDEN))] == [f"{GOLDEN}: broken"]


def test_another_file_beside_it_is_not_of_the_store(store: Store) -> None:
    (store.folder / "negative" / "more.json").write_text("{}")
    assert any("more.json: not in the manifest" in line for line in store.problems())


def test_differences_name_the_vector_and_the_field() -> None:
    made = negative.built()
    first, second, *rest = made.vectors
    stored = NegativeVectors("3.11", (negative.parse(_damaged(_first(note="x"))).vectors[0], *rest))
    assert [*negative.differences(stored, made)] == [
        "python: stored 3.11, the builders make 3.12",
        f"{second.id}: not in the file",
        f"{first.id}: changed: note",
    ]
    gone = NegativeVectors(made.python, (first, *rest))
    assert [*negative.differences(made, gone)] == [f"{second.id}: no builder makes it"]
    turned = NegativeVectors(made.python, made.vectors[::-1])
    assert [*negative.differences(made, turned)] == ["the vectors have another order"]
