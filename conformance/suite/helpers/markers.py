"""The marks and parametrizations of cases."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, get_args

import pytest

from conformance.catalogue import ENTRIES
from conformance.catalogue.nodes import Family
from conformance.subjects.plans import Layer

clause = pytest.mark.clause
"""``@clause("STRICT-01")``: the clause that a case checks."""

since = pytest.mark.since
"""``@since("55.0.0")``: the first engine release to which a case, or a parameter, applies."""

needs = pytest.mark.needs
"""``@needs("plans")``: a capability of the subject without which a case, or a parameter, is not applicable."""

LAYERS: tuple[Layer, ...] = ("logical", "physical")


def needs_at(level: str) -> Sequence[pytest.MarkDecorator]:
    """Return the marks of a case that ships something at ``level``: plans need a capability."""
    return (needs("plans"),) if level in LAYERS else ()


def at_artifacts(levels: Iterable[str]) -> list[Any]:
    """Return ``levels`` as parameters: a case that ships a plan needs plans."""
    return [pytest.param(level, marks=needs_at(level)) for level in levels]


each_layer = pytest.mark.parametrize("layer", LAYERS)
each_family = pytest.mark.parametrize("family", get_args(Family))
each_entry = pytest.mark.parametrize("entry", list(ENTRIES))
each_receiver = pytest.mark.parametrize("mode", ["inlining", "strict"])
each_route = pytest.mark.parametrize("route", ["from_bytes", "pickle"])
