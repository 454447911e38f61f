"""Faults that show at one size, one number or one kind of name only."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from typing import Any
from weakref import WeakKeyDictionary, WeakSet

import pyarrow as pa
from datafusion import SessionContext

from conformance.subjects.engine import Engine
from tasks.faults.engine.faulty_at import FaultyAt, find_frames, look_into
from tasks.faults.engine.patched_expr import Members, rewrite_members, write_stream
from tasks.faults.fault import breaks

MIB = 2**20


class _Rewrites(FaultyAt):
    """An engine that changes the members of the payloads that it writes."""

    def send(self, frame: bytes) -> bytes:
        return rewrite_members(frame, self.change) if frame[7:8] == b"\x01" else frame

    def change(self, members: Members) -> Members:
        raise NotImplementedError

    def change_fields(
        self, members: Members, place: int, change: Callable[[pa.Schema], Iterable[pa.Field]]
    ) -> Members:
        """Return the members with other fields in the schema at this place, if there is one."""
        schemas = list(members.schemas)
        if place < len(schemas):
            fields = change(pa.ipc.open_stream(schemas[place]).schema)
            schemas[place] = write_stream(pa.schema(fields))
        return members._replace(schemas=schemas)

    def change_schema(self, members: Members, place: int, change: Callable[[Any], Any]) -> Members:
        """Return the members with each field of the schema at this place changed."""
        return self.change_fields(members, place, lambda schema: map(change, schema))

    def change_schemas(self, members: Members, change: Callable[[pa.Field], pa.Field]) -> Members:
        """Return the members with every field of every schema changed."""
        for place in range(len(members.schemas)):
            members = self.change_schema(members, place, change)
        return members


class _Refuses(FaultyAt):
    """An engine that cannot read some messages."""

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        if self.is_refused(data):
            raise RuntimeError("the message is too large")
        return super().read(artifact, data, session)

    def is_refused(self, data: bytes) -> bool:
        raise NotImplementedError


class _ForgetsStrictness(FaultyAt):
    """An engine that decodes some messages as an inlining session does."""

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        if session is not None and self.is_forgotten(data):
            session = session.with_python_udf_inlining(enabled=True)
        return super().read(artifact, data, session)

    def is_forgotten(self, data: bytes) -> bool:
        raise NotImplementedError


@breaks("BOUNDARY-01")
class RefusesAMegabyte(_Refuses):
    """Refuse a frame of a mebibyte and more."""

    def is_refused(self, data: bytes) -> bool:
        return len(data) > MIB and any(len(one.data) > MIB for one in find_frames(data))


@breaks("BOUNDARY-02", "BOUNDARY-13")
class DecodesLargeFrames(_ForgetsStrictness):
    """Decode frames of more than 64 KiB on a strict session."""

    def is_forgotten(self, data: bytes) -> bool:
        return any(len(one.data) > 2**16 for one in find_frames(data))


@breaks("BOUNDARY-02")
class LooksIntoLargeFrames(FaultyAt):
    """Unpickle frames of more than 64 KiB before the refusal."""

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        for one in find_frames(data):
            if len(one.data) > 2**16:
                look_into(one)
        return super().read(artifact, data, session)


@breaks("BOUNDARY-03", "BOUNDARY-13")
class CutsNames(_Rewrites):
    """Cut names after 255 characters."""

    def change(self, members: Members) -> Members:
        return members._replace(name=members.name[:255])


@breaks("BOUNDARY-03", "BOUNDARY-13")
class ComposesNames(_Rewrites):
    """Write names in another normal form."""

    def change(self, members: Members) -> Members:
        return members._replace(name=unicodedata.normalize("NFC", members.name))


@breaks("BOUNDARY-04")
class IgnoresTheCaseOfRegistrations(Engine):
    """Do not register a UDF where another of its name, in any case, is registered."""

    def __init__(self) -> None:
        super().__init__()
        self.names: WeakKeyDictionary[SessionContext, set[str]] = WeakKeyDictionary()

    def register(self, session: SessionContext, function: Any) -> None:
        known = self.names.setdefault(session, set())
        if function.name.casefold() not in known:
            known.add(function.name.casefold())
            super().register(session, function)


@breaks("BOUNDARY-05", "BOUNDARY-09", "BOUNDARY-13")
class SortsArguments(_Rewrites):
    """Call a scalar UDF with its arguments in the order of their numbers as text."""

    def change(self, members: Members) -> Members:
        if len(members.schemas) != 2 or not callable(members.callable):
            return members
        number = len(pa.ipc.open_stream(members.schemas[0]).schema)
        order, inner = sorted(range(number), key=str), members.callable
        if isinstance(inner, type):
            return members
        return members._replace(callable=lambda *columns: inner(*(columns[n] for n in order)))


@breaks("BOUNDARY-06", "BOUNDARY-13")
class KeepsSixteenStates(_Rewrites):
    """Write the first 16 state fields."""

    def change(self, members: Members) -> Members:
        return self.change_fields(members, 2, lambda states: list(states)[:16])


@breaks("BOUNDARY-07")
class KeepsOneKey(_Rewrites):
    """Write the first key of a return field's metadata."""

    def change(self, members: Members) -> Members:
        def first(field: pa.Field) -> pa.Field:
            return field.with_metadata(dict(list((field.metadata or {}).items())[:1]))

        return self.change_schema(members, 1, first)


