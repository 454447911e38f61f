"""The decision of a subject to accept or refuse bytes: by its codec, or by its sessions."""

from __future__ import annotations

from typing import Any

from conformance.hostile import canary
from conformance.runner.assertions import Mismatch
from conformance.subjects.codec import Artifact, Codec, Conditions, Decision
from conformance.subjects.interface import Session, Subject
from conformance.subjects.plans import Layer
from conformance.suite.helpers.codec_setups import chain
from conformance.suite.helpers.same_name_udfs import function_of, times
from conformance.suite.helpers.samples import once, plans
from conformance.util.kinds import indicates_bug

_LAYER: dict[Artifact, Layer] = {
    "expression": "logical",
    "logical": "logical",
    "physical": "physical",
}
"""The layer whose codecs decode an artifact."""


def deciding_codec(subject: Subject) -> Codec | None:
    """Return the subject's codec if it decides; ``None`` if its sessions do."""
    codec = subject.wire_codec
    return codec if codec is not None and "decide" in codec.operations else None


def decide(
    subject: Subject,
    artifact: Artifact,
    data: bytes,
    conditions: Conditions,
    *,
    any_error: bool = False,
) -> Decision:
    """Return the subject's decision about ``data`` on a session under ``conditions``.

    An error that indicates a bug is a refusal only with ``any_error``.

    Sessions decide for the running Python. Their decision is ``unpickled`` if a canary in
    ``data`` recorded anything, and the message of an accepted artifact is its representation.
    """
    codec = deciding_codec(subject)
    if codec is not None:
        return codec.decide(artifact, data, conditions)
    session = _session(subject, _LAYER[artifact], conditions)
    with canary.recording() as events:
        try:
            decoded = _decode(subject, artifact, data, session)
        except Exception as error:
            if indicates_bug(error) and not any_error:
                seen = f"{type(error).__name__}: {error}"
                message = "raised what indicates a bug and not a refusal"
                raise Mismatch("programming-error", message, "a refusal", seen) from error
            return Decision(False, subject.error_kind(error), str(error), bool(events))
        return Decision(True, message=repr(decoded), unpickled=bool(events))


def _decode(subject: Subject, artifact: Artifact, data: bytes, session: Session) -> Any:
    if artifact == "expression":
        return subject.from_bytes(data, session)
    return plans(subject).from_bytes(artifact, session, data)


@once
def _session(subject: Subject, layer: Layer, conditions: Conditions) -> Session:
    """Return a session under these conditions; decoding does not change it.

    Inlining is turned off before codecs are installed, and must stay off.
    """
    session = subject.session()
    for family, name in conditions.registered:
        udf: Any = times(family, 2, name)  # type: ignore[arg-type]
        subject.register(session, function_of(subject, udf))
    session = session if conditions.inlining else subject.with_inlining(session, False)
    for codec_id in conditions.codecs:
        session = chain(subject).install(session, layer, _codec(subject), codec_id)
    return session


@once
def _codec(subject: Subject) -> Session:
    """Return the session that is installed as a codec; it lives as long as the sessions."""
    return subject.session()
