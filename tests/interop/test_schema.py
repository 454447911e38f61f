"""The JSON Schema of grids: the bundled grid follows it, wrong grids do not."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib import resources
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from conformance.cli.interop import BUNDLED_GRID
from conformance.interop.grid import OUTCOMES, SCHEMA, Grid, PairResult
from conformance.interop.rules import FORMS, MODES

SCHEMA_OF_GRIDS = json.loads(
    (resources.files("conformance.interop") / "schema.json").read_text("utf-8")
)
VALIDATOR = Draft202012Validator(SCHEMA_OF_GRIDS)


def grid() -> dict[str, Any]:
    """A grid of one peer, which reads some of what it wrote."""
    peer = {"engine": "55.0.0", "cloudpickle": "3.1.2", "pyarrow": "26.0.1", "python": "3.12.1"}
    one = PairResult({"works": 3, "crash": 1}, ["some-id"], [("a", "crash", "it died")], ["a"])
    results = {("x", "x", mode): one for mode in MODES}
    document: dict[str, Any] = json.loads(Grid("1", {"x": peer}, {"y": "gone"}, results).to_json())
    return document


def test_the_schema_has_the_words_of_the_grid() -> None:
    Draft202012Validator.check_schema(SCHEMA_OF_GRIDS)
    square = SCHEMA_OF_GRIDS["$defs"]["square"]["properties"]
    assert SCHEMA_OF_GRIDS["properties"]["grid"]["const"] == SCHEMA
    assert square["form"]["enum"] == [*FORMS]
    assert {*square["layer"]["enum"]} == {layer for _, layer in MODES}
    assert SCHEMA_OF_GRIDS["$defs"]["outcome"]["enum"] == [*OUTCOMES]


def test_grids() -> None:
    VALIDATOR.validate(json.loads(BUNDLED_GRID.read_text(encoding="utf-8")))
    VALIDATOR.validate(grid())


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.update(grid=1),
        lambda d: d.pop("groups"),
        lambda d: d.update(more=1),
        lambda d: d["peers"]["x"].pop("cloudpickle"),
        lambda d: d["absent"].update(y=""),
        lambda d: d["groups"].append([]),
        lambda d: d["squares"][0].update(sender="x"),
        lambda d: d["squares"][0].update(form="by-name"),
        lambda d: d["squares"][0].update(layer="plan"),
        lambda d: d["squares"][0].pop("counts"),
        lambda d: d["squares"][0]["counts"].update(fine=1),
        lambda d: d["squares"][0]["counts"].update(works=0),
        lambda d: d["squares"][0]["surprises"][0].pop(),
        lambda d: d["squares"][0]["surprises"][0].append("more"),
        lambda d: d["squares"][0].update(failing="a"),
    ],
)
def test_wrong_grids(change: Callable[[dict[str, Any]], Any]) -> None:
    document = grid()
    change(document)
    assert not VALIDATOR.is_valid(document)
