from __future__ import annotations

from typing import Any

import pytest
from click.testing import CliRunner
from rich.console import Console

from conformance.cli import main
from conformance.preflight.report import EXPECTED, advice, node_reads_driver, node_verdict, overall
from conformance.preflight.show import show
from conformance.preflight.verdicts import Verdict

DRIVER = {"python": "3.12.1", "datafusion": "55.0.0", "cloudpickle": "3.1.2", "pyarrow": "26.0.1"}

SAMPLES = "this tool's own sample UDFs; give --expr MODULE:NAME for yours."


def node(name: str, outcome: str = "", why: str = "", **others: str) -> dict[str, Any]:
    """A node's report; ``outcome`` is what became of the driver's inline expressions."""
    outcomes = [
        {
            "origin": "driver",
            "form": form,
            "strict": strict,
            "label": "x",
            "why": "",
            "outcome": expected,
        }
        for (form, strict), expected in EXPECTED.items()
    ]
    if outcome:
        outcomes[0].update(outcome=outcome, why=why)
    return {"node": name, "host": "h", **DRIVER, "error": "", "outcomes": outcomes, **others}


def shown(*reports: dict[str, Any]) -> str:
    console = Console(width=100, force_terminal=False, highlight=False)
    with console.capture() as capture:
        show(DRIVER, reports, console)
    return capture.get()


def test_a_fleet_of_one_kind() -> None:
    reports = [node("a"), node("b")]
    assert list(advice(DRIVER, reports)) == [f"2 of 2 nodes read {SAMPLES}"]
    text = shown(*reports)
    assert "a: reads this tool's own sample UDFs" in text
    assert "samples encoded by this driver, inline, on a strict session: 1 refused" in text
    assert "\x1b" not in text


def test_another_python_is_reported_with_a_remedy() -> None:
    reports = [node("a"), node("b", "refused", "[bold]why[/]", python="3.11.7")]
    message = list(advice(DRIVER, reports))
    assert message == [
        "b runs python 3.11, this driver 3.12: inline frames are refused there; "
        "send by name and register the functions, or use one Python.",
        f"1 of 2 nodes read {SAMPLES}",
    ]
    text = shown(*reports)
    assert "b: DOES NOT READ this tool's own sample UDFs" in text
    assert "1 x [bold]why[/]" in text


def test_a_patch_release_and_pyarrow_make_no_difference() -> None:
    reports = [node("a", python="3.12.9", pyarrow="16.0.0")]
    assert list(advice(DRIVER, reports)) == [f"1 of 1 node reads {SAMPLES}"]


def test_another_engine_is_reported_with_its_result() -> None:
    reports = [node("a", datafusion="54.0.0"), node("b", "failed", "x", datafusion="54.0.0")]
    assert next(advice(DRIVER, reports)) == (
        "a, b run datafusion 54.0.0, this driver 55.0.0: 1 of 2 read this driver's bytes."
    )


def test_nothing_that_is_not_known_is_a_success() -> None:
    reads, lost = node("a"), {"node": "c", "error": "WorkerCrashedError: gone"}
    old = node("d", error="datafusion 53.0.0 has no Python UDF frames")
    refuses = node("b", "refused", "why")
    assert [*map(node_verdict, (reads, lost, old, refuses))] == [
        Verdict.READS,
        Verdict.UNJUDGED,
        Verdict.REFUSES,
        Verdict.REFUSES,
    ]
    assert node_verdict({**node("a"), "error": "no answer", "lost": True}) is Verdict.UNJUDGED
    assert overall([Verdict.READS, Verdict.READS]) == 0
    assert overall([Verdict.READS, Verdict.UNJUDGED]) == 18
    assert overall([]) == 18
    for sure in (Verdict.REFUSES, Verdict.DIFFERS):
        assert overall([Verdict.UNJUDGED, sure, Verdict.READS]) == 1


def test_a_node_without_a_report_fails() -> None:
    lost = {"node": "c", "error": "WorkerCrashedError: gone"}
    assert not node_reads_driver(lost)
    assert "c did not answer: WorkerCrashedError: gone." in advice(DRIVER, [lost])
    assert not node_reads_driver(node("a", error="no answer within 60 s"))
    assert not node_reads_driver({**node("a"), "outcomes": []})
    assert "0 of 0 nodes read" in shown()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "expected either --ray ADDRESS or --dask ADDRESS"),
        (["--ray", "a", "--dask", "b"], "expected either --ray ADDRESS or"),
        (["--python", "x"], "--python x: expected NAME=PATH"),
        (["--python", "a=b", "--expr", "m:n", "--bytes", "m:n"], "m:n: expected once"),
        (["--python", "a=b", "--expr", "m:n", "--all"], "--all sends goldens; expected no --expr"),
        (["--python", "a=b", "--session", "m:n"], "--session is for --expr and --bytes"),
        (["--python", "a=b", "--expr", "m:n", "--session", "m"], "m: expected MODULE:NAME"),
        (["--ray", "local", "--deadline", "-3"], "-3.0 is not in the range x>=1"),
        (["--ray", "local"], "ray is not installed: python -m pip install ray"),
        (["--dask", "local"], "distributed is not installed: python -m pip install distributed"),
    ],
)
def test_a_cluster_that_cannot_be_asked(arguments: list[str], message: str) -> None:
    result = CliRunner().invoke(main, ["preflight", *arguments])
    assert result.exit_code == 2
    assert message in result.output.splitlines()[-1]
    assert "Traceback" not in result.output
