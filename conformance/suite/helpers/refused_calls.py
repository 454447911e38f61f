"""Prepare the calls that an engine refuses, by the row that asks for one."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance import wire
from conformance.catalogue.nodes import Family
from conformance.subjects.interface import Session, Subject
from conformance.subjects.plans import Layer
from conformance.suite.helpers import artifacts
from conformance.suite.helpers.artifacts import LAYER, Artifact
from conformance.suite.helpers.codec_setups import chain
from conformance.suite.helpers.markers import LAYERS
from conformance.suite.helpers.refused_frames import CODEC, Change, unchanged, wrap
from conformance.suite.helpers.same_name_udfs import call_of, query_of, times
from conformance.suite.helpers.samples import make_locked, once, plans, receiver, sample
from conformance.wire import Found
from conformance.wire.region import splice

Call = Callable[[], Any]

IN_ENVELOPE: Mapping[str, Artifact] = {
    "envelope": "expression",
    "physical-envelope": "physical",
}
"""Routes on which each frame is in an envelope, whose codec is installed, and what is shipped."""


@dataclass(frozen=True)
class Row:
    """One refused input: the reason, the family of the UDF, or ``""`` without one, and the route.

    ``build`` prepares it and returns the call that must raise. ``done`` says what the call does.
    """

    reason: str
    family: Any
    route: Any
    done: str
    build: Callable[[Subject, Row], Call]

    @property
    def id(self) -> str:
        """The reason, the family if there is one, and the route."""
        return "/".join(part for part in (self.reason, self.family, self.route) if part)


@once
def _inline(subject: Subject, artifact: Artifact, family: Family) -> tuple[bytes, Sequence[Found]]:
    data = artifacts.encode_inline(subject, artifact, family)
    return data, wire.find(data)


@once
def _by_name(subject: Subject, artifact: Artifact, family: Family) -> bytes:
    return artifacts.encode_by_name(subject, artifact, family)


@once
def _reader(subject: Subject, mode: str, codecs: Layer | None = None) -> Session:
    """Return a session in ``mode``; with ``codecs``, it has a codec in the same mode."""
    session = receiver(subject, mode)
    if codecs is None:
        return session
    return chain(subject).install(session, codecs, _reader(subject, mode), CODEC)


def _decode_changed(
    subject: Subject, artifact: Artifact, family: Family, change: Change, session: Session
) -> Call:
    data, frames = _inline(subject, artifact, family)
    # As wire.replace does, which would look for the frames again: there are hundreds of changes.
    data = splice(data, [(found.regions, change(found.data, family)) for found in frames])
    return lambda: artifacts.from_bytes(subject, artifact, data, session)


def decode_frame(change: Change, mode: str, subject: Subject, row: Row) -> Call:
    """Decode a call with a changed frame on a session in ``mode``."""
    if row.route not in IN_ENVELOPE:
        session = _reader(subject, mode)
        return _decode_changed(subject, row.route, row.family, change, session)
    artifact = IN_ENVELOPE[row.route]
    return _decode_changed(
        subject, artifact, row.family, wrap(change), _reader(subject, mode, LAYER[artifact])
    )


def decode_envelope(change: Change, subject: Subject, row: Row) -> Call:
    """Decode a call in a changed envelope on a session that has the codec ``CODEC``."""
    session = _reader(subject, "inlining", LAYER[row.route])
    return _decode_changed(subject, row.route, row.family, change, session)


def decode_beside_a_session(subject: Subject, row: Row) -> Call:
    """Decode a call in an envelope on a session whose only codec is a session without an id."""
    codec = _reader(subject, "inlining")
    session = chain(subject).install(subject.session(), LAYER[row.route], codec)
    return _decode_changed(subject, row.route, row.family, wrap(unchanged), session)


def decode_without_codecs(subject: Subject, row: Row) -> Call:
    """Decode a call in an envelope on a session without codecs."""
    session = _reader(subject, "inlining")
    return _decode_changed(subject, row.route, row.family, wrap(unchanged), session)


def decode_name(mode: str, subject: Subject, row: Row) -> Call:
    """Decode a call by name on a session in ``mode`` that does not know the name."""
    data, session = _by_name(subject, row.route, row.family), _reader(subject, mode)
    return lambda: artifacts.from_bytes(subject, row.route, data, session)


def encode_unpicklable(subject: Subject, row: Row) -> Call:
    """Encode a call whose callable cannot be pickled on an inlining session."""
    udf, session = times(row.family, artifacts.FACTOR), _reader(subject, "inlining")
    function = subject.function(udf, make_locked(subject, udf))
    if row.route not in LAYERS:
        call = call_of(subject, udf, function)
    else:
        call = plans(subject).plan(session, row.route, query_of(udf), {udf: function}, Path())
    return lambda: artifacts.to_bytes(subject, row.route, call, session)


def encode_on(session: Any, subject: Subject, row: Row) -> Call:
    """Encode a call with ``session`` as the argument."""
    call = artifacts.make_call(subject, row.route, "scalar")
    return lambda: artifacts.to_bytes(subject, row.route, call, session)


def decode_on(session: Any, subject: Subject, row: Row) -> Call:
    """Decode a call with ``session`` as the argument."""
    data, _ = _inline(subject, row.route, "scalar")
    return lambda: artifacts.from_bytes(subject, row.route, data, session)


def decode_bytes(data: Any, subject: Subject, row: Row) -> Call:
    """Pass ``data`` to the decoder; for a pickle, to the function that rebuilds an expression."""
    if row.route == "pickle":
        rebuild: Any = sample(subject, "scalar").__reduce__()[0]
        return lambda: rebuild(data)
    session = _reader(subject, "inlining")
    return lambda: artifacts.from_bytes(subject, row.route, data, session)


def call_toggle(arguments: Sequence[bool], subject: Subject, _: Row) -> Call:
    """Call the toggle with positional arguments."""
    session = _reader(subject, "inlining")
    return lambda: subject.call_toggle(session, *arguments)


def set_toggle(enabled: Any, subject: Subject, _: Row) -> Call:
    """Call the toggle with this value of ``enabled``."""
    session = _reader(subject, "inlining")
    return lambda: subject.with_inlining(session, enabled)


def use_slot(value: Any, subject: Subject, row: Row) -> Call:
    """Put ``value`` into a slot, then let a pickle use the slot."""
    expr = artifacts.make_call(subject, "pickle", "scalar")
    data, _ = _inline(subject, "pickle", "scalar")

    def call() -> Any:
        try:
            subject.set_slot(row.route, value)
            return pickle.dumps(expr) if row.route == "sender" else pickle.loads(data)
        finally:
            subject.clear_slot(row.route)

    return call


def install_twice(subject: Subject, row: Row) -> Call:
    """Install a codec under an id that is taken."""
    session, codec = _reader(subject, "inlining", row.route), _reader(subject, "inlining")
    return lambda: chain(subject).install(session, row.route, codec, CODEC)


def install(codec: Any, subject: Subject, row: Row) -> Call:
    """Install ``codec`` as a codec."""
    session = _reader(subject, "inlining")
    return lambda: chain(subject).install(session, row.route, codec)
