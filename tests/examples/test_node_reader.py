"""``examples/node-reader``: it reads the whole store, and its faulty twins are found."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.examples.node import run_node

SUMMARY = re.compile(r"(\d+) goldens with (\d+) frames, (\d+) negative vectors: (.*)")


def read(script: str, *arguments: str) -> tuple[int, list[str]]:
    done = run_node(f"node-reader/{script}", *arguments)
    assert done.stderr == ""
    return done.returncode, done.stdout.splitlines()


def test_the_store_is_read_without_a_difference() -> None:
    code, (line,) = read("reader.mjs")
    assert code == 0
    found = SUMMARY.fullmatch(line)
    assert found
    goldens, frames, vectors = map(int, found.groups()[:3])
    assert goldens > 3000
    assert frames > goldens
    assert vectors > 400
    assert found[4] == "no difference"
    readme = ROOT / "examples" / "node-reader" / "README.md"
    assert line in readme.read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize(
    ("fault", "difference"),
    [
        ("python", "python-.*: expected refuse, found accept"),
        ("strict", "strict/.*: expected refuse, found accept"),
        ("first", r".*\.bin: expected \d+ frames, found 1"),
        ("nullable", r'.*/not-null/.*frames\[0\].returns: .*"nullable":false.*'),
    ],
)
def test_each_wrong_rule_is_found(fault: str, difference: str) -> None:
    code, lines = read("faulty.mjs", fault)
    assert code == 1
    assert any(re.match(difference, line) for line in lines[:-1])
    found = SUMMARY.fullmatch(lines[-1])
    assert found
    assert re.fullmatch(r"\d+ differences", found[4])


def test_a_changed_golden_is_found(tmp_path: Path) -> None:
    """The bytes differ in one letter of a name from what the manifest says of them."""
    store = tmp_path / "golden"
    shutil.copytree(ROOT / "golden", store, ignore=shutil.ignore_patterns("*.txt", "refusals"))
    path = min((store / "DFPYUDF/v1/scalar/lambda").glob("py3.12-*.bin"))
    data = path.read_bytes()
    assert data.count(b"\x06lambda") > 1
    path.write_bytes(data.replace(b"\x06lambda", b"\x06lambdo", 1))
    code, lines = read("reader.mjs", str(store))
    assert code == 1
    name = path.relative_to(store).as_posix()
    assert lines[0] == f'{name}: frames[0].call: expected "lambda", found "lambdo"'
    assert lines[-1].endswith(": 1 differences")
