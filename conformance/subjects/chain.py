"""The interface of an implementation with extension codecs, beside ``Subject``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from conformance.subjects.plans import Layer

Codec = Any
"""A session, or what ``Chain.capsule`` or ``Chain.exported`` returns."""


@dataclass(frozen=True)
class Bundle:
    """An extension as data: what it answers when a session installs it.

    ``components`` is given that session. A mapping that it returns has the
    codecs of each layer; the subject passes anything else on as it is.
    ``planner`` is given the session once all codecs are installed, and brings
    no planner.
    """

    components: Callable[[Any], Any]
    planner: Callable[[Any], None] | None = None


class Chain(Protocol):
    """The extension codecs of an implementation, each on the logical or the physical layer.

    A subject may have them without plans: then it is judged by what they do with expressions.
    """

    def install(self, session: Any, layer: Layer, codec: Codec, codec_id: str | None = None) -> Any:
        """Return a session that has ``codec`` after those of ``session``."""

    def extend(self, session: Any, *extensions: Any) -> Any:
        """Return a session with what ``extensions`` bring.

        Each is a ``Bundle``, or not an extension at all.
        """

    def ids(self, session: Any, layer: Layer) -> Sequence[str]:
        """Return the ids of the installed codecs, in the order in which they were installed."""

    def capsule(self, session: Any, layer: Layer) -> Codec:
        """Return the bare capsule of the session's own codec."""

    def make_exporter(self, session: Any, class_name: str, declared: Any = None) -> Codec:
        """Return an object that exports the session's own codecs.

        Its class has the name ``class_name``, the module before the first
        dot; ``declared`` is the id that the object declares, if any.
        """
