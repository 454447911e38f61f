"""The command ``schema``."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from jsonschema import Draft202012Validator

from conformance.cli import main
from conformance.cli.schema import IN_PACKAGE, IN_STORE
from conformance.util.exit_codes import ExitCode
from tests.conftest import ROOT
from tests.golden.samples import write_archive


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["schema", *arguments])


def names() -> list[str]:
    """The schemas whose files there are."""
    stored = [name for name, file in IN_STORE.items() if (ROOT / "golden" / file).is_file()]
    package = resources.files("conformance")
    return [*stored, *(name for name, file in IN_PACKAGE.items() if (package / file).is_file())]


def test_the_list_has_a_line_for_each_file() -> None:
    result = run()
    assert result.exit_code == 0, result.output
    assert [line.split()[0] for line in result.output.splitlines()] == names()
    assert {"manifest", "report", "inspect"} <= {*names()}


@pytest.mark.parametrize("name", names())
def test_each_is_a_schema_of_2020_12(name: str) -> None:
    document = json.loads(run(name).output)
    assert document["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    Draft202012Validator.check_schema(document)


def test_what_is_printed_is_the_file() -> None:
    assert run("manifest").output == (ROOT / "golden" / "manifest.schema.json").read_text("utf-8")


def test_a_store_in_an_archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "store"
    folder.mkdir()
    (folder / "manifest.schema.json").write_text('{"title": "a small one"}\n', encoding="utf-8")
    write_archive(folder, tmp_path / "store.zip")
    monkeypatch.setenv("CONFORMANCE_GOLDEN", str(tmp_path / "store.zip"))
    assert run("manifest").output == '{"title": "a small one"}\n'
    assert "negative" not in run().output


def test_an_unknown_name() -> None:
    result = run("manifesto")
    assert result.exit_code == ExitCode.USAGE
    assert result.output.startswith("schema manifesto: unknown name; expected one of manifest, ")


def test_a_damaged_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "store.zip").write_bytes(b"not a zip")
    monkeypatch.setenv("CONFORMANCE_GOLDEN", str(tmp_path / "store.zip"))
    result = run()
    assert result.exit_code == ExitCode.USAGE
    assert str(tmp_path / "store.zip") in result.output


def test_the_list_as_json() -> None:
    found = json.loads(CliRunner().invoke(main, ["schema", "--json"]).output)
    assert set(found) == {*IN_STORE, *IN_PACKAGE}
    assert all(found.values())
