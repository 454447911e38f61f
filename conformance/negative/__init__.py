"""Negative vectors: bytes that a decoder refuses, written by hand and never by an engine.

``build`` returns all of them for a receiver. ``golden/negative/vectors.json`` holds those for
``STORED``.
"""

from __future__ import annotations

from functools import cache

from conformance.negative.frames import Python
from conformance.negative.tables import TABLES
from conformance.negative.vector import Demand, Receiver, Vector

STORED: Python = (3, 12)
"""The receiver of the vectors in the golden store."""


@cache
def build(python: Python) -> tuple[Vector, ...]:
    """Return the vectors for a receiver on this Python minor version, in a fixed order."""
    return tuple(vector for table in TABLES for vector in table(python))


__all__ = ["STORED", "Demand", "Python", "Receiver", "Vector", "build"]
