"""Known divergences are strict four ways, where they apply and where all cases ran."""

from __future__ import annotations

import pytest

from conformance.util.exit_codes import ExitCode
from tests.runner.runs import Suite, says

CASES = """
@clause("FRAME-01")
@pytest.mark.parametrize("family", ["scalar", "window"])
def test_breaks(subject, family):
    raise LookupError("wrong as ever")

@clause("FRAME-02")
def test_holds(subject): pass
"""
SHOWN = {"cases": "chapter/breaks[*]"}
FAILED, OK = pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.OK
PARTIAL = ExitCode.PARTIAL
each_way = pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["alone", "xdist"])


def test_known(suite: Suite) -> None:
    suite.cases(CASES)
    result = suite.run("--divergences", str(suite.known(SHOWN)))
    assert result.ret == OK
    says(result, "clauses: 1 divergence, 1 pass, *")
    assert suite.outcomes() == {
        "chapter/breaks[scalar]": "divergence",
        "chapter/breaks[window]": "divergence",
        "chapter/holds": "pass",
    }
    assert suite.verdicts() == {"FRAME-01": "divergence", "FRAME-02": "pass"}
    assert {case.divergence for case in suite.report.cases} == {"known-0", ""}
    assert suite.report.complete
    assert not suite.report.failed


def test_unexpected_failure(suite: Suite) -> None:
    suite.cases(CASES)
    known = suite.known({"cases": "chapter/breaks[scalar]"})
    assert suite.run("--divergences", str(known)).ret == FAILED
    assert suite.outcomes()["chapter/breaks[window]"] == "fail"
    assert suite.verdicts()["FRAME-01"] == "fail"


def test_fixed(suite: Suite) -> None:
    suite.cases(CASES)
    known = suite.known(SHOWN, {"clause": "FRAME-02", "cases": "chapter/holds"})
    result = suite.run("--divergences", str(known))
    assert result.ret == FAILED
    says(
        result,
        "known divergence known-1 does not show in this case: see FIXED",
        "FIXED known divergence known-1: remove the entry, or narrow its `engines`",
        "*1 failed*",
    )
    assert suite.outcomes()["chapter/holds"] == "fixed"
    assert suite.verdicts() == {"FRAME-01": "divergence", "FRAME-02": "fixed"}
    assert suite.report.failed
    assert list(suite.report.fixed) == ["known-1"]
    assert suite.report.stale == ()  # all its cases passed


@each_way
def test_a_fixed_divergence_passes_where_it_may(suite: Suite, workers: list[str]) -> None:
    suite.cases(CASES)
    known = suite.known(SHOWN, {"clause": "FRAME-02", "cases": "chapter/holds"})
    result = suite.run("--divergences", str(known), "--allow-fixed", *workers)
    assert result.ret == OK
    says(result, "FIXED known divergence known-1: remove the entry, or narrow its `engines`")
    assert suite.outcomes()["chapter/holds"] == "fixed"
    assert not suite.report.failed
    assert not suite.report.commands


def test_a_divergence_that_is_fixed_in_part(suite: Suite) -> None:
    suite.cases(CASES)
    known = suite.known({"cases": "chapter/*"})
    result = suite.run("--divergences", str(known))
    assert result.ret == FAILED
    says(result, "FIXED known divergence known-0: in part: other cases still show it")
    assert suite.run("--divergences", str(known), "--allow-fixed").ret == OK


def test_a_case_that_passes_beside_one_that_fails_in_another_way(suite: Suite) -> None:
    """The divergence shows in another way: to remove its entry would make nothing green."""
    suite.cases(
        """
@clause("FRAME-01")
@pytest.mark.parametrize("family", ["scalar", "window"])
def test_breaks(subject, family):
    if family == "window": raise LookupError("wrong as ever")
"""
    )
    known = suite.known({**SHOWN, "kind": "no-error"})
    result = suite.run("--divergences", str(known))
    assert result.ret == FAILED
    says(
        result,
        "Not the known divergence known-0: expected the kind 'no-error' and 'as ever' in the field",
        "FIXED known divergence known-0: in part, if at all: other cases beside it fail, and not "
        "as recorded; see to these, and keep the entry until then",
    )
    assert "remove the entry" not in result.stdout.str()
    assert suite.outcomes() == {
        "chapter/breaks[scalar]": "fixed",
        "chapter/breaks[window]": "fail",
    }


