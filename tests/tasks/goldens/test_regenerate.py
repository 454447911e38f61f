"""An update adds missing goldens and refuses changed ones."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance import wire
from conformance.golden.store import Store, StoreError
from tasks.goldens import regenerate
from tasks.goldens.regenerate import WriterOutput, apply, plan_update
from tests.conftest import ROOT
from tests.golden.samples import (
    CASES,
    CLOUDPICKLES,
    by,
    content,
    full,
    make,
    of,
    payload_changed,
    saved,
    writing,
)

SCALAR = writing().data["scalar/lambda"]
OTHER = payload_changed(SCALAR, b"value\0", b"valuo\0")
LAMBDA = frozenset(["scalar/lambda"])
WRITINGS = [
    *(writing(cloudpickle) for cloudpickle in CLOUDPICKLES),
    writing("3.1.2", "3.11"),
    by(writing(), pyarrow="99.0.0"),
]


def test_adds_missing_goldens(tmp_path: Path) -> None:
    store = make(tmp_path, of(writing(), scalar=None))
    before = content(tmp_path)
    planned = plan_update(tmp_path, [writing()])
    assert planned.changes
    assert planned.added == [f"scalar/lambda by {writing().key}"]
    assert planned.refused == []
    apply(tmp_path, planned)
    after = content(tmp_path)
    manifest = "manifest.json"
    assert {name: after[name] for name in before if name != manifest} == {
        name: data for name, data in before.items() if name != manifest
    }
    assert len(Store(tmp_path).manifest.goldens) == len(store.manifest.goldens) + 1
    assert list(Store(tmp_path).problems(contents=True)) == []


def test_a_second_time_changes_nothing(tmp_path: Path) -> None:
    full(tmp_path)
    planned = plan_update(tmp_path, WRITINGS[:4])
    assert (planned.changes, planned.added, planned.refused) == (False, [], [])


def test_equal_bytes_are_stored_once_with_all_writers(tmp_path: Path) -> None:
    one, other = writing(), by(writing(), engine="99.0.0")
    store = make(tmp_path, one, other)
    assert len(store.manifest.goldens) == len(CASES)
    for golden in store.manifest.goldens:
        assert set(golden.writers) == {one.key, other.key}
    assert store.manifest.writers.keys() == {one.key, other.key}


def test_refuses_changed_bytes(tmp_path: Path) -> None:
    full(tmp_path)
    before = content(tmp_path)
    planned = plan_update(tmp_path, [of(writing(), scalar=OTHER)])
    (line,) = planned.refused
    assert line.startswith(f"scalar/lambda by {writing().key}: frame 1, tuple, return_schema: ")
    assert "value: int64 null became valuo: int64 null" in line
    assert content(tmp_path) == before


def test_replaces_the_named_case_only(tmp_path: Path) -> None:
    """The other writers' bytes of that case stay, and so do all other cases."""
    store = full(tmp_path)
    planned = plan_update(tmp_path, [of(writing(), scalar=OTHER)], LAMBDA)
    assert planned.refused == []
    assert len(planned.added) == 1
    assert "value: int64 null became valuo" in planned.added[0]
    apply(tmp_path, planned)
    after = Store(tmp_path)
    assert list(after.problems(contents=True)) == []
    assert after.manifest.writers == store.manifest.writers

    def of_other_cases(kept: Store) -> list[object]:
        return [golden for golden in kept.manifest.goldens if golden.case not in LAMBDA]

    def by_writer(kept: Store) -> dict[str, bytes]:
        return {
            key: kept.data(golden)
            for golden in kept.manifest.goldens
            if golden.case in LAMBDA
            for key in golden.writers
        }

    assert of_other_cases(after) == of_other_cases(store)
    assert by_writer(after) == (by_writer(make(tmp_path / "x", *WRITINGS[:4]))) | {
        writing().key: OTHER
    }


def test_equal_replacements_change_nothing(tmp_path: Path) -> None:
    full(tmp_path)
    assert not plan_update(tmp_path, [writing()], LAMBDA).changes


def test_one_changed_case_refuses_the_others_too(tmp_path: Path) -> None:
    full(tmp_path)
    other = payload_changed(writing().data["window/whole-partition"], b"\timmutable", b"\x06stable")
    planned = plan_update(tmp_path, [of(writing(), scalar=OTHER, window=other)], LAMBDA)
    assert [line.split(" ")[0] for line in planned.refused] == ["window/whole-partition"]


@contextmanager
def catalogue(**changes: Any) -> Iterator[None]:
    """A catalogue in which ``scalar/lambda`` is another, or not there."""
    cases = dict(vars(regenerate)["CASES"])
    case = cases.pop("scalar/lambda")
    if changes:
        cases["scalar/lambda"] = replace(case, of=replace(case.of, **changes))
    with mock.patch.object(regenerate, "CASES", cases):
        yield


