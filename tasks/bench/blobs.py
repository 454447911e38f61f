"""Measure ``inspect`` on bytes that were made to cost much: time and memory, with bounds."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from conformance.wire import Envelope
from conformance.wire.region import varint

MAX_SECONDS = 10.0
"""CPU time for any file of up to 200 MiB."""

MAX_MIB = 300
"""Memory, beside three times the size of the file."""

MIB = 2**20
_HEADER = b"DFPYUDF\x01\x03\x0c"


def _field(number: int, content: bytes) -> bytes:
    return varint(number << 3 | 2) + varint(len(content)) + content


def _nested(content: bytes, levels: int, beside: bytes = b"") -> bytes:
    for _ in range(levels):
        content = _field(1, content) + beside
    return content


def _pickled(opcodes: bytes) -> bytes:
    return _HEADER + b"\x80\x04(" + opcodes + b"t."


BLOBS: dict[str, Callable[[], bytes]] = {
    "zeros": lambda: b"\0" * 200 * MIB,
    "small fields": lambda: b"\x08\x01" * 100 * MIB,
    "small fields before a frame": lambda: b"\x08\x01" * 100 * MIB + _field(1, _HEADER),
    "fields of 10 bytes": lambda: _field(1, b"abcdefghij") * (200 * MIB // 12),
    "frames": lambda: _field(1, _HEADER + b"N.") * (20 * MIB // 14),
    "envelopes in envelopes": lambda: Envelope("", b"").to_bytes() * (MIB // 2),
    "messages in messages, a frame behind": lambda: _nested(
        _field(1, b"y" * 190 * MIB) + _field(2, _HEADER), 95
    ),
    "many fields on every level": lambda: _nested(_field(2, _HEADER), 95, b"\x08\x01" * 200_000),
    "calls by name": lambda: b"".join(
        _field(20, _field(1, b"f%d" % number)) for number in range(450_000)
    ),
    "DUP": lambda: _pickled(b")" + b"2" * 3 * MIB),
    "MEMOIZE": lambda: _pickled(b")" + b"\x94" * 4 * MIB),
    "tuples in tuples": lambda: _pickled(b")" + b"\x85" * MIB),
    "imports": lambda: _pickled(b"".join(b"cos\ns%d\n" % number for number in range(290_000))),
    "one import again and again": lambda: _pickled(b"cos\nsystem\n" * 18 * MIB),
    "magics in a payload": lambda: _pickled(b"C\x08DFPYUDF\x01" * 149_000),
    "a text of 200 MiB": lambda: _pickled(
        b"B" + (200 * MIB).to_bytes(4, "little") + bytes(200 * MIB)
    ),
}


@dataclass(frozen=True)
class Measured:
    """The cost of one file: CPU seconds, MiB of memory at most, bytes of output."""

    name: str
    size: int
    seconds: float
    memory: float
    output: int

    @property
    def ok(self) -> bool:
        """True within the bounds."""
        return self.seconds <= MAX_SECONDS and self.memory <= MAX_MIB + 3 * self.size / MIB


def measure() -> Iterator[Measured]:
    """Run ``inspect --json --opcodes`` on each, in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        blob, printed = Path(folder) / "blob", Path(folder) / "printed"
        for name in BLOBS:
            # By a process of its own: a child's peak of memory counts that of its parent.
            subprocess.run([sys.executable, "-m", __name__, name, str(blob)], check=True)
            size = blob.stat().st_size
            command = [sys.executable, "-m", "conformance", "inspect", "--json", "--opcodes"]
            with printed.open("wb") as output:
                child = subprocess.Popen(
                    [*command, str(blob)], stdout=output, stderr=subprocess.DEVNULL
                )
                _, _, used = os.wait4(child.pid, 0)
            seconds = used.ru_utime + used.ru_stime
            unit = MIB if sys.platform == "darwin" else 1024
            yield Measured(name, size, seconds, used.ru_maxrss / unit, printed.stat().st_size)


if __name__ == "__main__":
    Path(sys.argv[2]).write_bytes(BLOBS[sys.argv[1]]())
