"""Every command that a reader copies is run, on files of the names that it uses."""

from __future__ import annotations

import shlex
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from conformance.cli import main
from conformance.golden.store import Store
from conformance.interop.grid import Grid
from conformance.matrix import GATE, read
from conformance.report.file import write_report
from tasks.cells.paths import BUNDLED_GRID
from tests.report.reports import failing, report
from tests.tasks.docs.documented import PAGES, in_blocks, in_help

ELSEWHERE = {
    "check-subject": "tests/subjects/external, tests/tasks/docs/test_guide.py",
    "exchange": "tests/interop",
    "new-subject": "tests/cli/test_new_subject.py",
    "preflight": "tests/preflight",
    "run": "tests/cli/test_run.py, tests/tasks/docs/test_guide.py, tests/examples",
}
"""The commands that start a cluster, other environments or a subject, and the tests that do."""

NO = (
    "can-talk --sender",
    "diff last",
    "diff main.json",
    "diff old",
    "inspect --diff",
    "inspect --receiver",
    "table .nox/reports",
)
"""The commands whose answer is no on these files: exit code 1."""

FAILED_CASE = "strict/refusal_names_the_udf[scalar-from_bytes]"
"""The case that an example explains."""

GOOD = ("old", "main", "report", "merged", "main/merged", "a/CELL", "b/merged", "last-week/cell")
BAD = ("new", "mine", ".nox/reports/cell")
"""The reports in which every clause holds, and those in which one fails."""


def _examples() -> list[str]:
    found = [one for page in PAGES for one in in_blocks(page.read_text(encoding="utf-8"))]
    ours = (one for one in [*found, *in_help()] if not one.startswith(("nox", "python -m tasks.")))
    split = (shlex.split(one, comments=True) for one in ours)
    own = [words[3 if words[0] == "python" else 1 :] for words in split]
    return sorted({shlex.join(words) for words in own if words[0] not in ELSEWHERE})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the files that the examples name."""
    made = tmp_path_factory.mktemp("reader")
    store = Store()
    by_case = {golden.case: golden for golden in store.manifest.goldens if golden.python == "3.11"}
    blobs = {"plan": "logical-plan/projection-scalar-values", "old": "scalar/closure"}
    for name in ("mine", "expression", "old", "new", "plan"):
        golden = by_case[blobs.get(name, "scalar/lambda")]
        (made / f"{name}.bin").write_bytes(store.data(golden))
    failed = replace(failing("STRICT-02")["STRICT-02"], case=FAILED_CASE)
    good, bad = report(), report(outcomes={"STRICT-02": failed})
    for name in GOOD:
        write_report(good, made / f"{name}.json")
    for name in BAD:
        write_report(bad, made / f"{name}.json")
    for cell in read().cells(GATE):
        judged = replace(good, cell={**good.cell, **cell.claim})
        write_report(judged, made / "reports" / f"{cell.name}.json")
    Grid.read(BUNDLED_GRID).write(made / "grid.json")
    return made


@pytest.mark.parametrize("example", _examples())
def test_an_example_runs(
    example: str, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The scripts of divergences run in tests of their own."""
    monkeypatch.chdir(shutil.copytree(folder, tmp_path / "own"))
    monkeypatch.setattr("conformance.explain.issue.run_script", lambda divergence: divergence.id)
    words, data = shlex.split(example), None
    for sign in ("<", ">", ">>"):
        if sign in words:
            place = words.index(sign)
            data = (folder / words[place + 1]).read_bytes() if sign == "<" else data
            del words[place : place + 2]
    result = CliRunner().invoke(main, words, input=data)
    assert result.exit_code == (1 if example.startswith(NO) else 0), result.output


def test_each_command_is_run_here_or_elsewhere() -> None:
    here = {shlex.split(one)[0] for one in _examples()}
    assert here | {*ELSEWHERE} == {*main.commands}