def test_another_result_in_the_catalogue(tmp_path: Path) -> None:
    """Old bytes cannot give a new result: a replacement removes those of all writers."""
    make(tmp_path, writing(), of(writing("3.0.0"), scalar=None))
    result = [0, *vars(regenerate)["CASES"]["scalar/lambda"].of.result[1:]]
    with catalogue(result=result):
        planned = plan_update(tmp_path, [writing()])
        outcome = "scalar/lambda: input or result changed in the catalogue"
        assert planned.refused == [outcome]
        planned = plan_update(tmp_path, [writing()], LAMBDA)
        assert planned.refused == []
        assert outcome in planned.added
        apply(tmp_path, planned)
        store = Store(tmp_path)
    assert store.manifest.cases["scalar/lambda"]["result"] == result
    mine = [golden.writers for golden in store.manifest.goldens if golden.case in LAMBDA]
    assert mine == [(writing().key,)]
    assert list(store.problems(contents=True)) == []


def test_replaced_goldens_need_an_output_of_each_writer(tmp_path: Path) -> None:
    """By each of its writers, or by one on another patch release: else nothing goes."""
    full(tmp_path)
    make(tmp_path, writing("3.1.2", "3.11"))
    replacements = [by(writing(cloudpickle), python="3.12.99") for cloudpickle in CLOUDPICKLES]
    with catalogue(result=[0, *vars(regenerate)["CASES"]["scalar/lambda"].of.result[1:]]):
        (line,) = plan_update(tmp_path, replacements, LAMBDA).refused
        key = writing("3.1.2", "3.11").key
        assert line == (
            f"scalar/lambda: no output replaces the goldens of {key}; "
            "run with all interpreters: Python 3.11"
        )
        (line,) = plan_update(tmp_path, [], LAMBDA).refused
        assert line.endswith(": Python 3.11, 3.12")
        assert (
            plan_update(tmp_path, [*replacements, writing("3.1.2", "3.11")], LAMBDA).refused == []
        )


def test_disassemblies_are_kept_up_to_date(tmp_path: Path) -> None:
    store = full(tmp_path)
    before = content(tmp_path)
    missing, other, _ = (golden.listing for golden in store.manifest.disassembled())
    (tmp_path / missing).unlink()
    (tmp_path / other).write_text("other")
    planned = plan_update(tmp_path, [writing()])
    assert planned.refused == []
    assert sorted(planned.added) == sorted(
        f"{name}, a missing or outdated disassembly" for name in (missing, other)
    )
    apply(tmp_path, planned)
    assert content(tmp_path) == before


def test_a_newer_golden_takes_over_the_disassembly(tmp_path: Path) -> None:
    """The disassembly of the golden before it is removed; its bytes stay."""
    store = full(tmp_path)
    (before,) = (golden for golden in store.manifest.disassembled() if golden.case in LAMBDA)
    newer = writing("3.1.3", "3.13")
    planned = plan_update(tmp_path, [newer])
    assert tmp_path / before.listing in planned.stale
    apply(tmp_path, planned)
    after = Store(tmp_path)
    (golden,) = (golden for golden in after.manifest.disassembled() if golden.case in LAMBDA)
    assert golden.writers == (newer.key,)
    assert (tmp_path / golden.listing).read_text() == wire.listing(after.data(golden))
    assert not (tmp_path / before.listing).exists()
    assert after.data(before) == store.data(before)
    assert list(after.problems(contents=True)) == []


@pytest.mark.parametrize("data", [None, b"broken"])
def test_a_broken_golden_is_replaced(tmp_path: Path, data: bytes | None) -> None:
    """Only the named case is replaced; a broken golden of another is an error."""
    store = make(tmp_path, writing())
    before = content(tmp_path)
    (golden,) = (golden for golden in store.manifest.goldens if golden.case in LAMBDA)
    (tmp_path / golden.file).unlink()
    if data is not None:
        (tmp_path / golden.file).write_bytes(data)
    with pytest.raises(StoreError, match=r"missing|6 bytes"):
        plan_update(tmp_path, [writing()])
    with pytest.raises(StoreError, match=r"missing|6 bytes"):
        plan_update(tmp_path, [writing()], frozenset(["window/whole-partition"]))
    (line,) = plan_update(tmp_path, [writing("3.1.2", "3.11")], LAMBDA).refused
    assert "no output replaces" in line
    planned = plan_update(tmp_path, [writing()], LAMBDA)
    assert planned.added == [f"scalar/lambda by {writing().key}"]
    apply(tmp_path, planned)
    assert content(tmp_path) == before


def test_a_case_that_the_catalogue_lost(tmp_path: Path) -> None:
    full(tmp_path)
    with catalogue():
        planned = plan_update(tmp_path, [])
        assert planned.refused == ["scalar/lambda: input or result is gone from the catalogue"]
        apply(tmp_path, plan_update(tmp_path, [], LAMBDA))
    store = Store(tmp_path)
    assert {golden.case for golden in store.manifest.goldens} == set(CASES) - LAMBDA
    assert list(store.problems()) == []


