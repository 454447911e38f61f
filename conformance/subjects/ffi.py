"""The optional part of the interface for libraries of FFI functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from conformance.catalogue.ffi import Library
    from conformance.catalogue.nodes import Udf


class FfiLibraries(Protocol):
    """Libraries of functions that are imported through the FFI capsule protocol."""

    @property
    def libraries(self) -> Sequence[Library]:
        """The installed libraries."""

    def functions(self, library: Library) -> Mapping[Udf, Any]:
        """Import the functions of a library, each from its capsule."""
