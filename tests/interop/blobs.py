"""Blobs for the tests of the answer whether a receiver reads one, and that answer."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cloudpickle
import pyarrow as pa

from conformance.inspection import inspect
from conformance.inspection.shape import why_no_artifact
from conformance.interop.blob import BlobAnswer, who_reads
from tests.wire.samples import field, scalar

HERE = {"engine": "55.0.0", "cloudpickle": "3.1.2", "python": "3.12"}
SCHEMA = pa.schema([pa.field("a", pa.int64())]).serialize().to_pybytes()
UNKNOWN = "and whether that succeeds is not known"


def answer(data: bytes, *, here: bool = False, **versions: str) -> BlobAnswer:
    found = inspect(data)
    doubt = why_no_artifact(data, found)
    return who_reads(found, HERE | versions, here=here, doubt=doubt)


def members(called: Any = len, **more: Any) -> tuple[Any, ...]:
    """Return the members of a scalar UDF's tuple."""
    return (
        more.get("name", "u"),
        called,
        more.get("inputs", SCHEMA),
        more.get("returns", SCHEMA),
        "immutable",
    )


def udf(called: Any = len, **more: Any) -> bytes:
    return scalar(pickle.dumps(members(called, **more), more.get("protocol", 5)))


def by_value(one: Any) -> bytes:
    return scalar(cloudpickle.dumps(members(one)))


@dataclass(frozen=True)
class Call:
    """Unpickling it calls a function."""

    function: Callable[..., Any]
    arguments: tuple[Any, ...]

    def __reduce__(self) -> Any:
        return self.function, self.arguments


def reduced(function: Any, arguments: tuple[Any, ...]) -> bytes:
    """Return a UDF whose callable is what a call returns; the pickler may refuse to write one."""
    parts = [pickle.dumps(one, 3)[2:-1] for one in members()]
    parts[1] = pickle.dumps(function, 3)[2:-1] + pickle.dumps(arguments, 3)[2:-1] + b"R"
    # Each part numbers its own memo from 0, and reads nothing of another one's.
    return scalar(b"(" + b"".join(parts) + b"t.")


def imported(module: str, name: str) -> bytes:
    """Return a UDF whose callable is a global that need not exist."""
    text = pickle.dumps(members(len), 0)
    old = b"c__builtin__\nlen\n"
    assert old in text
    return scalar(text.replace(old, f"c{module}\n{name}\n".encode()))


COLUMN = field(1, field(1, b"a"))


def with_opcodes(opcodes: bytes) -> bytes:
    """Return a UDF whose payload does something else before it makes its tuple."""
    text = pickle.dumps(members(len), 0)
    return scalar(text[:1] + opcodes + b"0" + text[1:])
