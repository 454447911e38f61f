"""What an implementation into which foreign functions are installed offers beside ``Subject``."""

from __future__ import annotations

from typing import Protocol


class Foreign(Protocol):
    """Functions that come through the FFI capsule protocol."""
