"""The known divergences that the model follows on the engines that have them.

Without these rules each story would end at what is known already. A rule has the id of its
divergence, and ends where the divergence does.
"""

from __future__ import annotations

from collections.abc import Mapping

from conformance.spec import DIVERGENCES
from conformance.subjects.interface import Subject
from conformance.util.versions import with_platform

RULES: Mapping[str, str] = {
    "sender-slot-not-asked-by-to-bytes": "to_bytes without a session ignores the sender slot",
    "namesakes-merge": "of two scalar UDFs of one name in one expression, the first runs for both",
    "builtin-answers-for-a-udf": "a UDF by name resolves to the built-in function of that name",
    "udf-answers-for-a-builtin": "a built-in function resolves to the UDF of that name",
    "nested-refusals-are-planning-errors": "a refusal inside another expression is a Plan error",
    "unpicklable-leaves-by-name": "a UDF that cannot be pickled travels by name",
    "decoding-overwrites-classes": "a decoded class is the live class of its id, and resets it",
}
"""The rules by the ids of their divergences."""


def known_on(subject: Subject) -> frozenset[str]:
    """Return the rules that hold on a subject: none, unless it is a released engine."""
    if subject.name != "datafusion":
        return frozenset()
    cell = with_platform(subject.versions())
    return frozenset(id_ for id_ in RULES if id_ in DIVERGENCES and DIVERGENCES[id_].in_cell(cell))
