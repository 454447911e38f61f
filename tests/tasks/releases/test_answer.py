"""The exit code and the text of an answer: what is not known is never taken for none."""

from __future__ import annotations

import pytest

from conformance.matrix import Matrix
from conformance.util.exit_codes import ExitCode
from tasks.releases.answer import Answer
from tasks.releases.difference import Change, Differences, Group
from tasks.releases.judge import Judged
from tasks.releases.text import blocks, markdown
from tests.report.reports import failing, report
from tests.tasks.releases.judged import judged, newer

CHANGED = Differences(
    (
        Group("scalar", 3, 2, (Change("header, python", 2, "11 became 12"),)),
        Group("window", 1, 0, ()),
    ),
    refusals=7,
)


@pytest.fixture
def holds(matrix: Matrix) -> Judged:
    return judged(matrix, report(), CHANGED)


@pytest.fixture
def fails(matrix: Matrix) -> Judged:
    return judged(matrix, report(outcomes=failing("STRICT-01")))


@pytest.fixture
def waits(matrix: Matrix) -> Judged:
    return Judged(newer(matrix), "Python 3.13 is not installed")


def shown(answer: Answer) -> str:
    return "\n".join(text for text, _ in blocks(answer))


def test_nothing_newer_is_0() -> None:
    answer = Answer(asked=["ray", "joblib"])
    assert answer.code == ExitCode.OK
    assert shown(answer) == "Nothing is newer than the version table, of ray, joblib."


def test_something_newer_that_holds_is_19(holds: Judged) -> None:
    answer = Answer(asked=["cloudpickle"], judged=[holds])
    assert answer.code == ExitCode.NEWER
    assert answer.title == "Newer than the version table: cloudpickle 3.2.0 (holds)"


def test_a_failure_is_1(holds: Judged, fails: Judged, waits: Judged) -> None:
    assert Answer(judged=[holds, waits, fails]).code == ExitCode.FAILED


def test_what_was_not_judged_is_18(holds: Judged, waits: Judged) -> None:
    assert Answer(judged=[holds, waits]).code == ExitCode.UNJUDGED


def test_an_index_that_was_not_asked_is_20_whatever_else_was_found(fails: Judged) -> None:
    for found in ([], [fails]):
        answer = Answer(asked=["cloudpickle"], judged=found, unasked={"ray": "no route"})
        assert answer.code == ExitCode.INDEX_NOT_ASKED
        assert "Not known whether a newer ray is there: no route." in shown(answer)


def test_nothing_that_was_asked_is_not_nothing_newer() -> None:
    answer = Answer(unasked={"ray": "no route"})
    assert shown(answer) == "Not known whether a newer ray is there: no route."


def test_a_divergence_that_went_away_is_no_failure(matrix: Matrix) -> None:
    from tests.tasks.releases.test_divergences import ENTRY, passed, with_cases

    cases = with_cases(passed(), stale=(ENTRY.id,))
    cases.planned += 1
    one = judged(matrix, cases)
    assert Answer(judged=[one]).code == ExitCode.NEWER
    assert f"divergences that went away: {ENTRY.id}" in shown(Answer(judged=[one]))


def test_an_incomplete_run_is_a_failure(matrix: Matrix) -> None:
    assert Answer(judged=[judged(matrix, report(planned=10_000))]).code == ExitCode.FAILED


def test_the_text_has_line_verdict_bytes_and_divergences(holds: Judged) -> None:
    lines = [line.strip() for line in shown(Answer(judged=[holds])).splitlines()]
    assert lines[:3] == [
        "cloudpickle 3.2.0, newer than 3.1.0: holds",
        "add to conformance/matrix/versions.toml, in `cloudpickles`:",
        '"3.2.0",',
    ]
    assert "bytes: differ from those of 3.1.0 in 2 of 4 cases" in lines
    assert "groups: scalar 2 of 3" in lines
    assert "header, python in 2 cases, such as 11 became 12" in lines
    assert "refusals: the same 7 texts" in lines
    assert any(line.startswith("divergences: the same ") for line in lines)


def test_the_text_of_a_failure_names_clause_case_and_message(fails: Judged) -> None:
    text = shown(Answer(judged=[fails]))
    assert "cloudpickle 3.2.0, newer than 3.1.0: fails" in text
    assert "came: STRICT-01 (code-execution), 1 cases" in text
    assert "case/STRICT-01[scalar]: not the expected value" in text


def test_what_was_not_judged_says_why(waits: Judged) -> None:
    assert "not judged: Python 3.13 is not installed" in shown(Answer(judged=[waits]))


def test_the_issue_has_the_line_as_toml_and_no_time(holds: Judged, waits: Judged) -> None:
    text = markdown(Answer(judged=[holds, waits]))
    assert text == markdown(Answer(judged=[holds, waits]))
    assert '```toml\n"3.2.0",\n```' in text
    assert "## cloudpickle 3.2.0: holds" in text
    assert "## cloudpickle 3.2.0: not judged" in text
    assert text.count("```") % 2 == 0


def test_the_document_has_what_the_text_has(holds: Judged) -> None:
    document = Answer(asked=["cloudpickle"], judged=[holds]).document()
    (one,) = document["newer"]
    assert (document["code"], one["verdict"], one["line"]) == (19, "holds", '"3.2.0",')
    assert one["bytes"]["groups"][0]["name"] == "scalar"
    assert one["divergences"]["came"] == ()