def test_an_unknown_case_to_replace(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="--replace scalar/x: unknown case"):
        plan_update(tmp_path, [writing()], frozenset(["scalar/x"]))


def test_a_broken_store_is_not_updated(tmp_path: Path) -> None:
    store = full(tmp_path)
    (tmp_path / store.manifest.goldens[0].file).write_bytes(b"broken")
    with pytest.raises(StoreError, match="6 bytes; the manifest says"):
        plan_update(tmp_path, [writing()])


@settings(max_examples=15)
@given(st.permutations(WRITINGS), st.integers(1, len(WRITINGS) - 1))
def test_order_and_number_of_updates_do_not_matter(order: list[WriterOutput], cut: int) -> None:
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        make(Path(one), *WRITINGS)
        make(Path(other), *order[:cut])
        make(Path(other), *order[cut:])
        assert content(Path(one)) == content(Path(other))


@pytest.mark.parametrize("place", ["golden", "golden/DFPYUDF"])
def test_a_folder_that_cannot_be_written(tmp_path: Path, place: str) -> None:
    """A file is in the place of a folder: root cannot write there, either."""
    (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / place).write_text("")
    with pytest.raises(StoreError, match="cannot be written: ") as caught:
        apply(tmp_path / "golden", plan_update(tmp_path / "golden", [writing()]))
    assert str(tmp_path / place) in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "{}",
        "[]",
        '{"writer": {}, "written": {"scalar/lambda": "AAAA"}}',
        '{"writer": {}, "written": {"scalar/nowhere": "CgA="}}',
        '{"writer": {}, "written": []}',
        '{"writer": {}, "written": {}}',
    ],
)
def test_files_that_are_no_output(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "writing.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(StoreError, match=r"writing\.json: not a file of the golden writer"):
        WriterOutput.read(path)


def test_bytes_without_frames_are_left_out(tmp_path: Path) -> None:
    plain = bytes.fromhex("0a030a0161")  # a column
    one = WriterOutput(writing().writer, {**writing().data, "scalar/def": plain})
    assert WriterOutput.read(saved(one, tmp_path / "w.json")).data == writing().data


# The command


def command(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tasks.goldens", *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_command(tmp_path: Path) -> None:
    """Exit codes: 0 nothing to do, 1 it changed or differs, 2 refused."""
    folder = tmp_path / "golden"
    one = saved(writing(), tmp_path / "one.json")
    other = saved(of(writing(), scalar=OTHER), tmp_path / "other.json")

    run = command("update", "--store", folder, one)
    assert run.returncode == 1, run.stderr
    assert f"wrote scalar/lambda by {writing().key}" in run.stdout
    assert "3 goldens. The store changed" in run.stdout
    before = content(folder)

    run = command("update", "--store", folder, one)
    assert (run.returncode, run.stdout) == (0, f"{folder}: 3 goldens, nothing to add.\n")
    run = command("check", "--store", folder, one)
    assert (run.returncode, run.stdout) == (0, "3 goldens, 1 writers: the same bytes and texts.\n")

    run = command("check", "--store", folder, other)
    assert run.returncode == 1
    assert f"differs: scalar/lambda by {writing().key}: frame 1, tuple, return_schema" in run.stderr
    bytecode = payload_changed(SCALAR, b"\x97\x00t\x01", b"\x97\x00t\2")
    patch = by(of(writing(), scalar=bytecode), python="3.12.99")
    run = command("check", "--store", folder, saved(patch, tmp_path / "patch.json"))
    result = "3 goldens, 1 writers: 1 differences that a patch release of Python explains.\n"
    assert (run.returncode, run.stdout) == (0, result)
    assert run.stderr.startswith("patch release: scalar/lambda by ")

    run = command("update", "--store", folder, other)
    assert run.returncode == 2
    assert run.stderr.startswith("refused: scalar/lambda by ")
    assert (
        "Nothing was written. To replace the goldens of a case, pass --replace CASE" in run.stderr
    )
    assert content(folder) == before

    run = command("update", "--store", folder, "--replace", "scalar/lambda", other)
    assert run.returncode == 1
    assert "value: int64 null became valuo: int64 null" in run.stdout
    run = command("check", "--store", folder, other)
    assert run.returncode == 0


def test_the_command_on_a_broken_store(tmp_path: Path) -> None:
    folder = tmp_path / "golden"
    one = saved(writing(), tmp_path / "one.json")
    store = make(folder, writing())
    (folder / store.manifest.disassembled()[0].listing).unlink()
    run = command("check", "--store", folder, one)
    assert run.returncode == 1
    assert "broken: " in run.stderr
    assert "the disassembly is missing" in run.stderr
    (folder / "manifest.json").write_text('{"schema": 7}')
    for verb in ("check", "update"):
        run = command(verb, "--store", folder, one)
        assert run.returncode == 2
        assert run.stderr.startswith("golden: ")
        assert "schema 7, of a newer dfpy-conformance" in run.stderr
        assert "Traceback" not in run.stderr
