"""Implementations under test: the interface, and the released engine behind it."""

from __future__ import annotations

from importlib import metadata
from importlib.util import find_spec

from conformance.subjects.interface import NoFrames, Subject

__all__ = ["SUBJECT", "NoFrames", "Subject", "installed_engine"]

SUBJECT = "conformance.subjects:installed_engine"
"""The subject that is judged unless another is named."""


def installed_engine() -> Subject:
    """Return the installed ``datafusion``, the default of ``--subject``.

    Raises ``NoFrames`` where it is older than the feature, ``ModuleNotFoundError`` without one.
    """
    if find_spec("datafusion") is None:
        raise ModuleNotFoundError("no engine is installed: install the datafusion to be judged")
    if find_spec("datafusion.ipc") is None:
        raise NoFrames(
            f"datafusion {metadata.version('datafusion')} has no Python UDF frames; "
            "they came with 54.0.0. There is nothing to judge."
        )
    from conformance.subjects.engine import Engine

    return Engine()
