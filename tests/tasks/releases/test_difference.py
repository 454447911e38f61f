"""Differences of bytes are counted by group and field, with one of them as an example."""

from __future__ import annotations

import json
from pathlib import Path

from tasks.goldens.regenerate import WriterOutput
from tasks.releases.difference import Differences, compare
from tests.golden.samples import of, payload_changed, saved, writing

OLD = writing()
LAMBDA = OLD.data["scalar/lambda"]
RENAMED = payload_changed(LAMBDA, b"<conformance scalar/lambda>", b"<conformance scalar/lambdb>")


def refusal(text: str) -> dict[str, object]:
    error = {"error": "builtins.ValueError", "text": text, "arguments": 1, "chained": ""}
    return {"a/b": {"done": "decode", "refusal": error}}


def written(path: Path, output: WriterOutput, text: str = "no") -> Path:
    saved(output, path)
    document = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**document, "refusals": refusal(text)}), encoding="utf-8")
    return path


def compared(folder: Path, new: WriterOutput, text: str = "no") -> Differences:
    return compare(written(folder / "old", OLD), written(folder / "new", new, text))


def test_equal_outputs_do_not_differ(tmp_path: Path) -> None:
    found = compared(tmp_path, OLD)
    assert (found.compared, found.differ, found.changes) == (3, 0, [])
    assert (found.refusals, found.reworded) == (1, ())


def test_a_difference_has_its_group_its_field_and_an_example(tmp_path: Path) -> None:
    found = compared(tmp_path, of(OLD, scalar=RENAMED))
    assert [(group.name, group.differ, group.compared) for group in found.groups] == [
        ("aggregate", 0, 1),
        ("scalar", 1, 1),
        ("window", 0, 1),
    ]
    ((change, groups),) = found.changes
    assert (change.field, change.cases, groups) == ("argument of SHORT_BINUNICODE", 1, ["scalar"])
    assert "<conformance scalar/lambda>' became" in change.example
    assert "<conformance scalar/lambdb>" in change.example


def test_bytes_of_a_form_that_nobody_knows_are_a_difference(tmp_path: Path) -> None:
    damaged = payload_changed(LAMBDA, b"\x8c\timmutable", b"\x8c\x04\x00\x00")
    ((change, groups),) = compared(tmp_path, of(OLD, scalar=damaged)).changes
    assert (change.field, groups) == ("bytes that cannot be read", ["scalar"])


def test_a_case_that_only_one_side_writes_inline_is_named(tmp_path: Path) -> None:
    found = compared(tmp_path, of(OLD, scalar=None))
    assert (found.lost, found.new, found.compared) == (("scalar/lambda",), (), 2)


def test_a_refusal_with_another_text_is_shown(tmp_path: Path) -> None:
    found = compared(tmp_path, OLD, text="not at all")
    (line,) = found.reworded
    assert line.startswith("a/b: ")
    assert "at all" in line
