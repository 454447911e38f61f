from __future__ import annotations

import base64
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from conformance import wire
from conformance.preflight.payloads import SAMPLES, build_payloads
from conformance.preflight.probe import on_node
from conformance.preflight.report import EXPECTED, node_reads_driver, payload_results
from conformance.preflight.survey import SOURCE
from tests.conftest import gone, pid_in


@pytest.fixture(scope="module")
def parcels() -> list[dict[str, Any]]:
    """The payloads that a preflight ships."""
    found: list[dict[str, Any]] = json.loads(build_payloads(["inline", "by name"], False)[0])
    return found


def test_a_cluster_without_inlining_is_probed_by_name_only() -> None:
    shipped = json.loads(build_payloads(["by name"], False)[0])
    assert {one["form"] for one in shipped if one["origin"] == "driver"} == {"by name"}
    assert node_reads_driver(probed(*shipped))


def probed(*parcels: dict[str, Any], source: str = SOURCE, seconds: float = 60) -> dict[str, Any]:
    """The report of a node, which is this machine."""
    result: dict[str, Any] = json.loads(on_node(source, json.dumps(parcels), seconds))
    return result


def without(package: str) -> str:
    """The probe's source where ``package`` cannot be imported."""
    start = "import base64\n"
    return SOURCE.replace(start, f"import sys\n\nsys.modules[{package!r}] = None\n{start}", 1)


def pick(parcels: list[dict[str, Any]], form: str, case: str = "scalar/lambda") -> dict[str, Any]:
    (found,) = [
        one
        for one in parcels
        if (one["origin"], one["form"], one["label"]) == ("driver", form, case)
    ]
    return found


def test_a_node_like_the_driver_reads_all(parcels: list[dict[str, Any]]) -> None:
    report = probed(*parcels)
    assert not report["error"]
    assert node_reads_driver(report)
    seen = {(line.origin, line.form, line.strict): line for line in payload_results(report)}
    assert seen.keys() == {
        *(("driver", form, strict) for form, strict in EXPECTED),
        *(("golden", "inline", strict) for strict in (False, True)),
    }
    assert all(line.as_expected and not line.reasons for line in seen.values())
    for form, strict in EXPECTED:
        assert seen["driver", form, strict].counts == {EXPECTED[form, strict]: len(SAMPLES)}
    kept = seen["golden", "inline", False].counts["right"]
    assert kept >= len(SAMPLES)
    assert kept == sum(one["python"] == "{}.{}".format(*sys.version_info) for one in parcels)


def test_a_frame_of_another_python_is_refused_with_the_reason(
    parcels: list[dict[str, Any]],
) -> None:
    parcel = pick(parcels, "inline")
    data = base64.b64decode(parcel["data"])
    (frame,) = wire.find(data)
    other = wire.replace(data, {frame.path: frame.data[:9] + b"\x05" + frame.data[10:]})
    report = probed({**parcel, "data": base64.b64encode(other).decode()})
    assert not node_reads_driver(report)
    inlining, strict = payload_results(report)
    assert (inlining.counts, strict.counts) == ({"refused": 1}, {"refused": 1})
    assert "serialized on Python 3.5" in next(iter(inlining.reasons))


def test_a_wrong_result_is_reported(parcels: list[dict[str, Any]]) -> None:
    report = probed({**pick(parcels, "by name"), "result": "[1, 2]"})
    assert not node_reads_driver(report)
    assert {line.counts.get("wrong") for line in payload_results(report)} == {1}
    assert all(next(iter(line.reasons)).endswith("for [1, 2]") for line in payload_results(report))


def test_a_name_that_is_not_registered_is_refused(parcels: list[dict[str, Any]]) -> None:
    report = probed({**pick(parcels, "by name"), "udfs": []})
    assert [line.counts for line in payload_results(report)] == [{"refused": 1}, {"refused": 1}]


def test_a_function_that_raises_failed(parcels: list[dict[str, Any]]) -> None:
    parcel = pick(parcels, "by name")
    broken = {**parcel["udfs"][0], "source": "def f(*columns):\n    raise ValueError('no')\n"}
    report = probed({**parcel, "udfs": [{**broken, "attribute": "f"}]})
    assert [line.counts for line in payload_results(report)] == [{"failed": 1}, {"failed": 1}]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("import os; os.kill(os.getpid(), 9)", "the probe died of SIGKILL"),
        ("raise SystemExit(7)", "exit code 7"),
        ("raise ValueError('odd')", "ValueError: odd"),
    ],
)
def test_a_dead_probe_is_reported_with_the_versions(source: str, message: str) -> None:
    report = probed(source=source)
    assert report["error"] == message
    assert report["datafusion"]
    assert not node_reads_driver(report)


def test_a_probe_that_hangs_is_ended_with_what_it_started(tmp_path: Path) -> None:
    path = tmp_path / "pid"
    source = (
        "import pathlib, subprocess, time\n"
        "child = subprocess.Popen(['sleep', '100'])\n"
        f"pathlib.Path({str(path)!r}).write_text(str(child.pid))\n"
        "time.sleep(100)"
    )
    assert probed(source=source, seconds=2)["error"] == "no answer within 2 s"
    assert gone(pid_in(path))


def test_the_probe_needs_nothing_of_this_package(tmp_path: Path) -> None:
    code = without("conformance")
    run = subprocess.run(
        [sys.executable, "-c", code],
        input="[]",
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert json.loads(run.stdout)["error"] == ""


def test_a_node_without_an_engine_says_so() -> None:
    assert "datafusion" in probed(source=without("datafusion"))["error"]
