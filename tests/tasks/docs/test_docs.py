"""The README and docs/ agree with the code: generated sections, links, commands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from conformance.cli import main
from conformance.cli.interop import BUNDLED_GRID
from conformance.interop.grid import Grid
from conformance.spec.clauses import read_chapters
from tasks.docs.engines import verdicts
from tasks.docs.sections import SECTIONS, updated
from tests.conftest import ROOT

PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")]
PAGES += sorted((ROOT / "docs").glob("*.md"))


@pytest.mark.parametrize("path", list(SECTIONS), ids=lambda path: path.name)
def test_generated_sections_are_up_to_date(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == updated(path), "run python -m tasks.docs"


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 200


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    anchors = {
        path: {
            re.sub(r"[^\w -]", "", line.lstrip("# ").lower()).strip().replace(" ", "-")
            for line in path.read_text(encoding="utf-8").splitlines()
            if line.startswith("#")
        }
        for path in PAGES
    }
    for target in re.findall(r"\]\((?!https?:)([^)\s]+)\)", text):
        name, _, anchor = target.partition("#")
        path = (page.parent / name).resolve() if name else page
        assert path.exists(), target
        assert not anchor or path not in anchors or anchor in anchors[path], target


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_commands_and_sessions_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    noxfile = (ROOT / "noxfile.py").read_text(encoding="utf-8")
    for session in set(re.findall(r"\bnox -s (\w+)", text)):
        assert f"def {session}(" in noxfile, session
    for command in set(re.findall(r"(?:dfpy-conformance|python -m conformance) ([a-z-]+)", text)):
        assert command in main.commands, command


def test_the_excerpt_of_a_run_has_the_numbers_of_today() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for one in verdicts():
        hold = len(one.applicable - one.broken)
        assert f"datafusion {one.engine}: {hold} of {len(one.applicable)} clauses hold" in text


def test_the_readme_counts_the_peers_of_the_grid() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert f"docs/interop.md): {len(Grid.read(BUNDLED_GRID).peers)} peers" in text


def test_the_guide_for_maintainers_names_every_chapter() -> None:
    text = (ROOT / "docs" / "maintainers.md").read_text(encoding="utf-8")
    table = text.partition("## Chapters")[2].partition("\n## ")[0]
    listed = re.findall(r"\b[A-Z]{3,}\b", "".join(re.findall(r"^\|([^|]+)\|", table, re.MULTILINE)))
    assert sorted(listed) == sorted(read_chapters())


def test_the_architecture_names_every_folder_of_the_code() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    folders = {f"{one.parent.name}/" for one in (ROOT / "conformance").glob("*/__init__.py")}
    folders |= {f"tasks/{one.parent.name}/" for one in (ROOT / "tasks").glob("*/__init__.py")}
    assert {one for one in folders if f"| `{one}`" not in text} == set()


def test_the_answer_of_can_talk_in_the_readme_is_the_command_s() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8").replace("\\\n", "")
    ((options, shown),) = re.findall(r"can-talk (--sender .+)\n((?:.+\n)+?)```", text)
    found = CliRunner().invoke(main, ["can-talk", *options.split()])
    assert found.exit_code == 1
    assert [
        one for one in " ".join(shown.split()).split("...") if one.strip(" ,:") not in found.output
    ] == []
