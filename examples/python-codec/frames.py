"""The frame: magic, wire version, Python version, pickle of a tuple."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cloudpickle
import pyarrow as pa

MAGIC = {"scalar": b"DFPYUDF", "aggregate": b"DFPYUDA", "window": b"DFPYUDW"}
VERSION = 1
PYTHON = (sys.version_info.major, sys.version_info.minor)
HEADER = ("wire-format version", "Python major version", "Python minor version")
VOLATILITIES = ("immutable", "stable", "volatile")


class CodecError(Exception):
    """A refusal of this codec: what the engine calls an execution error."""


class OtherPythonError(CodecError, ValueError):
    """The frame was written on another Python."""


@dataclass(frozen=True)
class Definition:
    """A UDF as its payload holds it; ``schemas`` are the inputs, the result and the state."""

    name: str
    function: Callable[..., Any]
    schemas: tuple[bytes, ...]
    volatility: str


def write(family: str, udf: Definition) -> bytes:
    """Return the frame of a UDF; raise ``CodecError`` if it cannot be pickled."""
    content = (udf.name, udf.function, *udf.schemas, udf.volatility)
    try:
        payload: bytes = cloudpickle.dumps(content, protocol=4)
    except Exception as error:
        text = f"Python {family} UDF '{udf.name}' cannot be pickled: {_shown(error)}"
        raise CodecError(text) from error
    return MAGIC[family] + bytes((VERSION, *PYTHON)) + payload


def read(family: str, name: str, frame: bytes, *, inlining: bool) -> Definition:
    """Return the UDF in a frame.

    The header is checked first, then whether the session inlines; only then the payload is
    unpickled. ``name`` is the name in the call.
    """
    _check_header(family, frame)
    if not inlining:
        raise CodecError(
            f"No inline Python {family} UDF '{name}' is loaded: inlining is disabled on this "
            "session. Let the sender re-encode with inlining disabled, so that it comes by name, "
            f"and register '{name}' on this receiver; or enable inlining on this receiver, and "
            "accept the risk."
        )
    try:
        content = pickle.loads(frame[len(MAGIC[family]) + len(HEADER) :])
    except Exception as error:
        raise CodecError(
            f"{_payload(family, name)} cannot be unpickled: {_shown(error)}"
        ) from error
    return _checked(family, name, content)


def _check_header(family: str, frame: bytes) -> None:
    found = frame[len(MAGIC[family]) :]
    if found and found[0] != VERSION:
        raise CodecError(
            f"Inline Python {family} UDF payload of wire-format version v{found[0]}; this codec "
            f"supports v{VERSION}..=v{VERSION}. "
            "Align datafusion-python versions between sender and receiver."
        )
    if len(found) < len(HEADER):
        missing = HEADER[len(found)]
        raise CodecError(f"Truncated inline Python {family} UDF payload: missing {missing} byte.")
    if tuple(found[1:3]) != PYTHON:
        raise OtherPythonError(
            f"Inline Python {family} UDF payload, written on Python {found[1]}.{found[2]} by its "
            f"sender; this receiver is running Python {PYTHON[0]}.{PYTHON[1]}. Pickles are not "
            "portable across Python minor versions. "
            "Align Python versions between sender and receiver."
        )


def _payload(family: str, name: str) -> str:
    return f"The inline Python {family} UDF payload of '{name}'"


def _shown(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def _checked(family: str, name: str, content: Any) -> Definition:
    """Return the UDF that a tuple describes; refuse any other object."""
    sizes = 6 if family == "aggregate" else 5
    if not isinstance(content, tuple) or len(content) != sizes:
        raise CodecError(f"{_payload(family, name)}: the payload is no tuple of {sizes}")
    found, function, *schemas, volatility = content
    if not isinstance(found, str) or not callable(function) or volatility not in VOLATILITIES:
        raise CodecError(f"{_payload(family, name)}: wrong name, callable or volatility")
    _, returns, *_ = [_fields(family, name, schema) for schema in schemas]
    if len(returns) != 1:
        raise CodecError(f"{_payload(family, name)}: {len(returns)} return fields, not one")
    return Definition(found, function, tuple(schemas), volatility)


def _fields(family: str, name: str, schema: Any) -> pa.Schema:
    """Return the fields of an IPC stream that holds a schema and no batch."""
    if not isinstance(schema, bytes):
        raise CodecError(f"{_payload(family, name)}: a schema is a {type(schema).__name__}")
    try:
        stream = pa.ipc.open_stream(schema)
        batches = list(stream)
    except (pa.ArrowException, OSError) as error:
        raise CodecError(f"{_payload(family, name)}: a schema is malformed: {error}") from error
    if batches:
        raise CodecError(f"{_payload(family, name)}: a schema with rows")
    return stream.schema
