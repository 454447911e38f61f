"""What a canary's payload names: it sings when it is imported, and when it is called."""

from __future__ import annotations

from conformance.fuzz.canary import heard

heard("imported")


def sing() -> str:
    """Sing."""
    heard("unpickled")
    return "a song"
