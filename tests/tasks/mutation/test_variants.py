"""Variants write other bytes than the released engine, and a case that minds is red."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from importlib import import_module

import pytest
from click.testing import CliRunner

from tasks.mutation import __main__ as commands
from tasks.mutation import variants as runs
from tasks.mutation.cases import Case
from tasks.mutation.forks import End, Run
from tasks.variants import TOGETHER, Variant, variants
from tasks.variants.style import OtherStyle
from tests.conftest import ROOT

WRITES = """
import json, os, pickle, sys
from importlib import import_module
from conformance.suite.helpers.samples import sample
for spec in sys.argv[1:]:
    module, _, name = spec.partition(":")
    make = getattr(import_module(module), name)
    sys.stdout.flush()
    if not os.fork():
        subject = make()
        written = [subject.to_bytes(sample(subject, one)) for one in ("scalar", "aggregate")]
        for data in written:
            subject.from_bytes(data)
        written.append(pickle.dumps(sample(subject, "scalar")))
        pickle.loads(written[-1])
        print(json.dumps([spec, [one.hex() for one in written]]), flush=True)
        os._exit(0)
    os.wait()
"""
STYLED = """
import json, pickle, sys
from importlib import import_module
from unittest import mock
import cloudpickle
from conformance.suite.helpers.codec import frame_of
from conformance.suite.helpers.samples import sample, strict_session
genuine, shown = cloudpickle.loads, []
for spec in sys.argv[1:]:
    module, _, name = spec.partition(":")
    subject = getattr(import_module(module), name)()
    expr = sample(subject, "scalar")
    data = subject.to_bytes(expr)
    names = []
    def audit(event, arguments):
        if event == "pickle.find_class":
            names.append(arguments[1])
    sys.addaudithook(audit)
    with mock.patch("cloudpickle.loads", side_effect=genuine) as loads:
        subject.from_bytes(data)
    looked = bool(names)
    assert subject.display(pickle.loads(pickle.dumps(expr))) == subject.display(expr)
    try:
        subject.from_bytes(data, strict_session(subject))
    except Exception as refused:
        error = [type(refused).__name__, str(refused), subject.error_kind(refused)]
    seen = [data.hex(), loads.call_count, looked, error, subject.display(expr)]
    print(json.dumps([spec, seen]), flush=True)
"""
REFERENCE = "conformance.subjects.reference:Reference"
ENGINE = "conformance.subjects.engine:Engine"


def test_each_engine_writes_bytes_of_its_own_and_reads_them() -> None:
    others = [one.spec for one in variants().values() if "rewordings" not in one.name]
    specs = [ENGINE, *(spec for spec in others if not is_style(spec))]
    command = [sys.executable, "-c", WRITES, *specs]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    written = {spec: (*data,) for spec, data in map(json.loads, told.splitlines())}
    assert [*written] == specs
    assert len({*written.values()}) == len(specs) > 12


def is_style(spec: str) -> bool:
    """Return whether a variant is the reference in another style."""
    module, _, name = spec.partition(":")
    return issubclass(getattr(import_module(module), name), OtherStyle)


def test_each_style_is_another_and_reads_its_own() -> None:
    specs = [REFERENCE, *(one.spec for one in variants().values() if is_style(one.spec))]
    command = [sys.executable, "-c", STYLED, *specs]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    seen = {spec: json.dumps(shown) for spec, shown in map(json.loads, told.splitlines())}
    assert [*seen] == specs
    assert len({*seen.values()}) == len(specs) > 12
    assert {json.loads(one)[3][2] for one in seen.values()} == {"Execution"}


def test_a_variant_leaves_chapters_out(monkeypatch: pytest.MonkeyPatch) -> None:
    cases = [
        Case(f"{clause}/x", clause, "m", "f", {}, None, frozenset())
        for clause in ("REFUSAL-01", "FRAME-01")
    ]
    held: list[str] = []

    def hold(asked: Sequence[Run], _: int) -> Iterator[Run]:
        held.extend(case.clause for run in asked for case in run.cases)
        yield from asked

    monkeypatch.setattr(runs, "hold", hold)
    variant = variants()["rewordings/OtherWords"]
    assert [one.broken for one in runs.judge([variant], cases)] == [""]
    assert held == ["FRAME-01"]


def test_the_variants_that_run_by_default_combine_all_others() -> None:
    every = variants()
    parts = [part for one in every.values() for part in one.parts]
    assert {*parts} == {name for name in every if not name.startswith(f"{TOGETHER}/")}
    assert all(bool(one.parts) == name.startswith(f"{TOGETHER}/") for name, one in every.items())


@pytest.mark.parametrize(("ends", "code"), [((), 0), (("fail",), 1)])
def test_a_red_case_is_the_result(
    monkeypatch: pytest.MonkeyPatch, ends: tuple[str, ...], code: int
) -> None:
    case = Case("toggle/x", "TOGGLE-10", "m", "f", {}, None, frozenset())
    red = [End(case, how) for how in ends]
    variant = Variant("together/Both", "m:Both", ("cloudpickles/RenamesFiles", "schemas/X"))
    found = [runs.Judged(variant, 7, red, "")]
    monkeypatch.setattr(runs, "judge", lambda *_, **__: iter(found))
    result = CliRunner().invoke(commands.main, ["variants"])
    assert result.exit_code == code, result.output
    assert f"together/Both: 7 cases, {len(red) or 'none'} red" in result.output
    which = "variants cloudpickles/RenamesFiles schemas/X --chapter TOGGLE"
    assert (which in result.output) == bool(red)


def test_without_a_pattern_the_combined_ones_run(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def judge(chosen: Sequence[Variant], *_: object) -> Iterator[runs.Judged]:
        asked.extend(one.name for one in chosen)
        return iter(())

    monkeypatch.setattr(runs, "judge", judge)
    assert CliRunner().invoke(commands.main, ["variants"]).exit_code == 0
    assert [*asked] == [name for name in variants() if name.startswith(f"{TOGETHER}/")]


def test_an_unknown_variant() -> None:
    result = CliRunner().invoke(commands.main, ["variants", "nothing/*"])
    assert result.exit_code == 2
    assert "there is no variant nothing/*" in result.output
