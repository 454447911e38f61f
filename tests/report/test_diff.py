"""`diff` says what changed from one run to another, and refuses runs that do not compare."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from conformance.cli import main
from conformance.report.file import write_report
from conformance.report.merged import Merged
from conformance.report.model import Outcome, Report
from conformance.spec import CLAUSES, DIVERGENCES
from tests.report.reports import STRICT, diverging, failing, fixing, report

KNOWN = next(iter(DIVERGENCES.values()))
FIRST = STRICT[0]


def crashing(clause: str) -> dict[str, Outcome]:
    return {clause: Outcome(f"case/{clause}", clause, "crash", "died", "", "crash")}


def diff(folder: Path, old: Report, new: Report, *options: str) -> Result:
    for name, one in (("old", old), ("new", new)):
        write_report(one, folder / f"{name}.json")
    return run(folder / "old.json", folder / "new.json", *options)


def run(old: Path, new: Path, *options: str) -> Result:
    return CliRunner().invoke(main, ["diff", str(old), str(new), *options])


def changes(result: Result) -> list[tuple[str, str]]:
    found = json.loads(result.output)["changes"]
    return [(change["direction"], change["clause"]) for change in found]


def test_equal_runs(tmp_path: Path) -> None:
    result = diff(tmp_path, report(), report("56.0.0"))
    assert result.exit_code == 0
    assert result.output.startswith("NOT WORSE: no verdict changed; 1 cell compared.")
    assert "old is compared with new: each run has one cell" in result.output


@pytest.mark.parametrize(
    ("before", "after", "direction"),
    [
        ({}, failing(FIRST), "worse"),
        ({}, diverging(FIRST, KNOWN.id), "worse"),
        (diverging(FIRST, KNOWN.id), failing(FIRST), "worse"),
        (failing(FIRST), crashing(FIRST), "worse"),
        (diverging(FIRST, "one"), diverging(FIRST, "another"), "worse"),
        (fixing(FIRST, KNOWN.id), diverging(FIRST, KNOWN.id), "worse"),
        (failing(FIRST), {}, "better"),
        (failing(FIRST), diverging(FIRST, KNOWN.id), "better"),
        (diverging(FIRST, KNOWN.id), fixing(FIRST, KNOWN.id), "better"),
    ],
)
def test_directions(
    tmp_path: Path, before: dict[str, Outcome], after: dict[str, Outcome], direction: str
) -> None:
    old, new = report(outcomes=before), report(outcomes=after)
    result = diff(tmp_path, old, new, "--json")
    assert changes(result) == [(direction, FIRST)]
    assert result.exit_code == (direction == "worse")


def test_what_is_fixed_in_part_is_no_worse_once_its_record_is_narrowed(tmp_path: Path) -> None:
    in_part = report(outcomes=fixing(FIRST, KNOWN.id))
    in_part.cases.append(replace(diverging(FIRST, KNOWN.id)[FIRST], case="case/other"))
    in_part = replace(in_part, planned=in_part.planned + 1)
    result = diff(tmp_path, in_part, report(outcomes=diverging(FIRST, KNOWN.id)))
    assert result.exit_code == 0, result.output
    assert f"{FIRST}: fixed in part, {KNOWN.id} still shows" in result.output


@pytest.mark.parametrize("options", [[], ["--markdown"]])
def test_a_change_shows_kind_severity_and_title(tmp_path: Path, options: list[str]) -> None:
    result = diff(
        tmp_path, report(outcomes=failing(FIRST)), report(outcomes=crashing(FIRST)), *options
    )
    text = result.output.replace("\\", "").replace("*", "")
    assert text.startswith("WORSE: 1 worse; ")
    clause = CLAUSES[FIRST]
    shown = f"{FIRST}: fail (wrong-value) → fail (crash) ({clause.severity}: {clause.title})"
    assert shown.replace("*", "") in text


def test_a_clause_that_is_not_judged_any_more_is_gone_and_worse(tmp_path: Path) -> None:
    result = diff(tmp_path, report(), report(not_applicable=(FIRST,)), "--json")
    assert (changes(result), result.exit_code) == ([("gone", FIRST)], 1)
    back = diff(
        tmp_path, report(not_applicable=(FIRST,)), report(outcomes=failing(FIRST)), "--json"
    )
    assert (changes(back), back.exit_code) == ([("new", FIRST)], 0)


def renamed(path: Path, clause: str) -> None:
    """Let a report judge an older clause in the place of the first one."""
    path.write_text(path.read_text(encoding="utf-8").replace(f'"{FIRST}"', f'"{clause}"'))


@pytest.mark.parametrize(
    ("clause", "code", "why"), [("FOREIGN-01", 0, "retired, replaced by FFI-01"), ("OLD-01", 1, "")]
)
def test_a_run_of_another_suite(tmp_path: Path, clause: str, code: int, why: str) -> None:
    """Its document says what it judged; a retired clause is gone and no loss."""
    write_report(report(), tmp_path / "old.json")
    write_report(report(), tmp_path / "new.json")
    renamed(tmp_path / "old.json", clause)
    result = run(tmp_path / "old.json", tmp_path / "new.json", "--json")
    assert result.exit_code == code
    gone, new = json.loads(result.output)["changes"]
    assert (gone["direction"], gone["clause"], gone["why"]) == ("gone", clause, why)
    assert (new["direction"], new["clause"]) == ("new", FIRST)


def test_merged_documents_by_cell(tmp_path: Path) -> None:
    cells = {name: report() for name in ("55.0.0-a", "55.0.0-b", "55.0.0-c")}
    Merged(cells).write(tmp_path / "old.json")
    del cells["55.0.0-c"]
    cells["55.0.0-b"] = report(outcomes=failing(FIRST)).normalized()
    Merged(cells, {"55.0.0-c": "no Python 3.15"}).write(tmp_path / "new.json")
    result = run(tmp_path / "old.json", tmp_path / "new.json")
    assert result.exit_code == 1
    assert "in 55.0.0-b of 2 cells" in result.output
    assert "55.0.0-c: only in the first run: not run, no Python 3.15." in result.output
    same = run(tmp_path / "new.json", tmp_path / "new.json")
    assert same.exit_code == 0


def test_a_cell_without_a_report_and_a_reason_is_worse(tmp_path: Path) -> None:
    for folder, names in (("old", ("a", "b")), ("new", ("a", "c"))):
        (tmp_path / folder).mkdir()
        for name in names:
            write_report(report(), tmp_path / folder / f"{name}.json")
    result = run(tmp_path / "old", tmp_path / "new", "--json")
    assert result.exit_code == 1
    found = json.loads(result.output)
    assert (found["cells_gone"], found["cells_new"]) == ({"b": ""}, ["c"])


def test_an_incomplete_run_is_worse_and_nothing_to_compare_with(tmp_path: Path) -> None:
    short = report(planned=len(CLAUSES) + 1)
    result = diff(tmp_path, report(), short)
    assert result.exit_code == 1
    assert f"INCOMPLETE, {len(CLAUSES)} of {len(CLAUSES) + 1} planned cases" in result.output
    assert diff(tmp_path, short, report()).exit_code == 2


def test_a_process_that_died_between_two_cases(tmp_path: Path) -> None:
    died = report()
    died.cases.append(Outcome("worker", "", "crash", "died", "", "crash"))
    died.planned += 1
    result = diff(tmp_path, report(), died)
    assert result.exit_code == 1
    assert "no clause: pass → fail (crash)" in result.output
    assert diff(tmp_path, died, report()).exit_code == 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"profile": "wire"}, "expected the profile of"),
        ({"chapters": ("STRICT",)}, "expected the chapters of"),
        ({"subject": "mine"}, "expected the subject of"),
        ({"whole": False}, "expected a run of whole chapters, found a partial run"),
    ],
)
def test_runs_that_do_not_compare(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    result = diff(tmp_path, report(), replace(report(), **change))
    assert result.exit_code == 2
    assert result.output.startswith("Not compared: ")
    assert message in result.output
    assert result.output.count("\n") == 1


def test_cells_of_other_names_do_not_compare(tmp_path: Path) -> None:
    Merged({"a": report(), "b": report()}).write(tmp_path / "old.json")
    Merged({"c": report(), "d": report()}).write(tmp_path / "new.json")
    result = run(tmp_path / "old.json", tmp_path / "new.json")
    assert result.exit_code == 2
    assert "expected cells of the same name, or one cell each; found a, b and c, d" in result.output


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text[: len(text) // 2],
        lambda text: text.replace('"schema": 2', '"schema": 3'),
        lambda text: text.replace('"clauses"', '"verdicts"'),
        lambda text: text.replace('"verdict": "pass"', '"verdict": "fail"', 1),
        lambda text: text.replace('"verdict": "pass"', '"verdict": "maybe"', 1),
        lambda text: f"[{text}]",
    ],
)
def test_files_that_cannot_be_read(tmp_path: Path, change: Callable[[str], str]) -> None:
    write_report(report(), tmp_path / "old.json")
    text = (tmp_path / "old.json").read_text(encoding="utf-8")
    (tmp_path / "new.json").write_text(change(text), encoding="utf-8")
    result = run(tmp_path / "old.json", tmp_path / "new.json")
    assert result.exit_code == 2
    assert str(tmp_path / "new.json") in result.output


def several(outcomes: dict[str, int], cases: int = 4) -> Report:
    """Return a report in which the first clause has some cases, and so many of each outcome."""
    one = report()
    others = [case for case in one.cases if case.clause != FIRST]
    found = [name for name, number in outcomes.items() for _ in range(number)]
    found += ["pass"] * (cases - len(found))
    mine = [
        Outcome(f"case/{number}", FIRST, name, "", "", "" if name == "pass" else "wrong-value")
        for number, name in enumerate(found)
    ]
    return replace(one, cases=[*others, *mine], planned=len(others) + len(mine))


@pytest.mark.parametrize(
    ("before", "after", "direction", "says"),
    [
        (1, 4, "worse", "fail (wrong-value) → fail (wrong-value); 1 → 4 cases fail"),
        (4, 1, "better", "fail (wrong-value) → fail (wrong-value); 4 → 1 cases fail"),
    ],
)
def test_more_failing_cases_of_a_clause_are_worse(
    tmp_path: Path, before: int, after: int, direction: str, says: str
) -> None:
    old, new = several({"fail": before}), several({"fail": after})
    result = diff(tmp_path, old, new)
    assert result.exit_code == (direction == "worse")
    assert says in result.output
    assert changes(run(tmp_path / "old.json", tmp_path / "new.json", "--json")) == [
        (direction, FIRST)
    ]


def test_more_cases_that_fail_in_fewer_ways_are_worse(tmp_path: Path) -> None:
    old, new = several({"fail": 2}), several({"fail": 3})
    kinds = {one.case: replace(one, kind="crash") for one in old.cases if one.case == "case/0"}
    old.cases[:] = [kinds.get(one.case, one) for one in old.cases]
    result = diff(tmp_path, old, new)
    assert result.exit_code == 1
    assert "fail (crash, wrong-value) → fail (wrong-value); 2 → 3 cases fail" in result.output


@pytest.mark.parametrize("merged", [False, True])
def test_fewer_judged_cases_are_said(tmp_path: Path, merged: bool) -> None:
    old, new = several({}), several({}, 1)
    result = diff(tmp_path, old, new)
    if merged:
        Merged({"new": old.normalized()}).write(tmp_path / "old.json")
        Merged({"new": new.normalized()}).write(tmp_path / "new.json")
        result = run(tmp_path / "old.json", tmp_path / "new.json")
    assert result.exit_code == 0
    assert f"new: fewer cases judged 1 clause, 4 → 1: {FIRST} 4 → 1." in result.output
    found = json.loads(run(tmp_path / "old.json", tmp_path / "new.json", "--json").output)
    assert found["cells_fewer"] == {"new": {FIRST: {"old": 4, "new": 1}}}
    back = run(tmp_path / "new.json", tmp_path / "old.json")
    assert "fewer" not in back.output


def test_a_divergence_that_goes_stale_is_worse(tmp_path: Path) -> None:
    result = diff(tmp_path, report(), report(stale=(KNOWN.id,)))
    assert result.exit_code == 1
    assert result.output.startswith("WORSE: 1 newly stale; 1 cell compared.")
    assert f"new: STALE, no case showed {KNOWN.id}; this counts as worse." in result.output
    found = json.loads(run(tmp_path / "old.json", tmp_path / "new.json", "--json").output)
    assert (found["worse"], found["cells_stale"]) == (True, {"new": [KNOWN.id]})
    assert diff(tmp_path, report(stale=(KNOWN.id,)), report(stale=(KNOWN.id,))).exit_code == 0


@pytest.mark.parametrize("which", ["old", "new"])
@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d["cases"].clear(), "complete contradicts the cases"),
        (lambda d: d.update(cases=d["cases"][:3]), "complete contradicts the cases"),
        (lambda d: d.update(planned=-1), "complete contradicts the cases"),
        (lambda d: d["cases"][0].update(clause="NO-99"), "unknown clause 'NO-99'"),
        (
            lambda d: d["cases"][0].update(clause="NO-99", outcome="fail", kind="crash"),
            "unknown clause 'NO-99'",
        ),
        (lambda d: d["cell"].update(engine="\ud800"), "cell.engine: expected text, found half of"),
    ],
)
def test_diff_refuses_what_the_table_refuses(
    tmp_path: Path, which: str, change: Callable[[dict[str, Any]], Any], message: str
) -> None:
    for name in ("old", "new"):
        write_report(report(), tmp_path / f"{name}.json")
    path = tmp_path / f"{which}.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    change(document)
    path.write_text(json.dumps(document), encoding="utf-8")
    table = CliRunner().invoke(main, ["table", str(path)])
    assert (table.exit_code, message in table.output) == (2, True), table.output
    result = run(tmp_path / "old.json", tmp_path / "new.json")
    assert (result.exit_code, result.output) == (2, f"Not compared: {table.output}")
    merge = CliRunner().invoke(main, ["report", "merge", str(path), "-o", str(tmp_path / "m")])
    assert merge.exit_code == 3


def with_verdicts(path: Path, change: Callable[[list[dict[str, Any]]], Any]) -> Result:
    """Compare a report with itself, after a change of its verdicts."""
    write_report(report(outcomes=diverging(FIRST, KNOWN.id)), path)
    document = json.loads(path.read_text(encoding="utf-8"))
    old = path.with_name("old.json")
    old.write_text(json.dumps(document), encoding="utf-8")
    change(document["clauses"])
    path.write_text(json.dumps(document), encoding="utf-8")
    assert CliRunner().invoke(main, ["table", str(path)]).exit_code == 2
    return run(old, path)


def of_first(clauses: list[dict[str, Any]]) -> dict[str, Any]:
    (found,) = (one for one in clauses if one["clause"] == FIRST)
    return found


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda clauses: clauses.append(of_first(clauses)), "it has two verdicts"),
        (
            lambda clauses: clauses.insert(0, {**of_first(clauses), "verdict": "pass"}),
            "it has two verdicts",
        ),
        (
            lambda clauses: of_first(clauses).update(divergences=[]),
            "its divergences contradict its cases",
        ),
        (
            lambda clauses: of_first(clauses).update(divergences=[KNOWN.id, "other"]),
            "its divergences contradict its cases",
        ),
    ],
)
def test_verdicts_that_contradict_each_other_or_their_cases(
    tmp_path: Path, change: Callable[[list[dict[str, Any]]], Any], message: str
) -> None:
    path = tmp_path / "new.json"
    result = with_verdicts(path, change)
    assert result.exit_code == 2
    assert result.output == f"Not compared: {path}: {FIRST}: {message}\n"


def test_a_clause_whose_cases_passed_and_that_has_no_verdict(tmp_path: Path) -> None:
    path, clause = tmp_path / "new.json", STRICT[1]
    result = with_verdicts(path, lambda all_: all_.pop([*CLAUSES].index(clause)))
    assert result.exit_code == 2
    assert result.output == (
        f"Not compared: {path}: case case/{clause}: pass of {clause}, which has no verdict\n"
    )


def test_a_merged_document_with_two_verdicts_on_a_clause(tmp_path: Path) -> None:
    path = tmp_path / "new.json"
    Merged({"a": report().normalized()}).write(path)
    document = json.loads(path.read_text(encoding="utf-8"))
    document["verdicts"].append(document["verdicts"][0])
    path.write_text(json.dumps(document), encoding="utf-8")
    Merged({"a": report().normalized()}).write(tmp_path / "old.json")
    result = run(tmp_path / "old.json", path)
    assert (result.exit_code, "it has two verdicts" in result.output) == (2, True)


def test_runs_of_other_versions_show_them(tmp_path: Path) -> None:
    """The names of two single cells may be those of files, and say nothing of versions."""
    result = diff(tmp_path, report(), report("54.0.0", "3.11.7"))
    assert result.exit_code == 0
    assert result.output.splitlines()[1:] == [
        "",
        "old is compared with new: each run has one cell.",
        "new: other versions, engine 55.0.0 → 54.0.0, python 3.12.1 → 3.11.7.",
    ]
    found = json.loads(run(tmp_path / "old.json", tmp_path / "new.json", "--json").output)
    assert found["cells_versions"] == {
        "new": {
            "engine": {"old": "55.0.0", "new": "54.0.0"},
            "python": {"old": "3.12.1", "new": "3.11.7"},
        }
    }
    assert "other versions" not in run(tmp_path / "old.json", tmp_path / "old.json").output


def test_cells_of_the_same_names_and_other_versions_share_a_line(tmp_path: Path) -> None:
    for name, engine in (("old", "55.0.0"), ("new", "55.1.0")):
        cells = {cell: report(engine).normalized() for cell in "abcd"}
        Merged(cells).write(tmp_path / f"{name}.json")
    result = run(tmp_path / "old.json", tmp_path / "new.json")
    assert "4 cells: other versions, engine 55.0.0 → 55.1.0." in result.output


def test_a_failing_case_of_a_clause_without_a_verdict_is_refused(tmp_path: Path) -> None:
    write_report(report(), tmp_path / "old.json")
    write_report(report(outcomes=failing(FIRST)), tmp_path / "new.json")
    document = json.loads((tmp_path / "new.json").read_text(encoding="utf-8"))
    document["clauses"] = [one for one in document["clauses"] if one["clause"] != FIRST]
    (tmp_path / "new.json").write_text(json.dumps(document), encoding="utf-8")
    result = run(tmp_path / "old.json", tmp_path / "new.json")
    assert (result.exit_code, f"fail of {FIRST}, which has no verdict" in result.output) == (
        2,
        True,
    )


def test_a_merged_document_that_lacks_cases_is_refused(tmp_path: Path) -> None:
    for name in ("old", "new"):
        Merged({"a": report().normalized()}).write(tmp_path / f"{name}.json")
    path = tmp_path / "new.json"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(f'["case/{FIRST}"]', "[]"), encoding="utf-8")
    result = run(tmp_path / "old.json", path)
    assert result.exit_code == 2
    assert result.output == (
        f"Not compared: {path}: its parts contradict each other; merge the reports again\n"
    )


def test_control_characters_of_a_report_do_not_reach_the_terminal(tmp_path: Path) -> None:
    shown = report()
    shown.cases.append(Outcome("case/\x1b[2J", FIRST, "fail", "\x1b[31m\ud800", "", "wrong-value"))
    shown = replace(
        shown,
        planned=shown.planned + 1,
        cell={**shown.cell, "engine": "\x1b[31mX"},
        stale=("\x1b[1m",),
    )
    diff(tmp_path, report(), shown)
    for command in (
        ["table", str(tmp_path / "new.json")],
        ["table", "--all", str(tmp_path / "new.json")],
        ["table", "--markdown", str(tmp_path / "new.json")],
        ["diff", str(tmp_path / "old.json"), str(tmp_path / "new.json")],
        ["diff", "--markdown", str(tmp_path / "old.json"), str(tmp_path / "new.json")],
    ):
        result = CliRunner().invoke(main, command)
        assert result.exit_code == 1, result.output
        assert "\x1b" not in result.output
        assert "x1b" in result.output
    text = (tmp_path / "new.json").read_text(encoding="utf-8")
    (tmp_path / "new.json").write_text(text.replace('"fail"', '"bad"'), encoding="utf-8")
    result = CliRunner().invoke(main, ["table", str(tmp_path / "new.json")])
    assert (result.exit_code, "\x1b" in result.output) == (2, False)
    assert "case case/\\x1b[2J: unknown or contradictory outcome 'bad'" in result.output


def test_no_file_and_an_empty_folder(tmp_path: Path) -> None:
    write_report(report(), tmp_path / "old.json")
    (tmp_path / "empty").mkdir()
    assert run(tmp_path / "old.json", tmp_path / "none.json").exit_code == 2
    assert run(tmp_path / "old.json", tmp_path / "empty").exit_code == 2
