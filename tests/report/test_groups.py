"""Failures grouped by their cause."""

from __future__ import annotations

from collections.abc import Mapping

from conformance.report.groups import Evidence, Group, group, lines
from conformance.report.model import Outcome
from conformance.spec import CLAUSES


def failed(case: str, clause: str, kind: str, message: str = "") -> Outcome:
    return Outcome(case, clause, "fail", message, "", kind)


def evidence(seen: Mapping[str, str]) -> Evidence:
    """The evidence of cases that saw these texts and expected nothing."""
    return {case: {"expected": "", "seen": text} for case, text in seen.items()}


def names(groups: list[Group]) -> list[list[str]]:
    """The cases of each group."""
    return [[case.case for case in one.cases] for one in groups]


def test_one_error_is_one_group_across_clauses() -> None:
    """The most basic clause comes first, whatever ran first; numbers and quoted names differ."""
    outcomes = [
        failed("strict/a[x]", "STRICT-01", "unexpected-error"),
        failed("frame/b[x]", "FRAME-02", "unexpected-error"),
        failed("payload/c", "PAYLOAD-01", "unexpected-error"),
        failed("frame/d", "FRAME-09", "hang", "no answer within 20 s"),
        Outcome("frame/e", "FRAME-01", "pass"),
    ]
    seen = {
        "strict/a[x]": "ValueError: no frame of 'times' in 12 bytes\nsecond line",
        "frame/b[x]": "ValueError: no frame of 'share' in 7 bytes",
        "payload/c": "ValueError: no frame of 'share' in 7 bits",
    }
    groups = group(outcomes, evidence(seen))
    assert names(groups) == [["frame/b[x]", "strict/a[x]"], ["frame/d"], ["payload/c"]]
    assert groups[0].clauses == ["FRAME-02", "STRICT-01"]
    assert groups[0].seen == "ValueError: no frame of 'share' in 7 bytes"
    assert groups[1].seen == "no answer within 20 s"


def test_hangs_of_two_cases_are_two_groups() -> None:
    outcomes = [failed(f"frame/{name}", "FRAME-01", "hang", "no answer") for name in ("a", "b")]
    assert names(group(outcomes, {})) == [["frame/a"], ["frame/b"]]


def test_a_value_says_nothing_about_its_cause() -> None:
    """Without an error, failures of one function are a group, those of another are not."""
    outcomes = [
        failed("frame/a[x]", "FRAME-01", "wrong-value"),
        failed("frame/a[y]", "FRAME-01", "wrong-value"),
        failed("frame/b[x]", "FRAME-01", "wrong-value"),
        failed("frame/a[z]", "FRAME-01", "wrong-bytes"),
        failed("frame/c[x]", "FRAME-02", "wrong-value"),
    ]
    seen = {outcome.case: "[]" for outcome in outcomes}
    groups = group(outcomes, evidence(seen | {"frame/a[y]": "[1]"}))
    assert names(groups) == [
        ["frame/a[x]", "frame/a[y]"],
        ["frame/b[x]"],
        ["frame/a[z]"],
        ["frame/c[x]"],
    ]


def test_a_process_that_died_between_cases_comes_last() -> None:
    lost = Outcome("frame/x", "", "crash", "the worker died", "", "crash")
    groups = group([lost, failed("code/a", "CODE-02", "wrong-value")], {})
    assert names(groups) == [["code/a"], ["frame/x"]]
    assert list(lines(groups, {}, 40))[4:7] == [
        "1 failure (crash): no clause",
        "  failure    the worker died",
        "  example    frame/x",
    ]


def test_each_group_has_its_number_an_example_and_a_line_to_paste() -> None:
    outcomes = [failed(f"frame/a[{n}]", "FRAME-01", "unexpected-error") for n in range(3)]
    outcomes += [failed("strict/a", "STRICT-01", "unexpected-error")]
    seen = {outcome.case: "KeyError: 1" for outcome in outcomes}
    assert list(lines(group(outcomes, evidence(seen)), {"frame/a[0]": "(cd x && y)"}, 40)) == [
        "4 failures (unexpected-error) in 2 clauses: FRAME-01, STRICT-01",
        "  seen       KeyError: 1",
        "  example    frame/a[0]; FRAME-01, interop: Each inline UDF is one frame in its call",
        "reproduce  (cd x && y)",
        "",
    ]


def test_a_screen_has_the_first_groups_and_counts_the_others() -> None:
    outcomes = [
        failed(f"{clause}/{n}", clause, "wrong-value") for clause in CLAUSES for n in range(3)
    ]
    shown = list(lines(group(outcomes, {}), {}, 24))
    assert len(shown) <= 24
    assert shown[0] == "1 failure (wrong-value): FRAME-01"
    number = 3 * len(CLAUSES) - 3
    assert shown[-1].startswith(f"{number} failures of {number} more causes in FRAME-02 … ")
    assert max(map(len, shown)) < 200


def test_a_group_has_the_failure_and_the_lines_that_differ_first() -> None:
    """A group of bytes has the line of the dump with the first difference."""
    outcomes = [failed("program/a", "PROGRAM-08", "bytes-differ", "first difference at 8\nmore")]
    shown = {"program/a": {"expected": "00 magic\n08 01\n0c a", "seen": "00 magic\n08 00\n0c a"}}
    assert list(lines(group(outcomes, shown), {}, 40))[1:4] == [
        "  failure    first difference at 8",
        "  expected   08 01",
        "  seen       08 00",
    ]


def test_of_long_lines_a_group_has_the_part_that_differs() -> None:
    outcomes = [failed("program/a", "PROGRAM-02", "wrong-value", "it differs")]
    expected, seen = (f"{'x' * 300}{size}{'y' * 300}" for size in (2441, 2440))
    (one,) = group(outcomes, {"program/a": {"expected": expected, "seen": seen}})
    assert one.expected.startswith(f"…{'x' * 27}2441y")
    assert one.seen.startswith(f"…{'x' * 27}2440y")


def test_the_ends_and_wrong_replies_of_a_program_are_one_group_each() -> None:
    """The number and the size of the request differ; the exit code and what it wrote do not."""
    ends = [
        failed(clause, clause, "crash", f"the program ended with exit code {code} (request {n})")
        for n, (clause, code) in enumerate([("FRAME-01", 1), ("FRAME-02", 1), ("FRAME-03", 3)])
    ]
    wrong = [
        failed(f"{clause}/a", clause, "protocol", f"the reply lacks 'kind' (request {n})")
        for n, clause in enumerate(("FRAME-01", "STRICT-01"))
    ]
    logs = {"FRAME-01/a": "log 1", "STRICT-01/a": "another line"}
    assert names(group([*ends, *wrong], evidence(logs))) == [
        ["FRAME-01", "FRAME-02"],
        ["FRAME-01/a", "STRICT-01/a"],
        ["FRAME-03"],
    ]


def test_what_is_not_asked_any_more_comes_last() -> None:
    given_up = [failed(clause, clause, "environment", "20 times") for clause in CLAUSES]
    groups = group([*given_up, failed("x", "PROGRAM-09", "crash", "the program ended")], {})
    assert [(one.kind, len(one.cases)) for one in groups] == [
        ("crash", 1),
        ("environment", len(CLAUSES)),
    ]
