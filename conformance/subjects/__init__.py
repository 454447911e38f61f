"""Implementations under test: their interface, the engine and the reference."""

from __future__ import annotations

from importlib.util import find_spec

from conformance.subjects.interface import NoFrames, Subject

__all__ = ["SUBJECT", "NoFrames", "Subject", "installed_engine"]

SUBJECT = "conformance.subjects:installed_engine"
"""The default of ``--subject``."""


def installed_engine() -> Subject:
    """Return the installed ``datafusion``.

    Raises ``NoFrames`` for a release without UDF frames, and
    ``ModuleNotFoundError`` if ``datafusion`` is not installed.
    """
    if find_spec("datafusion") is None:
        raise ModuleNotFoundError("datafusion is not installed: install the release to test")
    if find_spec("datafusion.ipc") is None:
        from importlib import metadata

        raise NoFrames(
            f"datafusion {metadata.version('datafusion')} has no Python UDF frames; "
            "the first release with frames is 54.0.0."
        )
    from conformance.subjects.engine import Engine

    return Engine()
