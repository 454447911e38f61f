"""The file of ``--conformance-report``: before the run, and after it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conformance.report.file import write_report
from conformance.report.model import Report
from conformance.util import atomic

_START = b"{"
"""How the JSON of each report begins."""


def prepare(config: pytest.Config) -> None:
    """Refuse a file that cannot be written; remove the report of an earlier run.

    It would pass for that of this run, if this one dies. Anything else is left as it is until
    there is a report in its place. Raises ``pytest.UsageError``.
    """
    path = _path(config)
    option = config.option
    idle = option.collectonly or option.help or option.version
    if path is None or idle or hasattr(config, "workerinput"):
        return
    try:
        atomic.check(path)
        if _is_report(path):
            path.resolve().unlink()  # a link stays
    except OSError as error:
        message = f"--conformance-report {path}: cannot be written: {error.strerror}"
        raise pytest.UsageError(message) from None


def write(config: pytest.Config, report: Report) -> str:
    """Write the report of a run, if it is to be written; return why it cannot be, or ``""``."""
    path = _path(config)
    try:
        if path is not None:
            write_report(report, path)
    except OSError as error:
        return f"--conformance-report {path}: cannot be written: {error.strerror}"
    return ""


def _path(config: pytest.Config) -> Path | None:
    path: Path | None = config.getoption("--conformance-report")
    return path


def _is_report(path: Path) -> bool:
    """Return whether a file is the report of a run, of whatever version of the suite."""
    if not path.exists():
        return False
    with path.open("rb") as stream:
        if stream.read(len(_START)) != _START:  # it may be large
            return False
        try:
            document = json.loads(_START + stream.read())
        except (ValueError, RecursionError):
            return False
    return isinstance(document, dict) and {"schema", "suite", "cases"} <= document.keys()
