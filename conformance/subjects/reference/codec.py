"""The frame: a UDF as bytes, with its callable in them."""

from __future__ import annotations

import io
import sys
from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from conformance.catalogue.nodes import Family
from conformance.subjects.reference.classes import Unpickler
from conformance.subjects.reference.components import Components
from conformance.subjects.reference.errors import ExecutionError, OtherPython
from conformance.subjects.reference.functions import VOLATILITIES, Function
from conformance.subjects.reference.pickler import dumps
from conformance.subjects.reference.schemas import Schemas
from conformance.subjects.reference.sessions import Session


class Codec:
    """Writes and reads frames: magic, version, Python, pickle of a tuple."""

    magics: Mapping[Family, bytes] = {
        "scalar": b"DFPYUDF",
        "aggregate": b"DFPYUDA",
        "window": b"DFPYUDW",
    }
    version = 1
    oldest = 1
    header = ("wire-format version", "Python major version", "Python minor version")
    """What the bytes behind the magic are called."""
    members: Mapping[Family, tuple[str, ...]] = {
        "scalar": ("name", "callable", "inputs", "returns", "volatility"),
        "aggregate": ("name", "callable", "inputs", "returns", "state", "volatility"),
        "window": ("name", "callable", "inputs", "returns", "volatility"),
    }
    schemas_class = Schemas
    unpickler_class = Unpickler

    def __init__(self, subject: Components) -> None:
        self.subject = subject
        self.texts = subject.texts
        self.schemas = self.schemas_class()

    # Writing

    def write(self, function: Function, session: Session) -> bytes | None:
        """Return the frame of a UDF, ``None`` where the session does not inline."""
        return self.write_frame(function) if session.inlining else None

    def write_frame(self, function: Function) -> bytes:
        """Header and payload."""
        return self.write_header(function.family) + self.write_payload(function)

    def write_header(self, family: Family) -> bytes:
        """Magic, version and Python."""
        return self.magics[family] + bytes((self.version, *self.python()))

    def python(self) -> tuple[int, int]:
        """Return the Python that runs."""
        return sys.version_info.major, sys.version_info.minor

    def write_payload(self, function: Function) -> bytes:
        """Return the pickle of the tuple. What cannot be pickled is an error.

        It is never sent by name.
        """
        content = self.tuple_of(function)
        try:
            return self.dump(content)
        except Exception as error:
            text = self.texts.not_pickled(function.family, function.name, error)
            raise ExecutionError(text) from error

    def dump(self, content: tuple[Any, ...]) -> bytes:
        """Return a tuple as a pickle that a receiver can decode."""
        return dumps(content)

    def tuple_of(self, function: Function) -> tuple[Any, ...]:
        """Return the tuple of a UDF."""
        values = {
            "name": function.name,
            "callable": function.implementation,
            "inputs": self.schemas.write(self.input_fields(function)),
            "returns": self.schemas.write([function.returns]),
            "state": self.schemas.write(function.state),
            "volatility": function.volatility,
        }
        return tuple(values[member] for member in self.members[function.family])

    def input_fields(self, function: Function) -> list[pa.Field]:
        """Return the fields of the arguments, of which only the types count."""
        return [pa.field(f"arg_{n}", type_) for n, type_ in enumerate(function.inputs)]

    # Reading

    def owns(self, family: Family, data: bytes) -> bool:
        """Return whether ``data`` is a frame of this family."""
        return data.startswith(self.magics[family])

    def read(self, family: Family, name: str, data: bytes, session: Session) -> Function:
        """Return the UDF in a frame, which a call names ``name``."""
        self.check_header(family, data)
        self.check_allowed(family, name, session)
        return self.udf_of(family, self.load(family, data[self.header_size(family) :]))

    def header_size(self, family: Family) -> int:
        """Return how long a header is."""
        return len(self.magics[family]) + len(self.header)

    def check_header(self, family: Family, data: bytes) -> None:
        """All checks of the header alone."""
        self.check_truncation(family, data, 0)
        self.check_version(family, data)
        self.check_truncation(family, data, 1)
        self.check_truncation(family, data, 2)
        self.check_python(family, data)

    def check_truncation(self, family: Family, data: bytes, place: int) -> None:
        """Check that the byte at this place behind the magic is there."""
        if len(data) <= len(self.magics[family]) + place:
            raise ExecutionError(self.texts.truncated(family, self.header[place]))

    def check_version(self, family: Family, data: bytes) -> None:
        """Check that the version is supported."""
        found = data[len(self.magics[family])]
        if not self.oldest <= found <= self.version:
            text = self.texts.version(family, found, self.oldest, self.version)
            raise ExecutionError(text)

    def check_python(self, family: Family, data: bytes) -> None:
        """Check that the Python version is this one."""
        at = len(self.magics[family]) + 1
        major, minor = data[at : at + 2]
        if (major, minor) != self.python():
            raise OtherPython(self.texts.python(family, (major, minor), self.python()))

    def check_allowed(self, family: Family, name: str, session: Session) -> None:
        """Raise where the session is strict."""
        if not session.inlining:
            raise ExecutionError(self.texts.strict(family, name))

    def load(self, family: Family, payload: bytes) -> Any:
        """Return what the pickle holds."""
        try:
            return self.unpickle(payload)
        except Exception as error:
            raise ExecutionError(self.texts.not_unpickled(family, error)) from error

    def unpickle(self, payload: bytes) -> Any:
        """Run the pickle; its classes are new, whatever this process has already decoded."""
        return self.unpickler_class(io.BytesIO(payload)).load()

    def udf_of(self, family: Family, content: Any) -> Function:
        """Return the UDF that a tuple describes."""
        wanted = self.members[family]
        if not isinstance(content, tuple):
            raise self.malformed(family, f"a {type(content).__name__} and no tuple")
        if len(content) != len(wanted):
            raise self.malformed(family, f"{len(content)} members and not {len(wanted)}")
        values = dict(zip(wanted, content, strict=True))
        self.check_members(family, values)
        return Function(
            family,
            values["name"],
            values["callable"],
            tuple(field.type for field in self.schemas.read(values["inputs"], "input")),
            self.return_field(family, values["returns"]),
            tuple(self.schemas.read(values["state"], "state")) if "state" in values else (),
            values["volatility"],
        )

    def check_members(self, family: Family, values: Mapping[str, Any]) -> None:
        """Name, callable and volatility must be what they should."""
        if not isinstance(values["name"], str):
            raise self.malformed(family, f"a name that is {values['name']!r:.40}")
        if not callable(values["callable"]):
            raise self.malformed(family, f"a callable that is {values['callable']!r:.40}")
        if not isinstance(values["volatility"], str) or values["volatility"] not in VOLATILITIES:
            raise self.malformed(family, f"a volatility that is {values['volatility']!r:.40}")

    def return_field(self, family: Family, data: Any) -> pa.Field:
        """Return the one field of a return schema."""
        fields = self.schemas.read(data, "return")
        if len(fields) != 1:
            raise self.malformed(family, f"a return schema of {len(fields)} fields")
        return fields[0]

    def malformed(self, family: Family, what: str) -> ExecutionError:
        """Return the error for a payload that is no UDF."""
        return ExecutionError(self.texts.malformed(family, what))
