"""The opcodes and the bytes of each UDF, as text."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.inspection.udf import Values
from conformance.wire.hexview import hexdump, layout

MAX_BYTES = 4_096
"""The maximum number of bytes of one UDF that are shown."""

MAX_OPCODES = 5_000
"""The maximum number of opcodes of one UDF that are shown."""


def details(values: Values, data: bytes | None) -> str:
    """Return the opcodes that ``values`` have, and with ``data`` the bytes of each UDF."""
    return "".join(f"{line}\n" for one in values["udfs"] for line in _udf(one, data))


def _udf(one: Values, data: bytes | None) -> Iterator[str]:
    yield ""
    if "opcodes" in one:
        yield f"opcodes of UDF {one['number']}, by position in the payload"
        for opcode in one["opcodes"][:MAX_OPCODES]:
            line = f"  {opcode['position']} {opcode['name']} {opcode['argument']}"
            yield line.rstrip()
        more = len(one["opcodes"]) - MAX_OPCODES + one["opcodes_omitted"]
        if more > 0:
            yield f"  ... and {more} more"
    if data is None or one["offset"] is None:
        return
    at = one["offset"]
    frame = data[at : at + one["size"]]
    yield f"bytes of UDF {one['number']}"
    marks = {first: name for name, first, _ in layout(frame)}
    yield hexdump(frame[:MAX_BYTES], marks, start=at)
    if len(frame) > MAX_BYTES:
        yield f"... and {len(frame) - MAX_BYTES} more bytes"
