"""Frames taken out of what holds them."""

import pytest

from conformance import wire
from conformance.wire import WireError


def message(number: int, content: bytes) -> bytes:
    assert len(content) < 0x80
    return bytes([number << 3 | 2, len(content)]) + content


FRAME = b"DFPYUDF\x01\x03\x0cpayload"


def test_the_field_goes_and_the_lengths_around_it_follow() -> None:
    data = message(5, message(1, b"name") + message(3, FRAME) + message(2, b"rest"))
    (found,) = wire.find(data)
    assert wire.remove(data, [found.path]) == message(5, message(1, b"name") + message(2, b"rest"))


def test_several_fields_go_at_once() -> None:
    data = message(1, FRAME) + message(2, b"stays") + message(1, FRAME)
    assert wire.remove(data, [found.path for found in wire.find(data)]) == message(2, b"stays")


def test_a_bare_frame_is_no_field() -> None:
    (found,) = wire.find(FRAME)
    with pytest.raises(WireError, match="only a field"):
        wire.remove(FRAME, [found.path])


def test_the_first_field_of_a_message_is_removed_from_the_length_of_the_message() -> None:
    data = message(5, message(4, message(3, FRAME) + message(2, b"rest")))
    (found,) = wire.find(data)
    assert wire.remove(data, [found.path]) == message(5, message(4, message(2, b"rest")))
