"""The modules that a callable imports only when it runs."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.preflight.late_imports import late_uses


def _shapes() -> dict[str, Any]:
    """Return callables that import ``json.tool`` late, as a script defines them."""
    names: dict[str, Any] = {"__name__": "__main__"}
    exec(
        "class Callable:\n"
        "    def __call__(self, a): import json.tool\n"
        "class Factory:\n"
        "    def state(self): import json.tool\n"
        "def function(a): import json.tool\n"
        "def user(a): return Factory\n",
        names,
    )
    return {
        "a callable object": names["Callable"](),
        "a class": names["Factory"],
        "a function": names["function"],
        "a function that uses a class": names["user"],
    }


@pytest.mark.parametrize("shape", _shapes().values(), ids=list(_shapes()))
def test_late_imports(shape: Any) -> None:
    found = set().union(*(uses.imported for uses in late_uses(shape)))
    assert found == {"json", "json.tool"}
