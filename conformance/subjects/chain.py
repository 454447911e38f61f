"""The optional part of the interface for extension codecs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from conformance.subjects.plans import Layer

Codec = Any
"""A session, or a return value of ``Chain.capsule`` or ``Chain.make_exporter``."""


@dataclass(frozen=True)
class Bundle:
    """An extension as data, with one hook or both.

    ``components`` is called with the session that installs the extension. It
    returns a mapping from layers to codecs; the subject passes any other value
    to the implementation unchanged. ``planner`` is called with the session
    after all codecs are installed, and provides no planner.
    """

    components: Callable[[Any], Any] | None
    planner: Callable[[Any], None] | None = None


class Chain(Protocol):
    """The extension codecs of an implementation, each on the logical or the physical layer.

    A subject may have codecs without plans. The cases then use expressions only.
    """

    def install(self, session: Any, layer: Layer, codec: Codec, codec_id: str | None = None) -> Any:
        """Return a session that has ``codec`` after those of ``session``."""

    def extend(self, session: Any, *extensions: Any) -> Any:
        """Return a session with the codecs and planners of ``extensions``.

        Each is a ``Bundle``, or an invalid value that must be refused.
        """

    def ids(self, session: Any, layer: Layer) -> Sequence[str]:
        """Return the ids of the installed codecs, in the order in which they were installed."""

    def capsule(self, session: Any, layer: Layer) -> Codec:
        """Return the bare capsule of the session's own codec."""

    def make_exporter(self, session: Any, class_name: str, declared: Any = None) -> Codec:
        """Return an object that exports the session's own codecs.

        ``class_name`` is the qualified name of its class: the module, a dot and
        the name. ``declared`` is the codec id that the object declares, if any.
        """