def test_a_divergence_without_a_text_names_none(suite: Suite) -> None:
    suite.cases(CASES)
    known = suite.known({**SHOWN, "kind": "no-error", "seen": ""})
    result = suite.run("--divergences", str(known))
    says(result, "Not the known divergence known-0: expected the kind 'no-error'.")
    assert "in the field seen" not in result.stdout.str()


def test_only_what_is_fixed_may_pass(suite: Suite) -> None:
    """A failure, and a divergence that nothing shows, fail with ``--allow-fixed``, too."""
    suite.cases(CASES)
    known = suite.known({"clause": "FRAME-02", "cases": "chapter/holds"})
    assert suite.run("--divergences", str(known), "--allow-fixed").ret == FAILED
    known.unlink()
    known = suite.known(SHOWN, {"cases": "chapter/gone"}).rename(suite.folder / "other.toml")
    assert suite.run("--divergences", str(known), "--allow-fixed").ret == FAILED
    assert suite.report.stale == ("known-1",)


def test_what_does_not_apply_is_not_stale(suite: Suite) -> None:
    suite.cases(CASES + '@clause("FFI-01")\ndef test_needs_a_library(subject): pass')
    unseen = {"clause": "FFI-01", "cases": "chapter/needs_a_library"}
    result = suite.run("--divergences", str(suite.known(SHOWN, unseen)))
    assert result.ret == OK
    assert "FFI-01" in suite.report.not_applicable
    assert not suite.report.stale


@pytest.mark.parametrize(
    ("other", "shown"),
    [
        ({"seen": "wrong in June"}, "the kind 'unexpected-error' and 'wrong in June'"),
        ({"kind": "no-error"}, "the kind 'no-error' and 'as ever'"),
    ],
)
def test_another_failure(suite: Suite, other: dict[str, str], shown: str) -> None:
    suite.cases(CASES)
    known = suite.known({**SHOWN, **other})
    result = suite.run("--divergences", str(known))
    assert result.ret == FAILED
    says(
        result,
        f"Not the known divergence known-0: expected {shown} in the field seen.",
        "clause     FRAME-01",
        "failure    unexpected LookupError: wrong as ever (unexpected-error)",
    )
    assert suite.outcomes()["chapter/breaks[scalar]"] == "fail"
    assert suite.report.stale == ("known-0",)


def test_lists_are_combined_and_stay_strict(suite: Suite) -> None:
    """Two files cover two cases; the engines' list covers others. What no case shows is stale."""
    suite.cases(CASES)
    first = suite.known({"cases": "chapter/breaks[scalar]"}).rename(suite.folder / "first.toml")
    second = suite.known({"cases": "chapter/breaks[window]", "id": "second"})
    lists = ["--divergences", "engines", "--divergences", "first.toml"]
    assert suite.run(*lists).ret == FAILED
    assert suite.outcomes()["chapter/breaks[window]"] == "fail"
    shown = suite.run("-k", "breaks", *lists).stdout.str()
    assert f"--divergences=engines --divergences={first}" in shown
    lists = ["--divergences", "first.toml", "--divergences", str(second)]
    assert suite.run(*lists).ret == OK
    assert {case.divergence for case in suite.report.cases} == {"known-0", "second", ""}
    gone = suite.known({"cases": "chapter/gone", "id": "third"}).rename(suite.folder / "third.toml")
    assert suite.run(*lists[:2], "--divergences", str(gone)).ret == FAILED
    assert suite.report.stale == ("third",)


