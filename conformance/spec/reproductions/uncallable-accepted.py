"""A frame whose callable is None is accepted; only the query that calls it fails."""

import pickle
import sys

try:
    import pyarrow as pa
    from datafusion import Expr
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)


def schema(*fields, batch=False):
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, pa.schema(fields)) as stream:
        if batch:
            stream.write_batch(pa.record_batch([pa.array([1])], schema=pa.schema(fields)))
    return bytes(sink.getvalue())


def varint(value):
    return bytes([value & 0x7F | 0x80, value >> 7]) if value > 0x7F else bytes([value])


def expression(*members):
    """A call of the scalar UDF f whose frame holds these members, as protobuf."""
    frame = b"DFPYUDF\x01" + bytes(sys.version_info[:2]) + pickle.dumps(members)
    call = b"\x0a\x01f\x12\x05\x0a\x03\x0a\x01a\x1a" + varint(len(frame)) + frame
    return b"\xa2\x01" + varint(len(call)) + call


INT = schema(pa.field("arg_0", pa.int64()))

data = expression("f", None, INT, INT, "immutable")
try:
    print(f"broken: accepted as {Expr.from_bytes(data)}")
    sys.exit(1)
except RuntimeError as error:
    print(f"kept: {error}")
