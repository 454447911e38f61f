"""Bytes that the tests share: real ones as hex, hand-written ones as parts with names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from conformance.wire import Envelope, Family, Frame, WireError
from conformance.wire.region import varint

REAL = {
    path.stem: bytes.fromhex(path.read_text().replace("\n", ""))
    for path in sorted((Path(__file__).parent / "real").glob("*.hex"))
}
"""What datafusion 55.0.0 wrote on Python 3.12, by family and layer."""


def field(number: int, content: bytes) -> bytes:
    """A length-delimited field."""
    return varint(number << 3 | 2) + varint(len(content)) + content


def scalar(payload: bytes = b"", *, version: int = 1) -> bytes:
    return Frame(Family.SCALAR, version, (3, 12), payload).to_bytes()


frames = st.builds(
    Frame,
    st.sampled_from(Family),
    st.just(1),
    st.tuples(st.integers(0, 255), st.integers(0, 255)),
    st.binary(max_size=300),
)
envelopes = st.builds(Envelope, st.text(max_size=20), st.binary(max_size=50))

# Bytes that get past the first look of the readers more often than random ones.
likely = st.one_of(
    st.binary(max_size=200),
    st.builds(bytes.__add__, st.sampled_from([*Family]).map(lambda f: f.value), st.binary()),
    st.builds(bytes.__add__, st.just(Envelope.MAGIC), st.binary()),
    st.builds(bytes.__add__, st.just(b"\x80\x04"), st.binary()),
    st.builds(field, st.integers(1, 40), st.binary(max_size=60)),
)


def attempt(read: Any, data: bytes) -> Any:
    """Return the result of ``read``, or ``None`` for one of our own errors; raise any other."""
    try:
        return read(data)
    except WireError as error:
        str(error)
        return None


@st.composite
def damaged(draw: Any, whole: bytes) -> bytes:
    """Real bytes with a few of them changed, and perhaps cut."""
    data = bytearray(whole)
    for _ in range(draw(st.integers(1, 4))):
        data[draw(st.integers(0, len(data) - 1))] = draw(st.integers(0, 255))
    return bytes(data[: draw(st.none() | st.integers(0, len(data)))])
