"""Engines whose payload has lost something."""

from __future__ import annotations

import cloudpickle
import pyarrow as pa

from conformance.faults.engine.wrapped import Faulty
from conformance.faults.fault import breaks
from conformance.wire import read_schema


def ipc(*fields: pa.Field) -> bytes:
    """A schema as an Arrow IPC stream, by pyarrow."""
    sink = pa.BufferOutputStream()
    pa.ipc.new_stream(sink, pa.schema(fields)).close()
    return bytes(sink.getvalue())


@breaks("PAYLOAD-14", "PAYLOAD-18")
class StateNamesLost(Faulty):
    def send(self, frame: bytes) -> bytes:
        if not frame.startswith(b"DFPYUDA"):
            return frame
        *head, state, volatility = cloudpickle.loads(frame[10:])
        named = [field.with_name(f"state_{i}") for i, field in enumerate(read_schema(state))]
        return frame[:10] + bytes(cloudpickle.dumps((*head, ipc(*named), volatility)))
