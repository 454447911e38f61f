"""Variants write other bytes than the released engine, and a case that minds is red."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence

import pytest
from click.testing import CliRunner

from tasks.mutation import __main__ as commands
from tasks.mutation import variants as runs
from tasks.mutation.cases import Case
from tasks.mutation.forks import End
from tasks.variants import TOGETHER, Variant, variants
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
ENGINE = "conformance.subjects.engine:Engine"


def test_each_variant_writes_bytes_of_its_own_and_reads_them() -> None:
    specs = [ENGINE, *(one.spec for one in variants().values())]
    command = [sys.executable, "-c", WRITES, *specs]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    written = {spec: (*data,) for spec, data in map(json.loads, told.splitlines())}
    assert [*written] == specs
    assert len({*written.values()}) == len(specs) > 12


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
