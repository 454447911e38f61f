"""The hook through which all messages of a variant go."""

from __future__ import annotations

from typing import ClassVar


class Writing:
    """A writer of messages, each as it is, until a subclass changes it."""

    leaves_out: ClassVar[tuple[str, ...]] = ()
    """The chapters of which no case is run: what they say holds for the engine alone."""

    def message(self, data: bytes) -> bytes:
        """Return another message of the same expression or plan."""
        return data
