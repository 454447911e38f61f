"""The interface of an implementation that takes functions from outside, beside ``Subject``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from conformance.catalogue.ffi import Library
    from conformance.catalogue.nodes import Udf


class FfiLibraries(Protocol):
    """Libraries of functions that come through the FFI capsule protocol."""

    @property
    def libraries(self) -> Sequence[Library]:
        """Those that are installed."""

    def functions(self, library: Library) -> Mapping[Udf, Any]:
        """Return the functions of a library, each taken through its capsule now."""
