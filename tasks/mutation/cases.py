"""The cases of the suite, collected once, to be run without pytest."""

from __future__ import annotations

import io
from collections.abc import Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from typing import Any

import pytest
from packaging.version import Version

from conformance.runner.child import SubjectInfo
from conformance.runner.marks import clause_of, marks_of, needs_of, seconds_of, since_of
from conformance.runner.outcomes import case_id
from conformance.runner.selection import PACKAGES
from conformance.spec import CLAUSES
from conformance.spec.clauses import applies
from conformance.util.places import SUITE


@dataclass(frozen=True, eq=False)
class Case:
    """One case: the function that it is, what the function takes, and how long it may (seconds).

    ``deadline`` is ``None`` where the case names none; ``needs`` are the
    capabilities of a subject, or the packages, without which there is nothing to judge;
    ``since`` is the first engine that can show it, where that is not the clause's own.
    """

    id: str
    clause: str
    module: str
    function: str
    arguments: Mapping[str, Any]
    deadline: float | None
    needs: frozenset[str]
    since: str = ""

    @property
    def test(self) -> str:
        """The id without parameters."""
        return self.id.partition("[")[0]

    def applies_to(self, subject: SubjectInfo) -> bool:
        """Return whether the subject can show the clause by this case."""
        released = (subject.versions or {}).get("engine") if subject.name == "datafusion" else None
        return not (
            released and _is_newer(self.since or CLAUSES[self.clause].since, released)
        ) and self.needs <= _packages() | {*subject.capabilities}


@cache
def _packages() -> frozenset[str]:
    return frozenset(filter(find_spec, PACKAGES))


@cache
def _is_newer(since: str, engine: str) -> bool:
    return not applies(since, Version(engine))


class _Collected:
    def __init__(self) -> None:
        self.items: list[pytest.Function] = []

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.items = [item for item in session.items if isinstance(item, pytest.Function)]


def collect() -> list[Case]:
    """Every case of the suite, as pytest collects it; imports the suite into this process.

    Raises ``RuntimeError`` where the suite cannot be collected.
    """
    kept, told = _Collected(), io.StringIO()
    options = ["--collect-only", "-qq", "-p", "no:cacheprovider", "-p", "conformance.runner.plugin"]
    options += ["-W", "ignore::pytest.PytestAssertRewriteWarning", "-p", "no:hypothesispytest"]
    with redirect_stdout(told):
        code = pytest.main([*options, str(SUITE)], plugins=[kept])
    if code != pytest.ExitCode.OK:
        raise RuntimeError(f"the suite cannot be collected:\n{told.getvalue()}")
    return [_case(item) for item in kept.items if not marks_of(item, "not_applicable")]


def _case(item: pytest.Function) -> Case:
    clause = clause_of(item)
    assert clause is not None, item.nodeid
    return Case(
        id=case_id(item.nodeid),
        clause=clause,
        module=item.module.__name__,
        function=item.originalname,
        arguments=item.callspec.params if hasattr(item, "callspec") else {},
        deadline=seconds_of(item, "deadline"),
        needs=frozenset({CLAUSES[clause].needs, *needs_of(item)} - {""}),
        since=since_of(item),
    )
