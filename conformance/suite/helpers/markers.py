"""The marks and parametrizations of cases."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, get_args

import pytest

from conformance.catalogue import ENTRIES
from conformance.catalogue.nodes import Family
from conformance.subjects.interface import Slot
from conformance.subjects.plans import Layer

clause = pytest.mark.clause
"""``@clause("STRICT-01")``: the clause that a case checks."""

since = pytest.mark.since
"""``@since("55.0.0")``: the first engine release to which a case, or a parameter, applies."""

needs = pytest.mark.needs
"""``@needs("plans")``: a capability that the subject must have for a case, or a parameter."""

ROUTES = ("from_bytes", "pickle")

LAYERS: tuple[Layer, ...] = ("logical", "physical")

SLOTS: tuple[Slot, ...] = ("sender", "worker")


def needs_at(artifact: str) -> Sequence[pytest.MarkDecorator]:
    """Return the marks of a case that ships ``artifact``: plans need a capability."""
    return (needs("plans"),) if artifact in LAYERS else ()


def at_artifacts(artifacts: Iterable[str]) -> list[Any]:
    """Return ``artifacts`` as parameters with the marks that they need."""
    return [pytest.param(artifact, marks=needs_at(artifact)) for artifact in artifacts]


each_layer = pytest.mark.parametrize("layer", LAYERS)
each_family = pytest.mark.parametrize("family", get_args(Family))
each_entry = pytest.mark.parametrize("entry", list(ENTRIES))
each_receiver = pytest.mark.parametrize("mode", ["inlining", "strict"])
each_slot = pytest.mark.parametrize("slot", SLOTS)
each_route = pytest.mark.parametrize("route", ROUTES)
