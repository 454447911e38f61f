"""The page: every byte is on it once, beside its meaning, and nothing in it is markup."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from conformance.cli import main
from conformance.golden.store import Store, root
from conformance.inspection import annotated, inspect
from conformance.inspection.annotated import Span, spans
from conformance.inspection.page import page
from tests.wire.samples import REAL, field

SCALAR = REAL["scalar-expr"]


def cut(data: bytes) -> list[Span]:
    return list(spans(data, inspect(data, opcodes=True)))


def goldens() -> list[Any]:
    """One golden of each case."""
    store = Store(root())
    return [*{golden.case: golden for golden in store.manifest.goldens}.values()]


def test_the_parts_of_an_expression() -> None:
    found = cut(SCALAR)
    assert [(one.start, one.kind, one.meaning) for one in found[:7]] == [
        (0, "around", "protobuf"),
        (22, "header", "magic of a scalar UDF"),
        (29, "header", "wire version 1"),
        (30, "header", "Python major 3"),
        (31, "header", "Python minor 12"),
        (32, "payload", "PROTO 5"),
        (34, "payload", "FRAME 841"),
    ]
    assert (found[1].rows, found[1].anchor) == (
        (("000016", "44 46 50 59 55 44 46", "DFPYUDF"),),
        "udf-1",
    )
    assert found[-1].meaning == "STOP"


def test_all_bytes_of_every_golden_are_there_once() -> None:
    store = Store(root())
    for golden in goldens():
        data = store.data(golden)
        found = cut(data)
        assert sum(one.size for one in found) == len(data)
        assert [one.start for one in found[1:]] == [one.start + one.size for one in found[:-1]]
        for one in found:
            shown = b"".join(bytes.fromhex(row[1]) for row in one.rows)
            assert shown == data[one.start : one.start + len(shown)]
            assert len(shown) + one.more == one.size


def test_what_follows_a_udf_goes_on() -> None:
    found = cut(field(2, SCALAR) + field(7, b"more"))
    assert found[-1].meaning == "protobuf goes on"


@pytest.mark.parametrize("data", [b"no format <b>", SCALAR[:500], b"DFPYUDF\x01"])
def test_bytes_that_cannot_be_read_to_their_end_are_there_too(data: bytes) -> None:
    assert sum(one.size for one in cut(data)) == len(data)


def test_much_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(annotated, "MAX_SPANS", 5)
    found = cut(SCALAR)
    assert len(found) == 5
    assert re.fullmatch(r"the rest, with \d+ more meanings", found[-1].meaning)
    assert sum(one.size for one in found) == len(SCALAR)
    assert found[-1].more == found[-1].size - annotated.MAX_BYTES


def test_nothing_in_the_bytes_is_markup_and_nothing_is_loaded() -> None:
    data = SCALAR.replace(b"double", b"<b>&b>")
    assert data != SCALAR
    text = page([({"file": "<i>.bin", **inspect(data, opcodes=True)}, data)])
    assert "<b>" not in text
    assert "<i>" not in text
    assert "&lt;b&gt;&amp;b&gt;" in text
    assert not re.search(r"(src|href)=\"(?!#)|@import|url\(|<script", text)


def test_the_links_lead_somewhere(tmp_path: Path) -> None:
    source, target = tmp_path / "a.bin", tmp_path / "page.html"
    source.write_bytes(SCALAR)
    result = CliRunner().invoke(
        main, ["inspect", "--html", "-o", str(target), str(source), str(source)]
    )
    assert (result.exit_code, result.output) == (0, "")
    text = target.read_text(encoding="utf-8")
    links = re.findall(r'href="#([^"]+)"', text)
    assert links == ["file-1-udf-1", "file-2-udf-1"]
    assert all(f'id="{link}"' in text for link in links)


@pytest.mark.parametrize("options", [["--html"], ["-o", "x.html"]])
def test_the_page_needs_a_file(options: list[str]) -> None:
    result = CliRunner().invoke(main, ["inspect", *options, "x.bin"])
    assert result.exit_code == 2
    assert "Expected --html and -o FILE together." in result.output
