"""Faults of FRAME: frames that are written wrongly, or checked too late or not at all."""

from __future__ import annotations

import dataclasses

from conformance.catalogue.nodes import Family
from conformance.subjects.reference import codec, encoder, sessions
from conformance.subjects.reference.functions import Function
from conformance.subjects.reference.sessions import Session
from conformance.subjects.reference.tree import Call
from tasks.faults.fault import breaks
from tasks.faults.reference.parts import Parts


@breaks("FRAME-01", "FRAME-02")
class WindowsAndTheirArgumentsShareAFrame(Parts):
    """Write UDFs in the arguments of a window call without a frame."""

    class Encoder(encoder.Encoder):
        def window_call(self, call: Call) -> bytes:
            inner = type(self)(self.subject, self.session.derived(inlining=False))
            bare = dataclasses.replace(call, args=())
            return super().window_call(bare) + inner.nodes(4, call.args)


@breaks("FRAME-07", "FRAME-08", "FRAME-11", "FRAME-13", "FRAME-15", "FRAME-17")
class ChecksOneHeaderASession(Parts):
    """Check only the first header that a session decodes."""

    class Session(sessions.Session):
        checked = False

    class Codec(codec.Codec):
        def read(self, family: Family, name: str, data: bytes, session: Session) -> Function:
            assert isinstance(session, ChecksOneHeaderASession.Session)
            if session.checked:
                self.check_allowed(family, name, session)
                return self.udf_of(family, self.load(family, data[self.header_size(family) :]))
            found = super().read(family, name, data, session)
            session.checked = True
            return found


@breaks("FRAME-11", "FRAME-15")
class UnpicklesBeforeItChecks(Parts):
    """Unpickle the payload before checking the header."""

    class Codec(codec.Codec):
        def read(self, family: Family, name: str, data: bytes, session: Session) -> Function:
            try:
                self.unpickle(data[self.header_size(family) :])
            except Exception:  # noqa: BLE001 - it was only to see
                return super().read(family, name, data, session)
            return super().read(family, name, data, session)


@breaks("FRAME-17", "FRAME-18")
class VersionComesBeforeTheLength(Parts):
    """Raise an IndexError for a truncated header."""

    class Codec(codec.Codec):
        def check_truncation(self, family: Family, data: bytes, place: int) -> None:
            del family
            data[len(b"DFPYUDF") + place]


@breaks("FRAME-17", "FRAME-18", "FRAME-21")
class StrictGoesFirst(Parts):
    """Raise the strict refusal for a truncated header."""

    class Codec(codec.Codec):
        def read(self, family: Family, name: str, data: bytes, session: Session) -> Function:
            if len(data) < self.header_size(family):
                self.check_allowed(family, name, session)
            return super().read(family, name, data, session)


@breaks("FRAME-08")
class PythonComesFirst(Parts):
    """Check the Python version before the wire version."""

    class Codec(codec.Codec):
        def check_header(self, family: Family, data: bytes) -> None:
            if len(data) >= self.header_size(family):
                self.check_python(family, data)
            super().check_header(family, data)
