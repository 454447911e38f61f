"""The reference codec: a second implementation of the format and its rules, without an engine.

It is written from the clauses. ``--subject conformance.subjects.reference:Reference`` judges it.
"""

from conformance.subjects.reference.subject import Reference

__all__ = ["Reference"]
