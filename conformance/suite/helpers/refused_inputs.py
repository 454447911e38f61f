"""The inputs that an engine refuses: each a row with a reason, a family and a route."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, get_args

from conformance import wire
from conformance.catalogue.nodes import Family
from conformance.golden.cases import has_ids
from conformance.subjects.interface import Session, Subject
from conformance.subjects.plans import Layer
from conformance.suite.helpers import artifacts
from conformance.suite.helpers.artifacts import LAYER, Artifact
from conformance.suite.helpers.codec_setups import chain
from conformance.suite.helpers.markers import LAYERS
from conformance.suite.helpers.refused_frames import (
    CODEC,
    ENVELOPES,
    FRAMES,
    ONLY_AGGREGATES,
    Change,
    unchanged,
    wrap,
)
from conformance.suite.helpers.same_name_udfs import call_of, query_of, times
from conformance.suite.helpers.samples import make_locked, once, plans, receiver, sample
from conformance.wire import Found

Call = Callable[[], Any]

_FAMILIES: tuple[Family, ...] = get_args(Family)
_ROUTES: tuple[Artifact, ...] = get_args(Artifact)
_ARGUMENT_ROUTES: tuple[Artifact, ...] = ("expression", "logical", "physical")
"""The routes on which a session is an argument."""
_IN_ENVELOPE: Mapping[str, Artifact] = {
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
    data = wire.replace(data, {found.path: change(found.data, family) for found in frames})
    return lambda: artifacts.from_bytes(subject, artifact, data, session)


def _decode_frame(change: Change, mode: str, subject: Subject, row: Row) -> Call:
    """Decode a call with a changed frame on a session in ``mode``."""
    if row.route not in _IN_ENVELOPE:
        session = _reader(subject, mode)
        return _decode_changed(subject, row.route, row.family, change, session)
    artifact = _IN_ENVELOPE[row.route]
    return _decode_changed(
        subject, artifact, row.family, wrap(change), _reader(subject, mode, LAYER[artifact])
    )


def _decode_envelope(change: Change, subject: Subject, row: Row) -> Call:
    """Decode a call in a changed envelope on a session that has the codec ``CODEC``."""
    session = _reader(subject, "inlining", LAYER[row.route])
    return _decode_changed(subject, row.route, row.family, change, session)


def _decode_beside_a_session(subject: Subject, row: Row) -> Call:
    """Decode a call in an envelope on a session whose only codec is a session without an id."""
    codec = _reader(subject, "inlining")
    session = chain(subject).install(subject.session(), LAYER[row.route], codec)
    return _decode_changed(subject, row.route, row.family, wrap(unchanged), session)


def _decode_without_codecs(subject: Subject, row: Row) -> Call:
    session = _reader(subject, "inlining")
    return _decode_changed(subject, row.route, row.family, wrap(unchanged), session)


def _decode_name(mode: str, subject: Subject, row: Row) -> Call:
    data, session = _by_name(subject, row.route, row.family), _reader(subject, mode)
    return lambda: artifacts.from_bytes(subject, row.route, data, session)


def _encode_unpicklable(subject: Subject, row: Row) -> Call:
    udf, session = times(row.family, artifacts.FACTOR), _reader(subject, "inlining")
    function = subject.function(udf, make_locked(subject, udf))
    if row.route not in LAYERS:
        call = call_of(subject, udf, function)
    else:
        call = plans(subject).plan(session, row.route, query_of(udf), {udf: function}, Path())
    return lambda: artifacts.to_bytes(subject, row.route, call, session)


def _encode_on(session: Any, subject: Subject, row: Row) -> Call:
    call = artifacts.make_call(subject, row.route, "scalar")
    return lambda: artifacts.to_bytes(subject, row.route, call, session)


def _decode_on(session: Any, subject: Subject, row: Row) -> Call:
    data, _ = _inline(subject, row.route, "scalar")
    return lambda: artifacts.from_bytes(subject, row.route, data, session)


def _decode_bytes(data: Any, subject: Subject, row: Row) -> Call:
    """Pass ``data`` to the decoder; for a pickle, to the function that rebuilds an expression."""
    if row.route == "pickle":
        rebuild: Any = sample(subject, "scalar").__reduce__()[0]
        return lambda: rebuild(data)
    session = _reader(subject, "inlining")
    return lambda: artifacts.from_bytes(subject, row.route, data, session)


def _call_toggle(arguments: Sequence[bool], subject: Subject, _: Row) -> Call:
    session = _reader(subject, "inlining")
    return lambda: subject.call_toggle(session, *arguments)


def _set_toggle(enabled: Any, subject: Subject, _: Row) -> Call:
    session = _reader(subject, "inlining")
    return lambda: subject.with_inlining(session, enabled)


def _use_slot(value: Any, subject: Subject, row: Row) -> Call:
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


def _install_twice(subject: Subject, row: Row) -> Call:
    session, codec = _reader(subject, "inlining", row.route), _reader(subject, "inlining")
    return lambda: chain(subject).install(session, row.route, codec, CODEC)


def _install(codec: Any, subject: Subject, row: Row) -> Call:
    session = _reader(subject, "inlining")
    return lambda: chain(subject).install(session, row.route, codec)


_WRONG: Mapping[str, Any] = {"number": 7, "text": "text", "none": None}
"""Values of a wrong type."""
_BYTES: Mapping[str, Any] = {**_WRONG, "garbage": b"garbage", "empty": b""}


_UNINSTALLED: Mapping[str, Any] = {
    "envelope-no-codec": _decode_without_codecs,
    "envelope-session-codec": _decode_beside_a_session,
}
"""Envelopes whose codec is not installed."""


def _each(
    reason: str, done: str, build: Any, routes: Sequence[str], families: Sequence[str] = ("",)
) -> Iterator[Row]:
    yield from (Row(reason, f, route, done, build) for f in families for route in routes)


def _frame_rows() -> Iterator[Row]:
    everywhere = (*_ROUTES, *_IN_ENVELOPE)
    strict = partial(_decode_frame, unchanged, "strict")
    yield from _each("strict", "decode on a strict session", strict, everywhere, _FAMILIES)
    for reason, change in FRAMES.items():
        families = ("aggregate",) if reason in ONLY_AGGREGATES else _FAMILIES
        decode = partial(_decode_frame, change, "inlining")
        yield from _each(reason, "decode a changed frame", decode, everywhere, families)
    for mode in ("inlining", "strict"):
        name = partial(_decode_name, mode)
        done = f"decode an unknown name on an {mode} session".replace("an strict", "a strict")
        yield from _each(f"name-{mode}", done, name, _ROUTES, _FAMILIES)
    done = "encode a callable with a lock"
    yield from _each("unpicklable", done, _encode_unpicklable, _ROUTES, _FAMILIES)


def _envelope_rows() -> Iterator[Row]:
    for reason, change in ENVELOPES.items():
        decode = partial(_decode_envelope, change)
        yield from _each(reason, "decode a changed envelope", decode, _ROUTES, _FAMILIES)
    for reason, build in _UNINSTALLED.items():
        yield from _each(reason, "decode an envelope", build, _ROUTES, _FAMILIES)
    yield from _each("codec-twice", "install two codecs of one id", _install_twice, LAYERS)


def _argument_rows() -> Iterator[Row]:
    for name, value in _WRONG.items():
        install, use = partial(_install, value), partial(_use_slot, value)
        yield from _each(f"codec-{name}", f"install {value!r} as a codec", install, LAYERS)
        done = f"put {value!r} into the slot, and use the slot"
        yield from _each(f"slot-{name}", done, use, ("sender", "worker"))
        done, toggle = f"call the toggle with enabled={value!r}", partial(_set_toggle, value)
        yield from _each(f"toggle-{name}", done, toggle, ("session",))
    for name, arguments in {"nothing": (), "positional": (False,)}.items():
        done, toggle = f"call the toggle with {arguments!r}", partial(_call_toggle, arguments)
        yield from _each(f"toggle-{name}", done, toggle, ("session",))
    for name, data in _BYTES.items():
        decode = partial(_decode_bytes, data)
        yield from _each(f"bytes-{name}", f"decode {data!r}", decode, _ROUTES)
    for name, value in _WRONG.items():
        if value is None:
            continue  # no session: the default of an expression
        encode, decode = partial(_encode_on, value), partial(_decode_on, value)
        yield from _each(f"encode-on-{name}", f"encode on {value!r}", encode, _ARGUMENT_ROUTES)
        yield from _each(f"decode-on-{name}", f"decode on {value!r}", decode, _ARGUMENT_ROUTES)


def _by_reason() -> Mapping[str, Sequence[Row]]:
    found: dict[str, list[Row]] = {}
    for row in (*_frame_rows(), *_envelope_rows(), *_argument_rows()):
        found.setdefault(row.reason, []).append(row)
    return found


ROWS = _by_reason()
"""All rows, by reason."""

NEED_IDS = (*ENVELOPES, *_UNINSTALLED, "codec-twice")
"""The reasons that need codecs with ids, which engines have since 55.0.0."""


def rows_of(subject: Subject, reason: str) -> list[Row]:
    """Return the rows of a reason that apply to the subject."""
    if has_ids(subject):
        return [*ROWS[reason]]
    rows = [] if reason in NEED_IDS else ROWS[reason]
    return [row for row in rows if row.route not in _IN_ENVELOPE]
