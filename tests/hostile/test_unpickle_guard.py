"""The guard and the canary notice every unpickler, by whichever way it goes."""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from operator import attrgetter
from typing import Any

import cloudpickle
import pytest

from conformance.hostile import canary
from conformance.hostile.unpickle_guard import InertObject, UnpickleGuard
from conformance.runner.assertions import Mismatch, assert_nothing_unpickled, assert_unpickled


class Subclass(pickle.Unpickler):
    """An unpickler that inherits how names are looked up."""


class OwnLookup(pickle.Unpickler):
    """An unpickler that looks names up itself."""

    def find_class(self, module: str, name: str, /) -> Any:
        """Return what a pickle names."""
        return attrgetter(name)(import_module(module))


UNPICKLERS: dict[str, Callable[[bytes], Any]] = {
    "cloudpickle.loads": lambda data: cloudpickle.loads(data),
    "pickle.loads": lambda data: pickle.loads(data),
    "an Unpickler": lambda data: pickle.Unpickler(io.BytesIO(data)).load(),
    "a subclass": lambda data: Subclass(io.BytesIO(data)).load(),
    "its own lookup": lambda data: OwnLookup(io.BytesIO(data)).load(),
}
each_unpickler = pytest.mark.parametrize("which", UNPICKLERS)


@each_unpickler
def test_a_canary_is_called_by_every_unpickler(which: str) -> None:
    with canary.recording() as events:
        UNPICKLERS[which](canary.payload())
        assert_unpickled(events, which)
        with pytest.raises(Mismatch, match="was unpickled"):
            assert_nothing_unpickled(events, which)


def test_a_canary_that_is_only_looked_up_is_no_control() -> None:
    with canary.recording() as events:
        pickle.Unpickler(io.BytesIO(b"")).find_class("conformance.hostile.canary_target", "run")
        with pytest.raises(Mismatch, match="was not unpickled") as found:
            assert_unpickled(events, "a lookup")
    assert found.value.kind == "inconclusive"
    assert events == ["find_class", "import"]


@each_unpickler
def test_a_guard_notices_every_unpickler_of_a_canary(which: str) -> None:
    with UnpickleGuard().active() as guard:
        with suppress(Exception):
            UNPICKLERS[which](canary.payload())
        assert guard.drain()
    assert pickle.loads(pickle.dumps(len)) is len


@pytest.mark.parametrize("which", ["cloudpickle.loads", "pickle.loads"])
def test_behind_a_guard_loads_is_inert(which: str) -> None:
    with UnpickleGuard().active():
        assert isinstance(UNPICKLERS[which](pickle.dumps(len)), InertObject | type)
