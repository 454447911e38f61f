"""The inputs that an engine refuses: each a row with a reason, a family and a route."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any, get_args

from conformance.catalogue.nodes import Family
from conformance.golden.cases import has_ids
from conformance.subjects.interface import Subject
from conformance.suite.helpers import refused_calls as calls
from conformance.suite.helpers.artifacts import Artifact
from conformance.suite.helpers.markers import LAYERS
from conformance.suite.helpers.refused_calls import IN_ENVELOPE, Row
from conformance.suite.helpers.refused_frames import ENVELOPES, FRAMES, ONLY_AGGREGATES, unchanged

_FAMILIES: tuple[Family, ...] = get_args(Family)
_ROUTES: tuple[Artifact, ...] = get_args(Artifact)
_ARGUMENT_ROUTES: tuple[Artifact, ...] = ("expression", "logical", "physical")
"""The routes on which a session is an argument."""

_WRONG: Mapping[str, Any] = {"number": 7, "text": "text", "none": None}
"""Values of a wrong type."""
_BYTES: Mapping[str, Any] = {**_WRONG, "garbage": b"garbage", "empty": b""}


_UNINSTALLED: Mapping[str, Any] = {
    "envelope-no-codec": calls.decode_without_codecs,
    "envelope-session-codec": calls.decode_beside_a_session,
}
"""Envelopes whose codec is not installed."""


def _each(
    reason: str, done: str, build: Any, routes: Sequence[str], families: Sequence[str] = ("",)
) -> Iterator[Row]:
    yield from (Row(reason, f, route, done, build) for f in families for route in routes)


def _frame_rows() -> Iterator[Row]:
    everywhere = (*_ROUTES, *IN_ENVELOPE)
    strict = partial(calls.decode_frame, unchanged, "strict")
    yield from _each("strict", "decode on a strict session", strict, everywhere, _FAMILIES)
    for reason, change in FRAMES.items():
        families = ("aggregate",) if reason in ONLY_AGGREGATES else _FAMILIES
        decode = partial(calls.decode_frame, change, "inlining")
        yield from _each(reason, "decode a changed frame", decode, everywhere, families)
    for mode, which in {"inlining": "an inlining", "strict": "a strict"}.items():
        name = partial(calls.decode_name, mode)
        done = f"decode an unknown name on {which} session"
        yield from _each(f"name-{mode}", done, name, _ROUTES, _FAMILIES)
    done = "encode a callable with a lock"
    yield from _each("unpicklable", done, calls.encode_unpicklable, _ROUTES, _FAMILIES)


def _envelope_rows() -> Iterator[Row]:
    for reason, change in ENVELOPES.items():
        decode = partial(calls.decode_envelope, change)
        yield from _each(reason, "decode a changed envelope", decode, _ROUTES, _FAMILIES)
    for reason, build in _UNINSTALLED.items():
        yield from _each(reason, "decode an envelope", build, _ROUTES, _FAMILIES)
    yield from _each("codec-twice", "install two codecs of one id", calls.install_twice, LAYERS)


def _argument_rows() -> Iterator[Row]:
    for name, value in _WRONG.items():
        codec, use = partial(calls.install, value), partial(calls.use_slot, value)
        yield from _each(f"codec-{name}", f"install {value!r} as a codec", codec, LAYERS)
        done = f"put {value!r} into the slot, and use the slot"
        yield from _each(f"slot-{name}", done, use, ("sender", "worker"))
        done, toggle = f"call the toggle with enabled={value!r}", partial(calls.set_toggle, value)
        yield from _each(f"toggle-{name}", done, toggle, ("session",))
    for name, arguments in {"nothing": (), "positional": (False,)}.items():
        done, toggle = f"call the toggle with {arguments!r}", partial(calls.call_toggle, arguments)
        yield from _each(f"toggle-{name}", done, toggle, ("session",))
    for name, data in _BYTES.items():
        decode = partial(calls.decode_bytes, data)
        yield from _each(f"bytes-{name}", f"decode {data!r}", decode, _ROUTES)
    for name, value in _WRONG.items():
        if value is None:
            continue  # no session: the default of an expression
        encode, decode = partial(calls.encode_on, value), partial(calls.decode_on, value)
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
    return [row for row in rows if row.route not in IN_ENVELOPE]
