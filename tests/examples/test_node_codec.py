"""``examples/node-codec``: the suite passes the codec and catches its faulty twins."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from conformance.report.file import read_report
from conformance.report.model import Report
from conformance.util.exit_codes import ExitCode
from tests.conftest import ROOT
from tests.examples.node import EXAMPLES, ask, node, run_node

CODEC = "node-codec/codec.mjs"
SESSION = {"inlining": True, "python": "3.12", "codecs": [], "registered": []}
PART = "not demand and (lambda or expression-scalar or projection-scalar or wraps)"
"""Cases of each clause on goldens: an expression, an envelope and a plan."""
CRAFTED = "strict and registered"
"""Crafted vectors: an inline frame for a strict session that has a UDF of this name."""
TABLES = ("functions.json", "messages.json")
IDS = ("id-part", "id-case", "id-trim", "id-nul", "id-form")
TEXTS = (
    *("ordered", "inner-metadata", "metadata-order", "bare-names", "quoted-names", "bare-zones"),
    *("index-type", "keys-sorted", "never-null", "scale", "type-codes"),
)
"""Faults that no golden shows: what they get wrong of codec ids, and of the texts of types."""
GOLDEN = ROOT / "golden/DFPYUDF/v1/scalar/lambda"


def judge(script: str, path: Path, *options: str) -> tuple[int, Report]:
    """Run the suite on a script of the example; return the exit code and the report."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "conformance", "run", "-q", "-p", "no:hypothesispytest"),
            *("--subject-command", f"{node()} {EXAMPLES / script}", "--profile", "wire"),
            *("--conformance-report", str(path), *options),
        ],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert path.exists(), done.stdout
    return done.returncode, read_report(path)


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def golden(python: str = "3.12") -> bytes:
    """Return the first golden of the shortest UDF of this Python."""
    return min(GOLDEN.glob(f"py{python}-*.bin")).read_bytes()


def decide(data: bytes, artifact: str = "expression", **session: Any) -> dict[str, Any]:
    session = {**SESSION, **session}
    return {"op": "decide", "artifact": artifact, "data": encoded(data), "session": session}


def test_the_codec_passes(tmp_path: Path) -> None:
    code, report = judge(CODEC, tmp_path / "report.json")
    assert code == ExitCode.OK
    verdicts = {verdict.verdict for verdict in report.verdicts()}
    assert verdicts == {"pass", "not applicable"}
    assert sum(case.outcome == "pass" for case in report.cases) > 1500


@pytest.mark.parametrize(
    ("fault", "part", "clauses"),
    [
        ("minor-version", PART, {"GOLDEN-02", "GOLDENPLAN-04", "GOLDENCHAIN-04"}),
        ("strict-name", PART, {"GOLDEN-03", "GOLDENPLAN-03"}),
        ("strict", PART, {"GOLDEN-03", "GOLDENPLAN-03"}),
        ("registered", CRAFTED, {"STRICT-11", "PLAN-15"}),
        ("length", PART, {"PROGRAM-08", "PROGRAM-09"}),
        ("tail", PART, {"PROGRAM-06"}),
        ("size", PART, {"PROGRAM-02"}),
        *((fault, "similar and CHAIN", {"CHAIN-21"}) for fault in IDS),
        *((fault, "crafted", {"PROGRAM-04"}) for fault in TEXTS),
        ("python-start", "minor and scalar", {"FRAME-12", "FRAME-13"}),
        ("python-digits", "digits and scalar", {"FRAME-12", "FRAME-13"}),
        ("python-first", "other and python", {"FRAME-08"}),
        ("deep", "deep", {"STRICT-09", "BYNAME-11"}),
        ("first", "second", {"STRICT-09", "BYNAME-11"}),
        ("inherits", "alone", {"CHAIN-21", "CHAIN-30"}),
        ("nibble", "writes", {"FRAME-04"}),
        ("numbers", "crafted", {"PROGRAM-06"}),
    ],
)
def test_each_twin_is_caught_by_its_clauses(
    tmp_path: Path, fault: str, part: str, clauses: set[str]
) -> None:
    """A part of the cases is enough. No other clause than those of the fault fails."""
    script = f"node-codec/faulty.mjs {fault}"
    code, report = judge(script, tmp_path / "report.json", "-k", part)
    assert code == ExitCode.FAILED
    assert {case.clause for case in report.cases if case.outcome == "fail"} == clauses


def test_a_faulty_twin_needs_a_fault() -> None:
    done = run_node("node-codec/faulty.mjs", "nothing")
    assert done.returncode == 2
    assert done.stderr.startswith("expected a fault, one of: minor-version, strict-name")


def test_its_tables_are_those_of_the_store() -> None:
    """The messages that lead to a call, and the names of built-in functions."""
    done = run_node("tables.mjs", folder=Path(__file__).parent)
    assert done.stderr == ""
    stored = {name: json.loads((ROOT / "golden" / name).read_text()) for name in TABLES}
    for table in stored.values():
        assert table.pop("schema") == 1
        del table["engine"]
    assert json.loads(done.stdout) == stored


