"""Reports of many machines, merged: the verdict of one run, or a refusal."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from conformance.cli import main
from conformance.matrix import CLUSTERS, GATE, read
from conformance.report.file import read_report, write_report
from conformance.report.merged import Merged
from conformance.report.model import Outcome
from conformance.spec import CHAPTERS, CLAUSES, DIVERGENCES
from tests.report.reports import STRICT, diverging, failing, report

KNOWN = next(iter(DIVERGENCES.values()))
PATH = "/home/{}/.nox/cell/lib/python3.12/site-packages/cloudpickle.py"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [*map(str, arguments)])


def merge(target: Path, *arguments: object) -> Result:
    return run("report", "merge", *arguments, "-o", target)


def machine(folder: Path, user: str, seconds: float, *, order: int = 1) -> dict[str, Path]:
    """Three cells as one machine reports them: in its own time, order and paths."""
    result = {
        "54.1.0-a": report("54.1.0"),
        "55.0.0-a": report("55.0.0", outcomes=diverging(KNOWN.clause, KNOWN.id)),
        "55.0.0-b": report(
            "55.0.0", outcomes=failing(STRICT[0], f"{PATH.format(user)}: 0x{user.encode().hex()}")
        ),
    }
    files = {name: folder / f"{name}.json" for name in result}
    for name, one in result.items():
        cases = [replace(c, seconds=seconds, message=c.message or f"by {user}") for c in one.cases]
        write_report(replace(one, cases=cases[::order]), files[name])
    return files


@pytest.mark.parametrize("options", [[], ["--markdown"], ["--all"]])
def test_merged_from_many_machines_is_merged_from_one_run(
    tmp_path: Path, options: list[str]
) -> None:
    machine(tmp_path / "one", "ada", 1.5)
    jobs = [machine(tmp_path / f"job{n}", f"bob{n}", n, order=-1) for n in range(3)]
    many = [files[name] for files, name in zip(jobs, jobs[0], strict=True)]
    plan = [f"--expect={name}" for name in jobs[0]] + ["--missing=55.0.0-c=no Python"]
    one, other = tmp_path / "one.json", tmp_path / "other.json"
    assert merge(one, tmp_path / "one", *plan).exit_code == 0
    assert merge(other, *reversed(many), *plan).exit_code == 0
    assert one.read_bytes() == other.read_bytes()
    for private in ("ada", "bob", "seconds", "1.5", "/home"):
        assert private not in one.read_text(encoding="utf-8")
    tables = [run("table", place, *options, *plan) for place in (tmp_path / "one", one)]
    tables.append(run("table", *options, one))
    assert len({table.output for table in tables}) == 1
    assert [table.exit_code for table in tables] == [1, 1, 1]
    assert "cloudpickle.py: 0x…" in tables[0].output
    assert "Not run, no Python: 55.0.0-c" in tables[0].output


def test_a_merged_document_is_read_as_it_was_written(tmp_path: Path) -> None:
    files = machine(tmp_path, "ada", 1)
    merge(tmp_path / "merged", *files.values())
    path = tmp_path / "merged"
    merged = Merged.parse(path, path.read_bytes())
    assert merged.reports == {name: read_report(path).normalized() for name, path in files.items()}
    document = json.loads((tmp_path / "merged").read_text(encoding="utf-8"))
    assert document["good"] is False
    message = {(one["clause"], one["verdict"]): one["cells"] for one in document["verdicts"]}
    assert message[STRICT[0], "fail"] == [2]
    assert message[KNOWN.clause, "divergence"] == [1]


@pytest.mark.parametrize("kind", ["reports", "a merged document"])
def test_a_named_pipe_is_read_once(tmp_path: Path, kind: str) -> None:
    """A second look at it would wait for another writer, or find nothing."""
    source = machine(tmp_path / "files", "ada", 1)["54.1.0-a"]
    if kind == "a merged document":
        merge(tmp_path / "merged.json", source)
        source = tmp_path / "merged.json"
    expected = run("table", source)
    pipe = tmp_path / "54.1.0-a.json"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(source.read_bytes(),), daemon=True)
    writer.start()
    command = [sys.executable, "-m", "conformance", "table", str(pipe)]
    reader = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    assert (reader.returncode, reader.stdout) == (expected.exit_code, expected.output)


def test_good_is_0_of_the_table(tmp_path: Path) -> None:
    write_report(report(), tmp_path / "55.0.0-a.json")
    merge(tmp_path / "merged", tmp_path)
    assert json.loads((tmp_path / "merged").read_text(encoding="utf-8"))["good"] is True
    assert run("table", tmp_path / "merged").exit_code == 0


def test_merged_documents_are_merged(tmp_path: Path) -> None:
    """Another machine may have the cells that one lacks."""
    files = machine(tmp_path / "all", "ada", 1)
    first, *others = files
    merge(tmp_path / "a.json", files[first], "--missing", f"{others[0]}=no Python")
    merge(tmp_path / "b.json", *(files[name] for name in others))
    assert merge(tmp_path / "c", tmp_path / "a.json", tmp_path / "b.json").exit_code == 0
    assert merge(tmp_path / "d", tmp_path / "all").exit_code == 0
    assert (tmp_path / "c").read_bytes() == (tmp_path / "d").read_bytes()


def test_a_plan_holds_for_what_a_merged_document_says_is_missing(tmp_path: Path) -> None:
    """Another machine had to have it."""
    write_report(report(), tmp_path / "55.0.0-a.json")
    merge(tmp_path / "a", tmp_path / "55.0.0-a.json", "--missing", "55.0.0-b=no Python")
    plan = ["--expect", "55.0.0-a", "--expect", "55.0.0-b"]
    message = refused(tmp_path, tmp_path / "a", *plan)
    assert "no report for the planned cells 55.0.0-b" in message
    assert run("table", tmp_path / "a", *plan).exit_code == 1
    assert run("table", tmp_path / "a").exit_code == 0


def gate(folder: Path) -> Callable[..., None]:
    """Write every cell of the gate that is not optional, then replace one."""
    cells = {cell.name: cell for cell in read().cells(GATE)}

    def write(name: str, **changes: Any) -> None:
        cell = cells[name]
        one = report(cell.version, f"{cell.python}.1")
        cell_now = {**one.cell, **cell.claim, "python": f"{cell.python}.1"}
        write_report(replace(one, **{"cell": cell_now, **changes}), folder / f"{name}.json")

    for cell in cells.values():
        if not cell.optional:
            write(cell.name)
    return write


def test_the_plan_of_a_tag_leaves_optional_cells_out(tmp_path: Path) -> None:
    gate(tmp_path / "jobs")
    result = merge(tmp_path / "merged.json", "--tag", GATE, tmp_path / "jobs")
    assert result.exit_code == 0, result.output
    table = run("table", "--tag", GATE, tmp_path / "merged.json")
    assert table.exit_code == 0
    assert "Not run, Python 3.14t is optional" in table.output
    assert table.output == run("table", "--tag", GATE, tmp_path / "jobs").output


FIRST, SECOND = (cell.name for cell in read().cells(GATE)[:2])
OTHER_GOLDENS = "0" * 64


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"suite": "9.9.9"}, "found suite 9.9.9"),
        ({"goldens": OTHER_GOLDENS}, f"goldens {OTHER_GOLDENS}, but"),
        ({"goldens": ""}, "the digest of the goldens is missing"),
        ({"subject": "other"}, "subject other, but datafusion in"),
        ({"planned": 9999}, f"incomplete: {len(CLAUSES)} of 9999 planned cases have a result"),
        ({"whole": False}, "incomplete: only "),
        ({"planned": 0, "cases": []}, "incomplete: 0 of 0 planned cases have a result"),
        ({"chapters": ("STRICT",)}, "chapters STRICT, but all in"),
        ({"cell": {"engine": "1.0"}}, "the report has engine 1.0"),
    ],
    ids=str,
)
def test_a_report_that_does_not_belong_to_the_others(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    """One clear error, which names its file and what differs; nothing is written."""
    jobs = tmp_path / "jobs"
    gate(jobs)(SECOND, **changes)
    result = merge(tmp_path / "merged.json", "--tag", GATE, jobs)
    assert result.exit_code == 3
    assert result.output.startswith(f"Not merged: {jobs / SECOND}.json: ")
    assert message in result.output
    assert result.output.count("\n") == 1
    assert not (tmp_path / "merged.json").exists()


def refused(tmp_path: Path, *arguments: object) -> str:
    result = merge(tmp_path / "merged.json", *arguments)
    assert result.exit_code == 3
    assert result.output.count("\n") == 1
    assert not (tmp_path / "merged.json").exists()
    return result.output


def test_a_report_that_is_cut(tmp_path: Path) -> None:
    gate(tmp_path / "jobs")
    path = tmp_path / "jobs" / f"{FIRST}.json"
    path.write_bytes(path.read_bytes()[:-100])
    assert f"Not merged: {path}: not a complete report" in refused(tmp_path, tmp_path / "jobs")


def test_one_cell_twice(tmp_path: Path) -> None:
    """Equal reports, too: one of them must have been meant for another."""
    gate(tmp_path / "jobs")
    again = tmp_path / "again" / f"{FIRST}.json"
    again.parent.mkdir()
    first = tmp_path / "jobs" / f"{FIRST}.json"
    shutil.copy(first, again)
    message = f"{again}: duplicate report of the cell {FIRST}; the other is {first}"
    assert message in refused(tmp_path, tmp_path / "jobs", again)
    merge(tmp_path / "merged", tmp_path / "jobs")
    message = f"{again}: duplicate report of the cell {FIRST}; the other is {tmp_path / 'merged'}"
    assert message in refused(tmp_path, tmp_path / "merged", again)


def test_cells_against_the_plan(tmp_path: Path) -> None:
    gate(tmp_path / "jobs")
    first = tmp_path / "jobs" / f"{FIRST}.json"
    message = refused(tmp_path, first, "--expect", FIRST, "--expect", SECOND)
    assert f"no report for the planned cells {SECOND}" in message
    message = refused(tmp_path, first, tmp_path / "jobs" / f"{SECOND}.json", "--expect", FIRST)
    assert f"{SECOND}.json: {SECOND}: not a planned cell" in message
    first.rename(tmp_path / "jobs" / "candidate-py3.10.json")
    found = refused(tmp_path, tmp_path / "jobs", "--tag", GATE)
    assert f"no report for the planned cells {FIRST}" in found


def test_cluster_cells_are_judged_by_the_chapter_on_their_library(tmp_path: Path) -> None:
    """They belong to each other, and to the cells that are judged by all chapters."""
    gate(tmp_path / "jobs")
    for cell in read().cells(CLUSTERS):
        assert cell.cluster
        one = report(cell.version, f"{cell.python}.1")
        cases = [c for c in one.cases if CLAUSES[c.clause].chapter == cell.cluster.chapter]
        versions = {**one.cell, **cell.claim, "python": f"{cell.python}.1"}
        chapters = (cell.cluster.chapter,)
        write_report(
            replace(one, cell=versions, cases=cases, planned=len(cases), chapters=chapters),
            tmp_path / "jobs" / f"{cell.name}.json",
        )
    result = merge(tmp_path / "merged.json", tmp_path / "jobs")
    assert result.exit_code == 0, result.output


def test_an_edge_is_judged_by_fewer_chapters(tmp_path: Path) -> None:
    gate(tmp_path / "jobs")
    for cell in read().cells(GATE):
        if cell.without:
            path = tmp_path / "jobs" / f"{cell.name}.json"
            if not path.exists():
                continue  # of an optional Python
            one = read_report(path)
            cases = [c for c in one.cases if CLAUSES[c.clause].chapter not in cell.without]
            chapters = tuple(chapter for chapter in CHAPTERS if chapter not in cell.without)
            write_report(replace(one, cases=cases, planned=len(cases), chapters=chapters), path)
    result = merge(tmp_path / "merged.json", tmp_path / "jobs")
    assert result.exit_code == 0, result.output


def test_no_report(tmp_path: Path) -> None:
    assert "there is no report to merge" in refused(tmp_path, tmp_path)
    assert "no such file" in refused(tmp_path, tmp_path / "none.json")


def test_a_document_that_cannot_be_written(tmp_path: Path) -> None:
    write_report(report(), tmp_path / "55.0.0-a.json")
    (tmp_path / "file").touch()
    result = merge(tmp_path / "file" / "merged.json", tmp_path / "55.0.0-a.json")
    assert result.exit_code == 2
    assert "merged.json: cannot be written: " in result.output


def find(document: dict[str, Any], outcome: str) -> dict[str, Any]:
    """Return the first entry of a merged document that has the outcome."""
    entries: list[dict[str, Any]] = document["outcomes"]
    return next(entry for entry in entries if entry["outcome"] == outcome)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d.update(merged=4), "merged document: expected schema 3, found 4"),
        (lambda d: d.update(good=True), "its parts contradict each other"),
        (lambda d: d["verdicts"].pop(), "its parts contradict each other"),
        (lambda d: d["outcomes"].pop(), "its parts contradict each other"),
        (lambda d: d["cells"].pop(), "a field is missing or wrong: IndexError"),
        (lambda d: d["cells"].append(d["cells"][0]), "its parts contradict each other"),
        (lambda d: d.pop("goldens"), "a field is missing or wrong: KeyError('goldens')"),
        (lambda d: d.update(outcomes=7), "a field is missing or wrong: TypeError"),
        (lambda d: d.update(missing=[]), "its parts contradict each other"),
        (lambda d: d.update(suite=1), "55.0.0-a: suite: expected str, found 1"),
        (lambda d: d.update(subject="\ud800"), "55.0.0-a: subject: expected text, found half of"),
        (lambda d: d["outcomes"][0].update(clause="NO-99"), "unknown clause 'NO-99'"),
        (lambda d: d["outcomes"][0].update(outcome="good"), "outcome 'good'"),
        (lambda d: d["outcomes"][0].update(kind="bad"), "unknown kind 'bad'"),
        (lambda d: find(d, "fail").update(kind=""), "unknown kind '' of a fail"),
        (lambda d: find(d, "pass").update(kind="no-error"), "unknown kind 'no-error' of a pass"),
    ],
)
def test_a_merged_document_of_another_form(
    tmp_path: Path, change: Callable[[dict[str, Any]], Any], message: str
) -> None:
    write_report(report(outcomes=failing(STRICT[0])), tmp_path / "55.0.0-a.json")
    path = tmp_path / "merged.json"
    merge(path, tmp_path / "55.0.0-a.json")
    document = json.loads(path.read_text(encoding="utf-8"))
    change(document)
    order = {"merged": document["merged"], **document}
    text = json.dumps(order).replace("{", "{\n", 1)
    path.write_text(text, encoding="utf-8")
    result = run("table", path)
    assert result.exit_code == 2, result.output
    assert result.output.startswith(f"{path}: ")
    assert message in result.output
    assert result.output.count("\n") == 1


def test_a_merged_document_cut_anywhere(tmp_path: Path) -> None:
    write_report(report(), tmp_path / "55.0.0-a.json")
    path = tmp_path / "merged.json"
    merge(path, tmp_path / "55.0.0-a.json")
    whole = path.read_bytes()
    for size in (0, 5, 12, 40, len(whole) // 2, len(whole) - 2):
        path.write_bytes(whole[:size])
        result = run("table", path)
        assert result.exit_code == 2
        assert f"{path}: not a complete " in result.output


@pytest.mark.parametrize(
    ("message", "plain"),
    [
        ("no error", "no error"),
        ("first\nsecond", "first"),
        ("from '/tmp/x-1/lib/a.py' (0x7f3A), pid 12", "from 'a.py' (0x…), pid …"),
        ("times(c049e50b66dc3471a8f842eae31c3430e.a)", "times(….a)"),
        ("scalar/lambda of 1/2, http://x/y", "scalar/lambda of 1/2, http://x/y"),
    ],
)
def test_a_message_without_what_differs_between_machines(message: str, plain: str) -> None:
    one = replace(
        report(), cases=[Outcome("a/b", "FRAME-01", "fail", message, "", "no-error", 1.0)]
    )
    (case,) = one.normalized().cases
    assert case == Outcome("a/b", "FRAME-01", "fail", plain, "", "no-error")
    assert one.normalized().normalized() == one.normalized()
