"""What an implementation that has extension codecs must offer beside ``Subject``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from conformance.subjects.plans import Layer

Codec = Any
"""A session, or what ``Chain.capsule`` returns."""


class Chain(Protocol):
    """The extension codecs of an implementation, each on the logical or the physical layer."""

    def install(self, session: Any, layer: Layer, codec: Codec, codec_id: str | None = None) -> Any:
        """A session that has ``codec`` after those of ``session``."""

    def extend(self, session: Any, layer: Layer, codecs: Sequence[Codec]) -> Any:
        """The same for several codecs at once, as an extension bundle installs them."""

    def ids(self, session: Any, layer: Layer) -> Sequence[str]:
        """The ids of the installed codecs, in the order in which they were installed."""

    def capsule(self, session: Any, layer: Layer) -> Codec:
        """The bare capsule of the session's own codec."""
