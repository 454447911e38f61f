from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.wire import Envelope, difference, hexdump

from .samples import likely, scalar


def test_a_frame_is_marked_by_its_header() -> None:
    assert hexdump(scalar(b"abc")).splitlines() == [
        "00000000  44 46 50 59 55 44 46                             DFPYUDF           magic",
        "00000007  01                                               .                 wire version",
        "00000008  03                                               .                 Python major",
        "00000009  0c                                               .                 Python minor",
        "0000000a  61 62 63                                         abc               payload",
    ]


def test_an_envelope_is_marked_by_its_parts() -> None:
    dump = hexdump(Envelope("geo", b"blob").to_bytes())
    assert [line.split("  ")[-1].strip() for line in dump.splitlines()] == [
        "magic",
        "envelope version",
        "codec id length",
        "codec id",
        "blob",
    ]


def test_other_bytes_are_plain_lines_of_sixteen() -> None:
    lines = hexdump(bytes(range(40)), start=0x100).splitlines()
    assert [line[:8] for line in lines] == ["00000100", "00000110", "00000120"]


def test_marks_of_the_reader_begin_lines() -> None:
    lines = hexdump(b"abcdef", {2: "here"}).splitlines()
    assert [line.split()[0] for line in lines] == ["00000000", "00000002"]
    assert lines[1].endswith("here")


@pytest.mark.parametrize(
    ("at", "part"),
    [(6, "magic"), (7, "wire version"), (8, "Python major"), (9, "Python minor"), (10, "payload")],
)
def test_a_difference_names_the_part(at: Any, part: Any) -> None:
    expected = scalar(b"payload")
    seen = bytearray(expected)
    seen[at] = ord("A") if at == 6 else seen[at] ^ 1
    text = difference(expected, bytes(seen))
    assert text.splitlines()[0] == f"first difference at byte {at} (0x{at:x}), in the {part}"
    assert text.count("<- here") == 2


def test_a_shorter_one_ends_where_the_other_goes_on() -> None:
    text = difference(scalar(b"payload"), scalar(b"pay"))
    assert text.splitlines()[0] == "first difference at byte 13 (0xd), in the payload"
    assert text.endswith("0000000d  ends here")
    assert "after the end" in difference(scalar(b"pay"), scalar(b"payload")).splitlines()[0]


def test_equal_bytes_have_no_difference() -> None:
    assert difference(b"same", b"same") == ""


def test_bytes_that_are_no_frames_have_no_parts() -> None:
    assert difference(b"abc", b"abd").splitlines()[0] == "first difference at byte 2 (0x2)"


@given(likely, likely)
def test_any_bytes_can_be_compared(expected: Any, seen: Any) -> None:
    text = difference(expected, seen)
    assert (text == "") == (expected == seen)


@given(st.binary(max_size=100), st.dictionaries(st.integers(-5, 120), st.text(max_size=3)))
def test_a_dump_holds_every_byte_once(data: bytes, marks: Any) -> None:
    shown = "".join(line[10:57].replace(" ", "") for line in hexdump(data, marks).splitlines())
    assert "".join(shown.split()) == data.hex() or any("\n" in note for note in marks.values())
