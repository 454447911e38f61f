"""Faults of FRAME: frames that are written wrongly, or checked too late or not at all."""

from __future__ import annotations

import dataclasses

from conformance.catalogue.nodes import Family
from conformance.subjects.reference import codec, decoder, definitions, encoder, sessions
from conformance.subjects.reference.errors import ExecutionError, PlanError
from conformance.subjects.reference.functions import Builtin, Function
from conformance.subjects.reference.sessions import Session
from conformance.subjects.reference.tree import Call, Tree
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


@breaks("FRAME-02", "FRAME-06", "FRAME-19")
class AggregateOverAWindowIsAWindow(Parts):
    """Write an aggregate UDF over a window in a window frame."""

    class Encoder(encoder.Encoder):
        def window_call(self, call: Call) -> bytes:
            written = super().window_call(call)
            return written.replace(b"DFPYUDA\1", b"DFPYUDW\1")

    class Definitions(definitions.Definitions):
        def inline(
            self, family: Family, name: str, data: bytes, session: Session
        ) -> Function | None:
            if family == "aggregate" and data.startswith(b"DFPYUDW"):
                data = b"DFPYUDA" + data[7:]
            return super().inline(family, name, data, session)


@breaks("FRAME-07")
class NestedErrorsAreOfPlanning(Parts):
    """Raise a planning error for the frame of a nested call."""

    class Decoder(decoder.Decoder):
        depth = 0

        def node(self, data: bytes) -> Tree:
            self.depth += 1
            try:
                return super().node(data)
            except ExecutionError as error:
                if self.depth > 1:
                    raise PlanError(str(error)) from None
                raise
            finally:
                self.depth -= 1


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


@breaks("FRAME-11")
class LooksAtThePythonFirst(Parts):
    """Unpickle the payload if the Python version matches, and then check the wire version."""

    class Codec(codec.Codec):
        def check_version(self, family: Family, data: bytes) -> None:
            if tuple(data[8:10]) == self.python():
                self.load(family, data[self.header_size(family) :])
            super().check_version(family, data)


@breaks("FRAME-16")
class PythonIsNoValueError(Parts):
    """Raise an Execution error instead of a ValueError for another Python version."""

    class Codec(codec.Codec):
        def check_python(self, family: Family, data: bytes) -> None:
            try:
                super().check_python(family, data)
            except ValueError as error:
                raise ExecutionError(str(error)) from None


@breaks("FRAME-17", "FRAME-18")
class VersionComesBeforeTheLength(Parts):
    """Raise an IndexError for a truncated header."""

    class Codec(codec.Codec):
        def check_truncation(self, family: Family, data: bytes, place: int) -> None:
            del family
            data[len(b"DFPYUDF") + place]


@breaks("FRAME-17")
class CountsFromTheEndOfTheHeader(Parts):
    """Name the header byte at the wrong end as missing."""

    class Codec(codec.Codec):
        def check_truncation(self, family: Family, data: bytes, place: int) -> None:
            if len(data) < self.header_size(family):
                raise ExecutionError(self.texts.truncated(family, self.header[2 - place]))


@breaks("FRAME-19")
class OneFamilyForAll(Parts):
    """Accept a frame of any family for a call of any other."""

    class Codec(codec.Codec):
        def owns(self, family: Family, data: bytes) -> bool:
            del family
            return data.startswith(tuple(self.magics.values()))


@breaks("FRAME-19", "FRAME-20")
class MagicHasSixBytes(Parts):
    """Compare only the first six bytes of the magic."""

    class Codec(codec.Codec):
        def owns(self, family: Family, data: bytes) -> bool:
            return data.startswith(self.magics[family][:6])


@breaks("FRAME-17", "FRAME-18", "FRAME-21")
class StrictGoesFirst(Parts):
    """Raise the strict refusal for a truncated header."""

    class Codec(codec.Codec):
        def read(self, family: Family, name: str, data: bytes, session: Session) -> Function:
            if len(data) < self.header_size(family):
                self.check_allowed(family, name, session)
            return super().read(family, name, data, session)


@breaks("FRAME-22")
class CutPayloadIsByName(Parts):
    """Resolve a UDF by name if its payload cannot be unpickled."""

    class Definitions(definitions.Definitions):
        def inline(
            self, family: Family, name: str, data: bytes, session: Session
        ) -> Function | None:
            try:
                return super().inline(family, name, data, session)
            except ExecutionError as error:
                if "Cannot unpickle" in str(error):
                    return None
                raise


@breaks("FRAME-24")
class UnknownIsRefused(Parts):
    """Never look in the registry on an inlining session."""

    class Definitions(definitions.Definitions):
        def by_name(
            self, family: Family, name: str, mark: int, session: Session
        ) -> Function | Builtin:
            if session.inlining or not mark:
                raise ExecutionError(f"nobody knows {family} {name} here")
            return super().by_name(family, name, mark, session)
