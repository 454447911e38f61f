"""The refusals of the store: their files, their placeholders, and the release to compare with."""

from __future__ import annotations

import platform
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from conformance import matrix
from conformance.golden import refusals
from conformance.golden.check import problems
from conformance.golden.refusals import (
    PLACEHOLDERS,
    RECORDED,
    UNRECORDED,
    Entry,
    Refusal,
    Refusals,
    baseline,
    capability,
    mask,
)
from conformance.golden.store import Store, StoreError
from conformance.suite.helpers.refused_inputs import NEED_IDS, ROWS
from tests.conftest import ROOT
from tests.golden.samples import write_archive

STORE = ROOT / "golden"
ENGINES = matrix.read().engines
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"


@pytest.mark.parametrize("engine", ENGINES)
def test_every_release_has_every_row_by_every_writer(engine: str) -> None:
    found = refusals.read(engine, STORE)
    expected = {
        row.id
        for reason, rows in ROWS.items()
        for row in rows
        if engine >= "55" or (reason not in NEED_IDS and "envelope" not in row.route)
    }
    for writer in found.writers:
        assert found.by_row(writer).keys() == expected


def test_row_ids_are_unique() -> None:
    ids = [row.id for rows in ROWS.values() for row in rows]
    assert len(ids) == len({*ids})


def test_each_placeholder_is_used() -> None:
    texts = "\n".join(entry.refusal.text for entry in refusals.read("55.0.0", STORE).entries)
    assert [one for one in PLACEHOLDERS if one not in texts] == []


def test_no_text_depends_on_where_it_was_written() -> None:
    for engine in ENGINES:
        for entry in refusals.read(engine, STORE).entries:
            assert mask(entry.refusal.text).replace("{{", "{").replace("}}", "}") == (
                entry.refusal.text
            )
            assert "site-packages" not in entry.refusal.text


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (f"Python 2.7, running Python {PYTHON}.", "Python 2.7, running Python {python}."),
        (f"Python {PYTHON}.1 and Python {PYTHON}1", f"Python {PYTHON}.1 and Python {PYTHON}1"),
        (f"pyarrow {PYTHON}", f"pyarrow {PYTHON}"),
        ("session:01234567-89ab-cdef-0123-456789abcdef)", "session:{session})"),
        ("session:01234567", "session:01234567"),
        (
            'x, traceback: Some("Traceback (most recent call last):\n  File \\"a\\", 1\n") }")',
            'x, traceback: Some("{traceback}") }")',
        ),
        ("running Python {python}.", "running Python {{python}}."),
    ],
)
def test_placeholders(text: str, masked: str) -> None:
    """A text that itself contains a placeholder differs from a text with the value."""
    assert mask(text) == masked


WRITERS = {
    ("3.10", "2.0.0"): {"python": "3.10.1", "cloudpickle": "2.0.0"},
    ("3.11", "3.0.0"): {"python": "3.11.1", "cloudpickle": "3.0.0"},
}
OLD, NEW = Refusal("builtins.E", "", "old"), Refusal("builtins.E", "", "new")


def test_entries_by_writer() -> None:
    entries = [
        Entry("a", ("x", "y"), "call", OLD, python=("3.10",)),
        Entry("a", ("x",), "call", NEW, cloudpickle=("3.0.0",)),
        Entry("a", ("y",), "call", NEW, writers=("3.11 3.0.0",)),
    ]
    found = Refusals("1.0", WRITERS, entries)
    assert found.by_row(("3.10", "2.0.0")) == {"a/x": OLD, "a/y": OLD}
    assert found.by_row(("3.11", "3.0.0")) == {"a/x": NEW, "a/y": NEW}
    assert found.recorded("a/x", ("3.11", "3.0.0")) == [NEW]
    assert found.recorded("a/x", ("3.99", "3.0.0")) == [OLD, NEW]
    assert found.recorded("a/z", ("3.10", "2.0.0")) == []


