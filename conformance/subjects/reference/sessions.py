"""Sessions: a handle with a toggle and codecs, on what several handles share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn
from uuid import uuid4

from conformance.subjects.reference.registry import Registry


@dataclass
class Shared:
    """The state that a session shares with all sessions derived from it."""

    registry: Registry
    id: str = field(default_factory=lambda: uuid4().hex)
    tables: dict[str, Any] = field(default_factory=dict)
    options: dict[str, int] = field(default_factory=lambda: {"batch_size": 8192})


@dataclass(frozen=True)
class Installed:
    """A codec, which is a session's own, and its id."""

    id: str
    session: Session


class Session:
    """A handle on a session: its toggle and its codecs are its own."""

    def __init__(
        self,
        shared: Shared,
        inlining: bool = True,
        codecs: Mapping[str, tuple[Installed, ...]] | None = None,
    ) -> None:
        self.shared = shared
        self.inlining = inlining
        self.codecs = codecs or {"logical": (), "physical": ()}

    def with_python_udf_inlining(self, *, enabled: bool) -> Session:
        """Another handle on the same session, with inlining on or off."""
        return self.derived(inlining=enabled)

    def derived(
        self,
        *,
        inlining: bool | None = None,
        codecs: Mapping[str, tuple[Installed, ...]] | None = None,
    ) -> Session:
        """Another handle on the same session, which differs in what is given."""
        return type(self)(
            self.shared,
            self.inlining if inlining is None else inlining,
            self.codecs if codecs is None else codecs,
        )

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"cannot pickle '{type(self).__name__}' object")