@breaks("BOUNDARY-06")
class StatesLoseMetadata(_Rewrites):
    """Write state fields without metadata."""

    def change(self, members: Members) -> Members:
        return self.change_schema(members, 2, pa.Field.remove_metadata)


@breaks("BOUNDARY-06")
class StatesHaveUniqueNames(_Rewrites):
    """Write the last of the state fields that have one name."""

    def change(self, members: Members) -> Members:
        return self.change_fields(
            members, 2, lambda states: {field.name: field for field in states}.values()
        )


@breaks("BOUNDARY-08")
class ArgumentsAreSorted(_Rewrites):
    """Write the arguments in the order of their names: ``arg_10`` comes before ``arg_2``."""

    def change(self, members: Members) -> Members:
        return self.change_fields(
            members, 0, lambda arguments: sorted(arguments, key=lambda field: str(field.name))
        )


@breaks("BOUNDARY-08")
class NegativeScalesBecomeZero(_Rewrites):
    """Write 0 in the place of a negative scale."""

    def change(self, members: Members) -> Members:
        def positive(field: pa.Field) -> pa.Field:
            type_ = field.type
            if pa.types.is_decimal(type_) and type_.scale < 0:
                return field.with_type(pa.decimal128(type_.precision, 0))
            return field

        return self.change_schemas(members, positive)


@breaks("BOUNDARY-08")
class ChildrenBecomeNullable(_Rewrites):
    """Write lists whose items are nullable."""

    def change(self, members: Members) -> Members:
        def nullable(field: pa.Field) -> pa.Field:
            if pa.types.is_list(field.type):
                return field.with_type(pa.list_(field.type.value_field.with_nullable(True)))
            return field

        return self.change_schemas(members, nullable)


@breaks("BOUNDARY-08")
class StructFieldsLoseMetadata(_Rewrites):
    """Write structs whose fields have no metadata."""

    def change(self, members: Members) -> Members:
        def plain(field: pa.Field) -> pa.Field:
            if pa.types.is_struct(field.type):
                return field.with_type(pa.struct([one.remove_metadata() for one in field.type]))
            return field

        return self.change_schemas(members, plain)


@breaks("BOUNDARY-08")
class ZonesOfItemsAreLost(_Rewrites):
    """Write lists of times without their zone."""

    def change(self, members: Members) -> Members:
        def plain(field: pa.Field) -> pa.Field:
            item = field.type.value_type if pa.types.is_list(field.type) else None
            if item is not None and pa.types.is_timestamp(item) and item.tz:
                return field.with_type(pa.list_(pa.timestamp(item.unit)))
            return field

        return self.change_schemas(members, plain)


@breaks("BOUNDARY-05")
class WithoutArgumentsIsImmutable(_Rewrites):
    """Write a UDF without arguments as immutable."""

    def change(self, members: Members) -> Members:
        has_none = not len(pa.ipc.open_stream(members.schemas[0]).schema)
        return members._replace(volatility="immutable") if has_none else members


@breaks("BOUNDARY-10")
class LooksAtTheFirstMegabyte(_ForgetsStrictness):
    """Decode frames behind the first mebibyte on a strict session."""

    def is_forgotten(self, data: bytes) -> bool:
        return data.find(b"DFPYUD") > MIB


@breaks("BOUNDARY-11")
class DecodesTheFirstAgain(FaultyAt):
    """Decode the first message again after 64 messages on one session."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: WeakKeyDictionary[SessionContext, list[bytes]] = WeakKeyDictionary()

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        if session is not None and find_frames(data):
            known = self.messages.setdefault(session, [])
            known.append(data)
            data = known[0] if len(known) > 64 else data
        return super().read(artifact, data, session)


@breaks("BOUNDARY-12")
class ForgetsRegistrations(Engine):
    """Remove the oldest registration where a session has 255."""

    def __init__(self) -> None:
        super().__init__()
        self.registered: WeakKeyDictionary[SessionContext, list[Any]] = WeakKeyDictionary()

    def register(self, session: SessionContext, function: Any) -> None:
        super().register(session, function)
        known = self.registered.setdefault(session, [])
        known.append(function)
        if len(known) > 255:
            self.deregister(session, known.pop(0))


@breaks("BOUNDARY-12")
class StrictSessionsRunOut(Engine):
    """Keep 100 sessions strict at a time; further ones inline."""

    def __init__(self) -> None:
        super().__init__()
        self.strict: WeakSet[SessionContext] = WeakSet()

    def with_inlining(self, session: SessionContext, enabled: bool) -> SessionContext:
        derived = super().with_inlining(session, enabled or len(self.strict) > 100)
        if not enabled:
            self.strict.add(derived)
        return derived
