"""The hooks around the collection: which files and cases a run has."""

from __future__ import annotations

import gc
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Any

import pytest

from conformance.runner.marks import clause_of
from conformance.runner.run import Run
from conformance.runner.selection import can_skip, cases_of, check_markers, find_unjudged, turn


class Collection:
    """Part of the plugin: keep the cases that this run judges; note where some are missing."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.deselecting = False
        """True while this plugin itself deselects cases that are not applicable."""

    @pytest.hookimpl(wrapper=True)
    def pytest_collection(self) -> Generator[None, Any, Any]:
        """Collect garbage afterwards only: nearly all that a collection makes stays."""
        gc.disable()
        try:
            return (yield)
        finally:
            gc.freeze()
            gc.enable()

    def pytest_ignore_collect(self, collection_path: Path) -> bool | None:
        """Leave out the files of other chapters; pytest asks only for files that it finds."""
        return can_skip(collection_path, self.run.config.getoption("--chapter")) or None

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        cases = cases_of(items)
        check_markers(cases)
        if not self.run.config.option.collectonly:
            of_program = self.run.of_program
            if dropped := find_unjudged(cases, self.run.open(), of_program=of_program):
                items[:] = [item for item in items if item not in dropped]
                self.deselecting = True
                self.run.config.hook.pytest_deselected(items=list(dropped))
                self.deselecting = False
        items.sort(key=turn)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        if not (results := self.run.results):
            return
        cases = {item.nodeid: clause for item, clause in cases_of(session.items).items()}
        results.expect(cases)
        if self.run.is_worker:
            report = results.report
            output = cases, report.not_applicable, results.not_applicable_cases, report.whole
            self.run.config.workeroutput["conformance"] = output  # type: ignore[attr-defined]

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        if results := self.run.results:
            output = getattr(node, "workeroutput", {}).get("conformance", ({}, (), (), True))
            cases, clauses, not_applicable, whole = output
            results.expect(cases)
            results.mark_not_applicable(clauses, not_applicable)
            if not whole:
                self.run.mark_partial()

    def pytest_deselected(self, items: Sequence[pytest.Item]) -> None:
        if not self.deselecting and any(clause_of(item) is not None for item in items):
            self.run.mark_partial()

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.run.mark_partial()
