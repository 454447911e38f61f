"""Engines that lack a capability, for ``--subject tests.runner.capabilities:NAME``."""

from __future__ import annotations

from conformance.subjects.engine import Engine


class WithoutPlans(Engine):
    def __init__(self) -> None:
        super().__init__()
        self.plans = None  # type: ignore[assignment]
