"""The JSON Schema of the manifest: the real one follows it, wrong ones do not."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.conftest import ROOT

SCHEMA = json.loads((ROOT / "golden" / "manifest.schema.json").read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)
CHAIN = "chain/logical-plan-scalar"


def manifest() -> dict[str, Any]:
    return json.loads(  # type: ignore[no-any-return]
        (ROOT / "golden" / "manifest.json").read_text(encoding="utf-8")
    )


@pytest.fixture(scope="module")
def small() -> str:
    """The manifest with an expression, a plan and an envelope only; it is quick to check."""
    whole = manifest()
    kept = ("scalar/lambda", CHAIN, "physical-plan/sort-memory")
    whole["cases"] = {id_: whole["cases"][id_] for id_ in kept}
    whole["goldens"] = [
        next(one for one in whole["goldens"] if (one["case"], one["python"]) == (id_, "3.12"))
        for id_ in kept
    ]
    return json.dumps(whole)


def test_the_real_manifest() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert [error.message for error in VALIDATOR.iter_errors(manifest())] == []


def test_a_small_manifest(small: str) -> None:
    assert VALIDATOR.is_valid(json.loads(small))


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.update(schema=1),
        lambda d: d.pop("import_sets"),
        lambda d: d.update(more=1),
        lambda d: d["writer_sets"].update(x=[]),
        lambda d: next(iter(d["writers"].values())).pop("platform"),
        lambda d: d["goldens"][0].update(file="../x.bin"),
        lambda d: d["goldens"][0].update(sha256="0" * 63),
        lambda d: d["goldens"][0].update(writers=["a"]),
        lambda d: d["goldens"][0].pop("frames"),
        lambda d: d["goldens"][0].update(frames=[]),
        lambda d: d["goldens"][0]["frames"][0].pop("payload_sha256"),
        lambda d: d["goldens"][0]["frames"][0].update(offset="22"),
        lambda d: d["goldens"][0]["frames"][0].update(imports=["os.system"]),
        lambda d: d["goldens"][0]["frames"][0].update(blob=1),
        lambda d: d["goldens"][1]["envelopes"][0].pop("size"),
        lambda d: d["cases"]["scalar/lambda"].pop("tests"),
        lambda d: d["cases"]["scalar/lambda"].update(tests=["enjoy"]),
        lambda d: d["cases"]["scalar/lambda"].update(tolerance=-1),
        lambda d: d["cases"]["scalar/lambda"].update(result=[{"float": "huge"}]),
        lambda d: d["cases"]["scalar/lambda"].update(result=[{"bytes": "abc"}]),
        lambda d: d["cases"]["scalar/lambda"].update(layer="expression"),
        lambda d: d["cases"]["scalar/lambda"].update(source="values"),
        lambda d: d["cases"]["scalar/lambda"].pop("batches"),
        lambda d: d["cases"]["scalar/lambda"]["frames"][0].update(family="table"),
        lambda d: d["cases"]["scalar/lambda"]["frames"][0].update(offset=22),
        lambda d: d["cases"]["scalar/lambda"]["frames"][0]["returns"].update(nullable=True),
        lambda d: d["cases"]["scalar/lambda"]["frames"][0]["inputs"][0].pop("type"),
        lambda d: d["cases"]["scalar/lambda"]["frames"][0].update(path=[[20]]),
        lambda d: d["cases"][CHAIN].pop("envelopes"),
        lambda d: d["cases"][CHAIN].pop("layer"),
        lambda d: d["cases"]["physical-plan/sort-memory"].update(source="csv"),
        lambda d: d["cases"]["physical-plan/sort-memory"].update(result=[1]),
    ],
)
def test_wrong_manifests(small: str, change: Callable[[dict[str, Any]], Any]) -> None:
    document = json.loads(small)
    change(document)
    assert not VALIDATOR.is_valid(document)
