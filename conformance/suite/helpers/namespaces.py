"""Ship callables from the namespaces in which users write them."""

from __future__ import annotations

import gc
import importlib
import sys
import tempfile
from pathlib import Path
from typing import Any, get_args

from conformance.catalogue.nodes import Family
from conformance.subjects import current
from conformance.subjects.interface import Subject
from conformance.suite.helpers.same_name_udfs import call_of, evaluate_rows, times


def ship_all() -> dict[str, Any]:
    """Encode and decode a call of each family from each namespace; return the results."""
    subject, seen = current.subject(), {}
    for family in get_args(Family):
        source = times(family, 7).source
        for place, take in (
            ("an importable module", _import),
            ("__main__", _run_main),
            ("a notebook", _run_cell),
        ):
            try:
                seen[f"{family} of {place}"] = _ship(subject, family, take(subject, family, source))
            except Exception as error:  # noqa: BLE001 - one error must not hide the other results
                seen[f"{family} of {place}"] = f"{type(error).__name__}: {error}"
    return seen


def _ship(subject: Subject, family: Family, implementation: Any) -> Any:
    """Collect garbage between making, encoding, decoding and running a call."""
    udf = times(family, 7)
    expr = call_of(subject, udf, subject.function(udf, implementation))
    gc.collect()
    data = subject.to_bytes(expr, subject.session())
    del expr
    gc.collect()
    decoded = subject.from_bytes(data, subject.session())
    del data
    gc.collect()
    return evaluate_rows(subject, family, decoded)


def _import(subject: Subject, family: Family, source: str) -> Any:
    """Return the callable of a module that can be imported by its name."""
    name = f"conformance_importable_{family}"
    with tempfile.TemporaryDirectory() as folder:
        lines = [
            f"from {base.__module__} import {base.__name__}" for base in subject.bases.values()
        ]
        Path(folder, f"{name}.py").write_text("\n".join([*lines, source]), encoding="utf-8")
        sys.path.insert(0, folder)
        try:
            return importlib.import_module(name).f
        finally:
            sys.path.remove(folder)


def _run_main(subject: Subject, _family: Family, source: str) -> Any:
    """Return the callable of the program that Python was started with."""
    namespace = sys.modules["__main__"].__dict__
    namespace.update(subject.bases)
    exec(source, namespace)
    return namespace["f"]


def _run_cell(subject: Subject, _family: Family, source: str) -> Any:
    """Return the callable of a cell in a notebook: its globals have no file."""
    namespace: dict[str, Any] = {"__name__": "__main__", **subject.bases}
    exec(source, namespace)
    return namespace["f"]