@pytest.mark.parametrize(
    ("engine", "compared_with"),
    [
        ("53.0.0", None),
        ("54.0.0", "54.0.0"),
        ("54.0.5", "54.0.0"),
        ("55.0.0rc1", "55.0.0"),
        ("55.0.0", "55.0.0"),
        ("99.0.0", ENGINES[-1]),
    ],
)
def test_the_release_to_compare_with(engine: str, compared_with: str | None) -> None:
    found = baseline(engine)
    assert (found and found.engine) == compared_with


@pytest.mark.parametrize(
    ("name", "engine", "cloudpickle", "expected"),
    [
        ("datafusion", "55.0.0", "3.1.2", RECORDED),
        ("datafusion", "55.0.0+mine", "3.1.2", UNRECORDED),
        ("datafusion", "55.0.0", "99.0.0", UNRECORDED),
        ("datafusion", "99.0.0", "3.1.2", UNRECORDED),
        ("datafusion", "53.0.0", "3.1.2", None),
        ("datafusion", "unknown", "3.1.2", None),
        ("reference", "55.0.0", "3.1.2", None),
    ],
)
def test_the_capability(name: str, engine: str, cloudpickle: str, expected: str | None) -> None:
    versions = {"engine": engine, "cloudpickle": cloudpickle}
    assert capability(name, versions, "3.12.99") == expected


def test_another_python_is_not_recorded() -> None:
    versions = {"engine": "55.0.0", "cloudpickle": "3.1.2"}
    assert capability("datafusion", versions, "3.99.0") == UNRECORDED


def test_the_archive_in_the_wheel_has_them(tmp_path: Path) -> None:
    write_archive(STORE, tmp_path / "store.zip")
    assert refusals.engines(tmp_path / "store.zip") == [*ENGINES]
    found = refusals.read("55.0.0", tmp_path / "store.zip")
    assert found == refusals.read("55.0.0", STORE)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "schema None; this suite reads schema 1"),
        ("schema = 2", "schema 2; this suite reads schema 1"),
        ("schema = [", "not a file of refusals"),
        ("schema = 1\nengine = '1'\nwriter = []", "not a file of refusals: 'refusal'"),
        ("schema = 1\nengine = '1'\nwriter = []\nrefusal = [{id = 'a'}]", "'routes'"),
    ],
)
def test_damaged_files(text: str, says: str) -> None:
    with pytest.raises(StoreError) as caught:
        refusals.parse(text, "x.toml")
    assert str(caught.value).startswith("x.toml: ")
    assert says in str(caught.value)


def test_a_missing_file_and_a_missing_writer_are_problems(tmp_path: Path) -> None:
    shutil.copytree(STORE, tmp_path / "golden")
    folder = tmp_path / "golden" / "refusals"
    (folder / "54.0.0.toml").unlink()
    path = folder / "55.0.0.toml"
    text = path.read_text()
    path.write_text(text.replace('cloudpickle = "3.1.2"', 'cloudpickle = "9.9.9"', 1))
    found = list(problems(Store(tmp_path / "golden")))
    assert found[0].startswith(f"{folder / '54.0.0.toml'}: cannot be read: ")
    assert found[1:] == ["refusals/55.0.0.toml: no refusals of Python 3.10 with cloudpickle 3.1.2"]


def test_refusals_as_text() -> None:
    one = Refusal("builtins.E", "Plan", "no", 2, "builtins.F: why")
    assert str(one) == "builtins.E (Plan) with 2 arguments, after builtins.F: why: no"
    assert str(replace(one, error="")) == "accepted"


def test_this_python_is_recorded_unless_it_is_optional() -> None:
    optional = {one.version for one in matrix.read().pythons if one.optional}
    versions = {"engine": "55.0.0", "cloudpickle": "3.1.2"}
    expected = UNRECORDED if PYTHON in optional else RECORDED
    assert capability("datafusion", versions, platform.python_version()) == expected