def test_a_bad_line_is_answered_and_the_next_one_too() -> None:
    lines = [
        *("hello", "[1]", '{"id": 3}', '{"id": 4, "op": "toString"}', '{"id": 5, "op": "unwrap"}'),
        '{"id": 6, "op": "hello", "protocol": 1}',
    ]
    done = run_node(CODEC, lines="\n".join(lines) + "\n")
    assert (done.returncode, done.stderr) == (0, "")
    replies = [json.loads(line) for line in done.stdout.splitlines()]
    assert [reply["id"] for reply in replies] == [None, None, 3, 4, 5, 6]
    assert [reply.get("error", "")[:17] for reply in replies[2:4]] == ["unknown operation"] * 2
    assert all("error" in reply for reply in replies[:5])
    assert replies[5]["name"] == "node-codec"


def test_what_cannot_be_done_is_an_error() -> None:
    data = encoded(golden())
    replies = ask(
        CODEC,
        [
            {"op": "decide", "artifact": "table", "data": data, "session": SESSION},
            {"op": "write-frame", "family": "table", "python": "3.12", "payload": ""},
            {"op": "write-frame", "family": "scalar", "python": "3.256", "payload": ""},
            {"op": "unwrap", "data": encoded(b"DFPYUDF\x01\0\0\0\0")},
            {"op": "take-apart", "artifact": "expression", "data": encoded(b"\xff\xff")},
        ],
    )
    assert [reply["error"] for reply in replies] == [
        "expected an artifact, found table",
        "expected a family, found table",
        "expected a Python version such as 3.12, found 3.256",
        "The bytes do not begin with the magic of an envelope.",
        "These bytes hold no message.",
    ]


def test_large_input_comes_back_whole() -> None:
    """Eight megabytes in a field that the codec does not know, with a name that is not ASCII."""
    field = b"\xfa\x3f" + b"\x80\x80\x80\x04" + "é".encode() * 2**22
    data = golden() + field
    (reply,) = ask(CODEC, [{"op": "write-back", "artifact": "expression", "data": encoded(data)}])
    assert reply["data"] == encoded(data)


def test_an_unknown_field_is_kept_and_decodes() -> None:
    """A field is there that only a newer release knows; its length takes a byte too many."""
    data = golden() + b"\xfa\x3f\x83\x00abc"
    kept, decision = ask(
        CODEC,
        [{"op": "write-back", "artifact": "expression", "data": encoded(data)}, decide(data)],
    )
    assert kept["data"] == encoded(data)
    assert decision["decision"] == "accept"


def test_a_frame_at_an_unknown_place_is_refused() -> None:
    """A newer release may call a function there: who accepts it does not know what it runs."""
    frame = golden()[golden().index(b"DFPYUDF") :]
    size = len(frame)
    data = golden() + b"\xfa\x3f" + bytes((size % 128 + 128, size // 128)) + frame
    (reply,) = ask(CODEC, [decide(data)])
    assert reply["decision"] == "refuse"
    assert "where no function is called" in reply["message"]


def test_bytes_behind_the_pickle_are_refused() -> None:
    """The payload is as long as before, and ends before its last byte."""
    data = golden()
    cut = data.rindex(b"t\x94.")
    (reply,) = ask(CODEC, [decide(data[:cut] + b"t.." + data[cut + 3 :])])
    assert reply["decision"] == "refuse"
    assert reply["message"] == "1 bytes follow the pickle."


def test_damaged_bytes_get_a_decision() -> None:
    """Each byte of a golden is damaged, or the golden ends there. No strict session accepts it."""
    data = golden()
    damaged = [data[:at] + bytes((data[at] ^ 0xFF,)) + data[at + 1 :] for at in range(len(data))]
    damaged += [data[:at] for at in range(len(data))]
    replies = ask(CODEC, [decide(one, inlining=False) for one in damaged])
    assert {reply["decision"] for reply in replies} == {"refuse"}
    assert {reply["kind"] for reply in replies} == {"Execution"}
    decisions = ask(CODEC, [decide(one) for one in damaged])
    assert {reply["decision"] for reply in decisions} == {"accept", "refuse"}
    assert {reply["decision"] for reply in decisions[len(data) :]} == {"refuse"}


@pytest.mark.parametrize("name", ["node-codec", "node-reader"])
def test_the_examples_have_no_dependency(name: str) -> None:
    """Each import is of Node itself or of a module of the examples."""
    scripts = sorted((EXAMPLES / name).iterdir())
    assert {script.suffix for script in scripts} == {".md", ".mjs"}
    found = {
        line.rsplit('"', 2)[1]
        for script in scripts
        for line in script.read_text(encoding="utf-8").splitlines()
        if line.startswith(("import ", "} from ", "export * from")) or "import(" in line
    }
    outside = {one for one in found if not one.startswith(("node:", "./", "../node-codec/"))}
    assert (outside, len(found) > 3) == (set(), True)


def test_the_scripts_are_valid_and_short() -> None:
    for script in sorted(EXAMPLES.glob("node-*/*.mjs")):
        done = subprocess.run([node(), "--check", str(script)], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        lines = script.read_text(encoding="utf-8").splitlines()
        assert len(lines) <= 180, script
        assert max(map(len, lines)) <= 100, script
