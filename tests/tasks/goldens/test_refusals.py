"""An update adds what is new to the refusals, and refuses changed ones."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from conformance.golden import refusals
from conformance.golden.refusals import Refusal
from conformance.golden.store import StoreError
from tasks.goldens.refusals import Observed, apply, compare, plan_update, to_json
from tests.conftest import ROOT
from tests.golden.samples import full, saved, writing

ONE = Refusal("builtins.RuntimeError", "Execution", 'one "text"\nof two lines')
OTHER = Refusal("builtins.TypeError", "", "another text")
ACCEPTED = Refusal("")
STRANGE = Refusal("builtins.E", "", "\x7f\\ ä {python}", 0, "builtins.F: \t")
NAME = "refusals/1.0.0"


def observed(python: str = "3.11.1", cloudpickle: str = "3.0.0", **rows: Refusal) -> Observed:
    writer = {
        "engine": "1.0.0",
        "python": python,
        "cloudpickle": cloudpickle,
        "pyarrow": "26.0.0",
        "platform": "linux",
    }
    by_row = {name.replace("_", "/"): refusal for name, refusal in rows.items()}
    return Observed(writer, by_row, dict.fromkeys(by_row, "call it"))


def updated(folder: Path, *found: Observed, replaced: str = "") -> str:
    change = plan_update(folder, found, frozenset(filter(None, [replaced])))
    assert change.refused == []
    apply(folder, change)
    return (folder / f"{NAME}.toml").read_text(encoding="utf-8")


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    first = observed(a_x=ONE, a_y=ONE, b_x=ACCEPTED, b_y=STRANGE)
    updated(tmp_path, first)
    found = refusals.read("1.0.0", tmp_path)
    assert found.by_row(("3.11", "3.0.0")) == first.rows
    assert [(entry.id, entry.routes) for entry in found.entries] == [
        ("a", ("x", "y")),
        ("b", ("x",)),
        ("b", ("y",)),
    ]
    assert list(compare(tmp_path, [first])) == []
    assert not plan_update(tmp_path, [first]).added


def test_each_text_is_one_line(tmp_path: Path) -> None:
    lines = updated(tmp_path, observed(a_x=ONE)).splitlines()
    assert 'text = "one \\"text\\"\\nof two lines"' in lines


def test_texts_that_differ_by_python_or_cloudpickle_have_an_entry_each(tmp_path: Path) -> None:
    everyone = [
        observed("3.10.1", "2.0.0", a_x=ONE, b_x=ONE, c_x=ONE, d_x=ONE),
        observed("3.10.1", "3.0.0", a_x=ONE, b_x=ONE, c_x=OTHER, d_x=OTHER),
        observed("3.11.1", "3.0.0", a_x=ONE, b_x=OTHER, c_x=OTHER, d_x=ONE),
    ]
    updated(tmp_path, *everyone)
    found = refusals.read("1.0.0", tmp_path)
    for one in everyone:
        assert found.by_row(one.key) == one.rows
    assert [
        (entry.id, entry.python, entry.cloudpickle, entry.writers) for entry in found.entries
    ] == [
        ("a", (), (), ()),
        ("b", ("3.10",), (), ()),
        ("b", ("3.11",), (), ()),
        ("c", (), ("2.0.0",), ()),
        ("c", (), ("3.0.0",), ()),
        ("d", (), (), ("3.10 2.0.0", "3.11 3.0.0")),
        ("d", (), (), ("3.10 3.0.0",)),
    ]


def test_the_order_of_the_writers_does_not_matter(tmp_path: Path) -> None:
    everyone = [
        observed("3.10.1", a_x=ONE, b_x=ONE),
        observed("3.9.1", a_x=OTHER, b_x=ONE),
        observed("3.9.1", "2.0.0", a_x=ONE, b_x=ONE),
    ]
    whole = updated(tmp_path / "whole", *everyone)
    for one in everyone:
        step = updated(tmp_path / "steps", one)
    assert step == updated(tmp_path / "back", *reversed(everyone)) == whole


def test_a_new_writer_and_a_new_row_are_added(tmp_path: Path) -> None:
    updated(tmp_path, observed(a_x=ONE))
    change = plan_update(tmp_path, [observed("3.12.1", a_x=ONE), observed(a_x=ONE, a_y=ONE)])
    assert change.refused == []
    assert change.added == [
        f"{NAME}: 1 rows by Python 3.12, cloudpickle 3.0.0",
        f"{NAME}: 1 new rows by Python 3.11, cloudpickle 3.0.0: a/y",
    ]


@pytest.mark.parametrize(
    ("now", "says"),
    [
        (Refusal(ONE.error, ONE.kind, "one word"), 'one [-"text"\nof two lines-]{+word+}'),
        (
            Refusal("my.E", ONE.kind, ONE.text),
            "[-builtins-]{+my+}.[-RuntimeError-]{+E+} (Execution",
        ),
        (ACCEPTED, "{+accepted+}"),
    ],
)
def test_a_change_is_refused(tmp_path: Path, now: Refusal, says: str) -> None:
    before = updated(tmp_path, observed(a_x=ONE, b_x=ONE))
    change = plan_update(tmp_path, [observed(a_x=now, b_x=ONE)])
    (line,) = change.refused
    assert line.startswith(f"{NAME}: a/x by Python 3.11, cloudpickle 3.0.0: ")
    assert says in line
    assert list(compare(tmp_path, [observed(a_x=now, b_x=ONE)])) == [line]
    assert (tmp_path / f"{NAME}.toml").read_text() == before


def test_a_row_that_is_gone_is_refused(tmp_path: Path) -> None:
    updated(tmp_path, observed(a_x=ONE, b_x=ONE))
    (line,) = plan_update(tmp_path, [observed(a_x=ONE)]).refused
    assert line == f"{NAME}: b/x by Python 3.11, cloudpickle 3.0.0: no longer observed"


def test_a_named_release_is_replaced_by_all_its_writers(tmp_path: Path) -> None:
    updated(tmp_path, observed(a_x=ONE), observed("3.12.1", a_x=ONE))
    now = [observed(a_x=OTHER), observed("3.12.1", a_x=OTHER)]
    (line,) = plan_update(tmp_path, now[:1], frozenset([NAME])).refused
    assert line == f"{NAME}: no output of Python 3.12, cloudpickle 3.0.0; run with all interpreters"
    updated(tmp_path, *now, replaced=NAME)
    assert list(compare(tmp_path, now)) == []


def test_a_writer_that_the_store_does_not_have_differs(tmp_path: Path) -> None:
    assert list(compare(tmp_path, [observed(a_x=ONE)])) == [
        f"{NAME}: 1 rows by Python 3.11, cloudpickle 3.0.0"
    ]


def test_a_release_that_there_is_not(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"--replace refusals/2\.0: unknown release"):
        plan_update(tmp_path, [], frozenset(["refusals/2.0"]))


def test_the_writers_file(tmp_path: Path) -> None:
    path = tmp_path / "a.written"
    one = observed(a_x=STRANGE)
    rows = {row: (one.done[row], refusal) for row, refusal in one.rows.items()}
    path.write_text(json.dumps({"writer": dict(one.writer), "refusals": to_json(rows)}))
    assert Observed.read(path) == one
    path.write_text(json.dumps({"writer": {}}))
    assert Observed.read(path) is None
    path.write_text(json.dumps({"writer": {}, "refusals": {"a/x": {}}}))
    with pytest.raises(StoreError, match="not a file of the golden writer"):
        Observed.read(path)


def _run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tasks.goldens", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_the_commands(tmp_path: Path) -> None:
    """The store gets the refusals; a change ends an update with 2 and a check with 1."""
    store = full(tmp_path / "store").folder
    output = saved(writing(), tmp_path / "a.written")

    def save(refusal: Refusal) -> None:
        document = json.loads(output.read_text())
        document["refusals"] = to_json({"a/x": ("call it", refusal)})
        output.write_text(json.dumps(document))

    save(ONE)
    assert _run("update", "--store", store, output).returncode == 1
    assert _run("update", "--store", store, output).returncode == 0
    assert _run("check", "--store", store, output).returncode == 0
    save(OTHER)
    update, check = (_run(one, "--store", store, output) for one in ("update", "check"))
    assert (update.returncode, check.returncode) == (2, 1)
    assert "refused: refusals/55.0.0: a/x by Python 3.12" in update.stderr
    assert "differs: refusals/55.0.0: a/x by Python 3.12" in check.stderr
    replace = _run("update", "--store", store, "--replace", "refusals/55.0.0", output)
    assert replace.returncode == 1
    assert _run("check", "--store", store, output).returncode == 0
