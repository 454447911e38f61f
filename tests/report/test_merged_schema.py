"""The JSON Schema of merged documents: what is written follows it, wrong ones do not."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from conformance.report.merged import MERGED, Merged
from tests.report.reports import STRICT, diverging, failing, report

FOLDER = resources.files("conformance.report")
OF_REPORTS, SCHEMA = (
    json.loads((FOLDER / name).read_text("utf-8")) for name in ("schema.json", "merged.schema.json")
)
VALIDATOR = Draft202012Validator(SCHEMA)


@pytest.fixture
def document(tmp_path: Path) -> dict[str, Any]:
    """Two cells of three, with a failure and a known divergence."""
    reports = {
        "a": report(outcomes=failing(STRICT[0]), stale=("gone",)),
        "b": report("54.0.0", outcomes=diverging(STRICT[1], "some-id"), not_applicable=("FFI-01",)),
    }
    Merged({name: one.normalized() for name, one in reports.items()}, {"c": "no Python"}).write(
        tmp_path / "merged.json"
    )
    found: dict[str, Any] = json.loads((tmp_path / "merged.json").read_text(encoding="utf-8"))
    return found


def test_the_schema_has_the_words_of_reports() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["properties"]["merged"]["const"] == MERGED
    assert SCHEMA["properties"]["profile"] == OF_REPORTS["properties"]["profile"]
    verdict = SCHEMA["properties"]["verdicts"]["items"]["properties"]["verdict"]
    assert verdict == OF_REPORTS["$defs"]["verdict"]["properties"]["verdict"]
    outcome = SCHEMA["properties"]["outcomes"]["items"]["properties"]["outcome"]
    assert outcome == OF_REPORTS["$defs"]["outcome"]["properties"]["outcome"]


def test_a_merged_document(document: dict[str, Any]) -> None:
    VALIDATOR.validate(document)


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.update(merged=2),
        lambda d: d.pop("good"),
        lambda d: d.update(more=1),
        lambda d: d.update(goldens="abc"),
        lambda d: d.update(cells=[]),
        lambda d: d["missing"].update(c=1),
        lambda d: d["cells"][0].pop("name"),
        lambda d: d["cells"][0].update(planned=-1),
        lambda d: d["cells"][0]["cell"].update(python=3.12),
        lambda d: d["verdicts"][0].update(verdict="maybe"),
        lambda d: d["verdicts"][0].update(cells=[]),
        lambda d: d["verdicts"][0].update(clause="strict 4"),
        lambda d: d["outcomes"][0].update(outcome="skipped"),
        lambda d: d["outcomes"][0].update(cases=[]),
        lambda d: d["outcomes"][0].pop("message"),
    ],
)
def test_wrong_documents(document: dict[str, Any], change: Callable[[dict[str, Any]], Any]) -> None:
    change(document)
    assert not VALIDATOR.is_valid(document)
