"""The hooks that write the progress of a run; a plugin beside the suite's own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from conformance.report.model import FAILED, FIXED
from conformance.runner.progress import ProgressWriter
from conformance.spec import CLAUSES


def add_option(group: pytest.OptionGroup) -> None:
    """Add the option that names the file."""
    group.addoption(
        "--conformance-progress",
        metavar="FILE",
        type=Path,
        help="append how far the run is to this file, one JSON object per line",
    )


def register(config: pytest.Config) -> None:
    """Write the progress of this run if the command line names a file for it."""
    path: Path | None = config.getoption("--conformance-progress")
    if path is None or hasattr(config, "workerinput"):
        return
    try:
        hooks = ProgressHooks(ProgressWriter(path))
    except OSError as error:
        raise pytest.UsageError(f"--conformance-progress {path}: {error.strerror}") from None
    config.pluginmanager.register(hooks, "conformance-progress")


class ProgressHooks:
    """Hand what pytest reports to a ``ProgressWriter``."""

    def __init__(self, writer: ProgressWriter) -> None:
        self.writer = writer

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        if session.items:  # with xdist, only the workers have items
            self.writer.expect(len(session.items))

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, node: Any, ids: Sequence[str]) -> None:
        del node
        self.writer.expect(len(ids))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        found: dict[str, Any] = dict(report.user_properties)
        if outcome := found.get("conformance"):
            if outcome["clause"] in CLAUSES:
                self.writer.begin(CLAUSES[outcome["clause"]].chapter)
            if outcome["outcome"] in FAILED or (report.failed and outcome["outcome"] == FIXED):
                self.writer.fail(outcome["clause"], outcome["case"], outcome["message"])

    def pytest_runtest_logfinish(self) -> None:
        self.writer.count()

    def pytest_sessionfinish(self) -> None:
        self.writer.end()
