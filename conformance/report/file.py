"""The JSON file of a report."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from conformance import __version__
from conformance.report.fields import unknown_clauses, wrong_fields
from conformance.report.model import SCHEMA, Outcome, Report, ReportError
from conformance.spec import CLAUSES
from conformance.util import atomic
from conformance.util.input_file import read_bytes
from conformance.util.json_text import json_text


def write_report(report: Report, path: Path) -> None:
    """Write the report atomically."""
    derived = _derived(report)
    records = {"clauses": derived.pop("clauses"), "cases": [*map(vars, report.cases)]}
    head = {name: value for name, value in vars(report).items() if name != "cases"}
    text = json_text({"schema": SCHEMA, **head, **derived}, indent=1).removesuffix("\n}")
    # One record per line: to indent each takes ten times as long.
    for name, each in records.items():
        lines = ",\n".join(map(json_text, each))
        text += f',\n "{name}": [\n{lines}\n ]'
    atomic.write(path, f"{text}\n}}\n".encode())


def read_content(path: Path) -> bytes:
    """Return the content of ``path``, which a pipe has once; raise ``ReportError``."""
    try:
        return read_bytes(path)
    except FileNotFoundError:
        raise ReportError(f"{path}: no such file") from None
    except OSError as error:
        raise ReportError(f"{path}: cannot be read: {error.strerror}") from error


def read_report(path: Path) -> Report:
    """Return the report in ``path``; raise ``ReportError`` as ``parse_report`` does."""
    return parse_report(path, read_content(path))


def parse_report(path: Path, data: bytes) -> Report:
    """Return the report that is the content of ``path``.

    Raises ``ReportError`` if it is truncated or of another schema, or if a field is missing, has
    the wrong type or contradicts the cases.
    """
    try:
        document: dict[str, Any] = json.loads(data.decode())
    except (ValueError, RecursionError) as error:
        raise ReportError(f"{path}: not a complete report: {error}") from error
    schema = document.get("schema") if isinstance(document, dict) else None
    if isinstance(schema, int) and schema > SCHEMA:
        raise ReportError(
            f"{path}: schema {schema}, of a newer dfpy-conformance: update this one, "
            f"which reads schema {SCHEMA}"
        )
    if schema != SCHEMA or "planned" not in document:
        raise ReportError(f"{path}: not a report of schema {SCHEMA}")
    report = report_of_document(path, document)
    if report.suite == __version__:  # another version of the suite has other clauses
        for problem in unknown_clauses(report, CLAUSES):
            raise ReportError(f"{path}: {problem}")
        if document.get("clauses") != _derived(report)["clauses"]:
            raise ReportError(f"{path}: clauses contradicts the cases")
    return report


def report_of_document(path: Path, document: Mapping[str, Any]) -> Report:
    """Return the report of a document from ``path``, whatever clauses its suite had.

    Raises ``ReportError`` as ``read_report`` does, but does not look at the verdicts.
    """
    try:
        report = Report(
            suite=document["suite"],
            subject=document["subject"],
            cell=document["cell"],
            whole=document["whole"],
            planned=document["planned"],
            cases=[Outcome(**case) for case in document["cases"]],
            not_applicable=tuple(document["not_applicable"]),
            stale=tuple(document["stale"]),
            # Reports of 0.1 have none of these.
            chapters=tuple(document.get("chapters", ())),
            profile=document.get("profile", ""),
            goldens=document.get("goldens", ""),
            commands=document.get("commands", {}),
            evidence=document.get("evidence", {}),
            allow_fixed=document.get("allow_fixed", False),
        )
    except (KeyError, TypeError) as error:
        raise ReportError(f"{path}: a field is missing or unknown: {error}") from error
    for problem in wrong_fields(report):
        raise ReportError(f"{path}: {problem}")
    if document.get("complete") != report.complete:
        raise ReportError(f"{path}: complete contradicts the cases")
    return report


def _derived(report: Report) -> dict[str, Any]:
    """Return derived fields, for readers of the JSON that do not have the spec."""
    return {
        "complete": report.complete,
        "clauses": [
            {**vars(verdict), "divergences": list(verdict.divergences)}
            for verdict in report.verdicts()
        ],
    }
