"""The text of a failure: what has no value is left out, what is long is cut."""

from __future__ import annotations

from conformance.runner.child import Failure
from conformance.runner.failure_text import FailedCase, failure_text
from conformance.spec import CLAUSES
from conformance.spec.clauses import COSTS, SEVERITIES


def undocumented() -> None: ...


def text_of(failure: Failure, *, full: bool = False) -> str:
    case = FailedCase("strict/refusal[scalar-from_bytes]", "STRICT-02", undocumented, "run it")
    return failure_text(case, failure, {"engine": "55.0.0"}, (), full=full)


def test_every_severity_has_its_cost() -> None:
    assert tuple(COSTS) == SEVERITIES


def test_what_has_no_value_is_left_out() -> None:
    lines = text_of(Failure("no-error", "no error")).splitlines()
    assert [line.partition(" ")[0] for line in lines] == [
        *("clause", "requires", "case", "failure", "severity", "source", "cell", "reproduce"),
    ]
    assert CLAUSES["STRICT-02"].requirement in lines[1]


def test_what_is_long_is_cut_unless_all_is_wanted() -> None:
    failure = Failure("wrong-value", "no", "\n".join(map(str, range(100))), "x" * 5_000)
    text = text_of(failure)
    assert "... 88 more lines; -v prints them" in text
    assert "xxx... (5000 characters)" in text
    assert len(text.splitlines()) < 40
    full = text_of(failure, full=True)
    assert "           99\n" in full
    assert "x" * 5_000 in full