def test_a_crash_and_a_hang_can_be_known(suite: Suite) -> None:
    suite.cases(
        """
import os, time
@clause("FRAME-01")
def test_crash(subject): os.abort()
@clause("FRAME-01")
@pytest.mark.deadline(0.3)
def test_hang(subject): time.sleep(60)
"""
    )
    known = suite.known(
        {"cases": "chapter/crash", "kind": "crash", "seen": "SIGABRT"},
        {"cases": "chapter/hang", "kind": "hang", "seen": ""},
    )
    assert suite.run("--divergences", str(known)).ret == OK
    assert set(suite.outcomes().values()) == {"divergence"}


@each_way
def test_never_seen(suite: Suite, workers: list[str]) -> None:
    suite.cases(CASES)
    known = suite.known(SHOWN, {"cases": "chapter/gone"}, {"cases": "another-chapter/x"})
    result = suite.run("--divergences", str(known), *workers)
    assert result.ret == FAILED
    says(
        result, "STALE known divergence known-1: no case showed it, and none that it names passed."
    )
    assert suite.outcomes()["chapter/breaks[scalar]"] == "divergence"
    assert suite.report.stale == ("known-1", "known-2")
    assert suite.report.failed


@pytest.mark.parametrize(
    "limits", [{"engines": "<55"}, {"cloudpickle": "<3"}, {"python": "<3"}], ids=min
)
def test_outside_its_versions(suite: Suite, limits: dict[str, str]) -> None:
    """It neither covers a failure nor goes stale."""
    suite.cases(CASES)
    known = suite.known({**SHOWN, **limits})
    assert suite.run("--divergences", str(known)).ret == FAILED
    assert suite.outcomes()["chapter/breaks[scalar]"] == "fail"
    assert suite.report.stale == ()


def test_inside_its_versions(suite: Suite) -> None:
    suite.cases(CASES)
    limits = {"engines": "==55.*", "cloudpickle": ">=3,<4", "python": ">=3.10"}
    known = suite.known({**SHOWN, **limits})
    assert suite.run("--divergences", str(known)).ret == OK


@pytest.mark.parametrize(
    "picks",
    [
        ["-k", "holds"],
        ["-m", "not clause or clause", "--deselect", "test_chapter.py::test_breaks"],
        ["test_chapter.py::test_holds"],
        ["test_chapter.py", "-k", "holds"],
    ],
    ids=["keyword", "deselect", "node", "file"],
)
def test_some_of_the_cases_make_nothing_stale(suite: Suite, picks: list[str]) -> None:
    suite.cases(CASES)
    result = suite.run("--divergences", str(suite.known(SHOWN)), *picks)
    assert result.ret == PARTIAL
    assert suite.report.stale == ()
    assert suite.outcomes() == {"chapter/holds": "pass"}
    assert suite.document["complete"] is False
    assert suite.verdicts() == {}


def test_a_run_that_stops_early_makes_nothing_stale(suite: Suite) -> None:
    suite.cases('@clause("FRAME-03")\ndef test_a(subject): assert False\n' + CASES)
    assert suite.run("-x", "--divergences", str(suite.known(SHOWN))).ret == FAILED
    assert suite.report.stale == ()
    assert suite.report.missing_outcomes == 3
    assert not suite.report.complete


def test_the_engines_divergences_do_not_excuse_another_subject(suite: Suite) -> None:
    """Without --divergences, only the subject ``datafusion`` has known ones."""
    suite.cases(CASES, "test_frame")
    assert suite.run().ret == FAILED
    assert suite.report.stale == ()


RECOMMENDED = """

@clause("FRAME-24")
def test_recommended(subject):
    assert_equal(1, 2, "the number")
"""


def test_a_recommendation_that_is_not_met_is_a_warning(suite: Suite) -> None:
    suite.cases(RECOMMENDED)
    result = suite.run()
    assert result.ret == OK
    says(result, "clauses: *1 warning*", "SHOULD FRAME-24: the number: not the expected value")
    assert suite.outcomes() == {"chapter/recommended": "warning"}
    assert suite.verdicts()["FRAME-24"] == "warning"
    assert not suite.report.failed


def test_a_strict_run_demands_recommendations(suite: Suite) -> None:
    suite.cases(RECOMMENDED)
    assert suite.run("--conformance-strict").ret == FAILED
    assert suite.verdicts()["FRAME-24"] == "fail"
