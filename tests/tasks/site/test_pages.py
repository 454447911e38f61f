"""The pages that are made of clauses, divergences, goldens and the grid."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from conformance.golden.manifest import Manifest
from conformance.spec import CHAPTERS, CLAUSES, DIVERGENCES
from conformance.spec.clauses import SEVERITIES
from tasks.cells.paths import MANIFEST
from tasks.site import chapters, examples, findings, grid, sources

AT = "https://example.org/blob/1"


def test_a_chapter_has_each_clause_with_what_guards_it() -> None:
    page = chapters.chapter(CHAPTERS["STRICT"], AT)
    ids = re.findall(r"^## (STRICT-\d+): ", page, flags=re.MULTILINE)
    assert ids == [one for one in CLAUSES if one.startswith("STRICT-")]
    section = page.partition("## STRICT-02: ")[2].partition("\n## ")[0]
    assert "**MUST** name the UDF by the name in the call, as `UDF 'NAME'`." in section
    assert ":Severity: [diagnostics]{.badge .diagnostics}" in section
    assert "55.0.0 [holds]{.badge .holds}" in section
    assert re.search(rf"- \[`strict/\w+`\]\({AT}/conformance/suite/test_strict.py#L\d+\)", section)
    assert "`engine/strict/RefusalLostTheName`" in section
    assert re.search(r"<summary>\d+ negative vectors?</summary>", section)
    assert "golden folder" not in section


def test_a_clause_on_goldens_lists_their_folders() -> None:
    page = chapters.chapter(CHAPTERS["GOLDEN"], AT)
    section = page.partition("## GOLDEN-01: ")[2].partition("\n## ")[0]
    assert re.search(r"<summary>\d{3} golden folders</summary>", section)
    assert re.search(r"`DFPYUDA/v1/aggregate/class`.* and \d+ more\n", section)


def test_a_broken_clause_names_its_divergences() -> None:
    known = next(iter(DIVERGENCES.values()))
    page = chapters.chapter(CHAPTERS[CLAUSES[known.clause].chapter], AT)
    assert f"[{known.id}](../findings.md#{known.id})" in page
    assert "[diverges]{.badge .diverges}" in page


def test_the_contents_count_every_clause() -> None:
    rows = re.findall(r"^\| \[(\w+)\]\(\w+\.md\) .*? \| (\d+) \|", chapters.contents(), re.M)
    assert [name for name, _ in rows] == [*CHAPTERS]
    assert sum(int(number) for _, number in rows) == len(CLAUSES)


def test_the_findings_are_all_there_and_the_worst_come_first() -> None:
    page = findings.findings(AT)
    ids = re.findall(r"^### (\S+): ", page, flags=re.MULTILINE)
    assert sorted(ids) == sorted(DIVERGENCES)
    ranks = [SEVERITIES.index(CLAUSES[DIVERGENCES[one].clause].severity) for one in ids]
    assert ranks == sorted(ranks)
    assert {*findings.COSTS} == {*SEVERITIES}
    for one in DIVERGENCES.values():
        assert one.reproduction.read_text(encoding="utf-8").strip() in page


def test_an_example_shows_all_bytes_in_order() -> None:
    manifest = Manifest.read(MANIFEST)
    blocks = re.findall(r"```text\n(.*?)```", examples.examples(), re.DOTALL)[1::2]
    for case, block in zip(examples.EXAMPLES, blocks, strict=True):
        golden = examples.newest(manifest, case)
        shown = re.findall(r"^ *\d+  ((?:[0-9a-f]{2} ?)+)", block, flags=re.MULTILINE)
        assert bytes.fromhex("".join(shown)) == (MANIFEST.parent / golden.file).read_bytes()


def test_a_drawing_has_a_box_for_each_field() -> None:
    data = b"DFPYUDF\x01\x03\x0c" + bytes(20)
    assert examples.drawing(data).splitlines() == [
        "0                      7              8              9              10",
        "┌──────────────────────┬──────────────┬──────────────┬──────────────┬──────────┐",
        "│ magic                │ wire version │ Python major │ Python minor │ payload  │",
        "│ 44 46 50 59 55 44 46 │ 01           │ 03           │ 0c           │ 20 bytes │",
        "└──────────────────────┴──────────────┴──────────────┴──────────────┴──────────┘",
    ]


@pytest.mark.parametrize(
    ("case", "members"),
    [
        ("scalar/lambda", ["name", "input schema", "return schema", "volatility"]),
        (
            "aggregate/class",
            ["name", "input schema", "return schema", "state schema", "volatility"],
        ),
    ],
)
def test_an_example_names_the_members_of_the_tuple(case: str, members: list[str]) -> None:
    golden = examples.newest(Manifest.read(MANIFEST), case)
    marks = examples.notes((MANIFEST.parent / golden.file).read_bytes())
    named = [note.rpartition(": the ")[2] for note in marks.values() if "BIN" in note]
    assert [one for one in named if one in members] == members


def test_the_notes_around_the_frame_are_those_of_the_first_chapter() -> None:
    data = (MANIFEST.parent / "DFPYUDF/v1/scalar/lambda/py3.12-081f7753.bin").read_bytes()
    marks = examples.notes(data)
    assert {at: marks[at] for at in (0, 4, 12, 19, 22, 29, 30, 31, 32)} == {
        0: "field 20, 1086 bytes: the call of a scalar UDF",
        4: "field 1, 6 bytes: 'lambda'",
        12: "field 2, 5 bytes: a message",
        19: "field 3, 1068 bytes: the frame",
        22: "magic",
        29: "wire version",
        30: "Python major",
        31: "Python minor",
        32: "PROTO 5",
    }


def test_the_heat_maps_have_a_square_for_each_pair() -> None:
    page = grid.heat_maps()
    groups = re.findall(r"^\| (\d+) \| 3\.\d+ \|", page, flags=re.MULTILINE)
    assert page.count("<td class=") == 3 * len(groups) ** 2
    assert "heat yes" in page
    assert "heat WRONG" not in page.replace('<span class="heat WRONG">', "")


def test_every_page_is_in_one_table_of_contents(tmp_path: Path) -> None:
    sources.write(tmp_path, AT)
    listed: list[str] = []
    for path in tmp_path.rglob("*.md"):
        for block in re.findall(r"```\{toctree\}\n(.*?)```", path.read_text(), re.DOTALL):
            names = [line for line in block.splitlines() if line and not line.startswith(":")]
            names = [re.sub(r".*<(.*)>", r"\1", line) for line in names]
            folder = path.parent
            listed += [(folder / name).relative_to(tmp_path).as_posix() for name in names]
    pages = [
        path.relative_to(tmp_path).with_suffix("").as_posix() for path in tmp_path.rglob("*.md")
    ]
    assert sorted([*listed, "index"]) == sorted(pages)
    own = [tmp_path / path.relative_to(sources.OWN) for path in sources.OWN.rglob("*.md")]
    assert not [path for path in own if re.search("^@", path.read_text(), flags=re.M)]
