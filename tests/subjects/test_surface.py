"""The table of the engine's entry points against the installed engine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import datafusion
import pytest
from datafusion import Expr, ScalarUDF, SessionContext, functions

from conformance.subjects.engine import Engine
from conformance.subjects.engine.derived import TOGGLE, derivations
from conformance.subjects.engine.surface import table
from conformance.subjects.engine.surface.builtins import builtin_ways
from conformance.subjects.engine.surface.entry_points import entry_points
from conformance.subjects.surface import Way
from conformance.suite.helpers.ways import GROUPS, start
from conformance.util.records import SpecError

VERSION = Engine().surface.version
COUNTS = {"54.0.0": 1439, "54.1.0": 1439, "55.0.0": 1505}
"""The number of public entry points of each release."""


def test_the_table_lists_what_the_release_has() -> None:
    """The table lists every entry point once, and none that the release lacks."""
    counts = table.known_points(VERSION)
    assert counts.keys() - entry_points().keys() == set()
    assert entry_points().keys() - counts.keys() == set()
    assert {name for name, count in counts.items() if count > 1} == set()
    assert len(entry_points()) == COUNTS.get(VERSION, len(entry_points()))


def test_lists_name_releases_that_there_are() -> None:
    """No list begins or ends at a version that is not released."""
    rows: list[Any] = [*table.read_ways(), *table.read_names()]
    assert {row.since for row in rows} <= {"54.0.0", "55.0.0"}
    assert {row.until for row in table.read_names()} <= {"", "55.0.0"}


def test_what_derives_a_session_is_left_to_its_chapter() -> None:
    """The methods that the chapter DERIVED checks are those that the table leaves to it."""
    left = {
        point.rpartition(".")[2]
        for names in table.read_names()
        if "DERIVED" in names.detail and names.is_in(VERSION)
        for point in names.points
    }
    found = {name.removesuffix("()") for name in derivations(SessionContext())}
    assert left == found - {TOGGLE}


@pytest.fixture
def _restored() -> Iterator[None]:
    yield
    for owner, name in ((Expr, "to_envelope"), (ScalarUDF, "__copy__"), (functions, "negate")):
        if name in vars(owner):
            delattr(owner, name)


@pytest.mark.usefixtures("_restored")
def test_a_new_entry_point_is_named() -> None:
    """A method, a special method and a function that is not exported are found by name."""
    assert Engine().surface.unknown() == []
    method: Any = Expr.to_bytes
    setattr(Expr, "to_envelope", method)  # noqa: B010 - a new name
    setattr(ScalarUDF, "__copy__", lambda self: self)  # noqa: B010 - a new name

    def negate(expr: Expr) -> Expr:
        return expr

    negate.__module__, negate.__qualname__ = "datafusion.functions", "negate"
    setattr(functions, "negate", negate)  # noqa: B010 - a new name
    unknown = ["expr.Expr.to_envelope", "functions.negate", "user_defined.ScalarUDF.__copy__"]
    assert Engine().surface.unknown() == unknown


def test_names_are_those_that_users_know() -> None:
    found = entry_points()
    assert found["expr.Expr.alias"] is vars(Expr)["alias"]
    assert found["user_defined.ScalarUDF.__init__"] is vars(ScalarUDF)["__init__"]
    assert {"functions.abs", "functions.spark.concat", "ipc.set_sender_ctx", "lit"} <= found.keys()
    assert "expr.Expr.__hash__" not in found
    assert "user_defined.ScalarUDFExportable.__init__" not in found
    assert "common.NullTreatment.IGNORE_NULLS" not in found
    assert not any(name.startswith(("_", "datafusion.")) for name in found)


def test_every_group_is_known_to_the_suite() -> None:
    """Each group of the table has cases of its own, so that none hides another's failure."""
    groups = {(way.kind, way.group) for way in Engine().surface.ways().values()}
    assert groups == {(kind, group) for kind, groups in GROUPS.items() for group in groups}


def test_every_plan_and_aggregate_has_a_result() -> None:
    """Only an expression of another type, or one that no engine runs, has no result by hand."""
    for name, way in Engine().surface.ways().items():
        if way.kind == "plan":
            assert way.gives is not None, name


def test_builtins_get_the_call_of_the_udf() -> None:
    _, names = start(Engine(), "scalar", "inlining")
    ways = builtin_ways(VERSION)
    expected = {
        "functions.abs": "abs(times(a))",
        "functions.concat": "concat(times(a), times(a))",
        "functions.row_number": "row_number() PARTITION BY [times(a)]",
        "functions.count": "count(times(a))",
        "expr.Expr.sqrt": "sqrt(times(a))",
    }
    for name, text in expected.items():
        assert text in str(ways[name].make(names)), name


def test_an_argument_that_nobody_knows_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def orbit(planet: complex) -> Expr:
        raise AssertionError(planet)

    module = "conformance.subjects.engine.surface.builtins"
    monkeypatch.setattr(f"{module}._entry_points", lambda: {"functions.abs": orbit})
    _, names = start(Engine(), "scalar", "inlining")
    with pytest.raises(NotImplementedError, match=r"functions.abs: no argument .* planet: complex"):
        builtin_ways(VERSION)["functions.abs"].make(names)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[plan]]\ngroup = 'a'\nplanet = 1\nways = []", "plan: unknown field 'planet'"),
        ("[[plan]]\ngroup = 'a'\nways = [{ code = 'q', planet = 1 }]", "unknown field 'planet'"),
        ("[[planet]]\n", "unknown table 'planet'"),
    ],
)
def test_a_wrong_table_is_refused(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "ways-wrong.toml").write_text(text, encoding="utf-8")
    with pytest.raises(SpecError, match=message):
        list(table.parse_ways(tmp_path / "ways-wrong.toml"))


def test_a_way_shows_what_a_user_writes() -> None:
    way = Engine().surface.ways()["call.alias('x')"]
    assert isinstance(way, Way)
    assert (way.code, way.group, way.calls) == ("call.alias('x')", "methods", 1)
    assert datafusion.__version__ == VERSION
