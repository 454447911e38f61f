"""Engines that write or read another frame."""

from __future__ import annotations

import sys

from conformance.faults.engine.wrapped import Faulty
from conformance.faults.fault import breaks


@breaks("FRAME-02", "FRAME-06", "FRAME-19")
class AnotherMagic(Faulty):
    """Both ends agree, so that every round trip passes."""

    pairs = ((b"DFPYUDA", b"DFPYUDW"), (b"DFPYUDW", b"DFPYUDA"))

    def swap(self, frame: bytes) -> bytes:
        return dict(self.pairs).get(frame[:7], frame[:7]) + frame[7:]

    send = receive = swap


@breaks(
    "FRAME-03", "FRAME-07", "FRAME-08", "FRAME-09", "FRAME-10", "FRAME-11", "FRAME-18", "FRAME-21"
)
class WireVersionTwo(Faulty):
    def send(self, frame: bytes) -> bytes:
        return frame[:7] + b"\2" + frame[8:]

    def receive(self, frame: bytes) -> bytes:
        return frame[:7] + b"\1" + frame[8:] if frame[7:8] == b"\2" else frame


@breaks("FRAME-12", "FRAME-13", "FRAME-14", "FRAME-15", "FRAME-16", "FRAME-18", "FRAME-21")
class PythonIsNotChecked(Faulty):
    def receive(self, frame: bytes) -> bytes:
        return frame[:8] + bytes(sys.version_info[:2]) + frame[10:] if len(frame) > 10 else frame
