"""The changes on the wire: each changes one thing in bytes, and unpickles nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from itertools import pairwise

from conformance import wire
from conformance.hostile.fields import LENGTH, VARINT, Field, fields
from conformance.wire import Family, Found, Frame
from conformance.wire.region import Region, splice, varint
from tasks.mutants import definitions

Select = Callable[[Found], bool]
"""The frames that a change may touch."""

WireChange = Callable[[bytes, Select], bytes]
"""Return other bytes, or the same where there is nothing to change."""


def _each_frame(change: Callable[[bytes], bytes], data: bytes, select: Select) -> bytes:
    found = [one for one in wire.find(data) if select(one)]
    return wire.replace(data, {one.path: change(one.data) for one in found}) if found else data


def _last_frame_dropped(data: bytes, select: Select) -> bytes:
    found = [one for one in wire.find(data) if select(one)]
    return wire.remove(data, [found[-1].path]) if found else data


def _frames_swapped(data: bytes, select: Select) -> bytes:
    found = [one for one in wire.find(data) if select(one)]
    by_family: dict[bytes, list[Found]] = {}
    for one in found:
        by_family.setdefault(one.data[:7], []).append(one)
    for several in by_family.values():
        for one, other in pairwise(several):
            if one.data != other.data:
                return wire.replace(data, {one.path: other.data, other.path: one.data})
    return data


def _call_renamed(data: bytes, select: Select) -> bytes:
    """Change the name in the call, in the text field before the frame."""
    names = {one.name.encode() for one in wire.find(data) if select(one) and one.name}
    return _edit(data, lambda one: one.value(data) in names, lambda one: one.value(data) + b"_")


def _edit(data: bytes, wanted: Callable[[Field], bool], new: Callable[[Field], bytes]) -> bytes:
    for one in fields(data):
        if one.wire_type == LENGTH and not one.message and wanted(one):
            return splice(data, [(one.regions, new(one))])
    return data


def _leaves(data: bytes) -> list[Field]:
    return [one for one in fields(data) if not one.message and not _is_frame(one, data)]


def _is_frame(field: Field, data: bytes) -> bool:
    return field.wire_type == LENGTH and wire.protobuf.has_magic(field.value(data))


def _field_dropped(place: float, data: bytes, _: Select) -> bytes:
    """Drop the field that is ``place`` of the way through the message."""
    found = _leaves(data)
    if not found:
        return data
    return splice(data, [(found[int(place * (len(found) - 1))].whole, b"")])


def _number_raised(data: bytes, _: Select) -> bytes:
    """Add one to the last small number."""
    for one in reversed(_leaves(data)):
        if one.wire_type == VARINT and one.value(data) < b"\x7f":
            return splice(data, [(one.regions, varint(one.value(data)[0] + 1))])
    return data


def _text_changed(data: bytes, _: Select) -> bytes:
    """Change the last text."""
    for one in reversed(_leaves(data)):
        if one.wire_type == LENGTH and one.value(data).isalpha():
            return splice(data, [(one.regions, one.value(data) + b"_")])
    return data


def _unknown_field(data: bytes, _: Select) -> bytes:
    """Append a field that no reader knows."""
    end = Region(len(data), len(data), len(data), lambda _: b"")
    return splice(data, [((end,), b"\xfa\x7f\x01x")]) if data else data


def _header(data: bytes, **new: int) -> bytes:
    frame = Frame.parse(data, any_version=True)
    major, minor = frame.python
    version = frame.wire_version + new.get("version", 0)
    python = (major, minor + new.get("minor", 0))
    return Frame(frame.family, version, python, frame.payload).to_bytes()


def _family_changed(data: bytes) -> bytes:
    magics = [one.value for one in Family]
    return magics[(magics.index(data[:7]) + 1) % len(magics)] + data[7:]


STRUCTURE: Mapping[str, WireChange] = {
    "frame-dropped": _last_frame_dropped,
    "frames-swapped": _frames_swapped,
    "frame-cut": partial(_each_frame, lambda data: data[:-1]),
    "frame-extended": partial(_each_frame, lambda data: data + b"."),
    "frame-family": partial(_each_frame, _family_changed),
    "frame-version": partial(_each_frame, partial(_header, version=1)),
    "frame-minor": partial(_each_frame, partial(_header, minor=1)),
    "call-renamed": _call_renamed,
    "field-first": partial(_field_dropped, 0.0),
    "field-middle": partial(_field_dropped, 0.5),
    "field-last": partial(_field_dropped, 1.0),
    "number-raised": _number_raised,
    "text-changed": _text_changed,
    "unknown-field": _unknown_field,
}
"""The changes of the protobuf and of the frames as a whole."""

DEFINITION: Mapping[str, WireChange] = {
    f"definition-{name}": partial(_each_frame, change)
    for name, change in definitions.CHANGES.items()
}
"""The changes of one member of a frame's tuple."""

CHANGES = {**STRUCTURE, **DEFINITION}
