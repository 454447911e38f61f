"""Engines that find another codec for an envelope, or none, or look for a name instead."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from tasks.faults.engine.chained import Chained, ids, parsed, renamed
from tasks.faults.engine.leveled import (
    AGGREGATE,
    WINDOW,
    Leveled,
    frames,
    is_strict,
    names,
)
from tasks.faults.fault import breaks


@breaks("CHAIN-19")
class EnvelopesNestTenDeep(Leveled):
    levels = ("physical", "pickle")

    def read(self, level: str, data: bytes, session: Any) -> Any:
        if level in self.levels and data.count(b"DFPYCHN") > 10 and b"codec-" in data:
            raise RuntimeError("envelopes in envelopes in envelopes")
        return super().read(level, data, session)


class _Ids(Chained):
    """Finds a codec by ``like``, where no other has just that id."""

    def like(self, asked: str, installed: str) -> bool:
        raise NotImplementedError

    def unwrap(self, envelope: bytes, session: Any) -> bytes:
        found, there = parsed(envelope), ids(session) or ids(session, "physical")
        if found is None or found.codec_id in there:
            return envelope
        fitting = [one for one in there if self.like(found.codec_id, one)]
        return renamed(envelope, fitting[0]) if fitting else envelope


@breaks("CHAIN-21")
class IdsHaveNoCase(_Ids):
    def like(self, asked: str, installed: str) -> bool:
        return asked.lower() == installed.lower()


@breaks("CHAIN-21")
class IdsHaveNoSpaces(_Ids):
    def like(self, asked: str, installed: str) -> bool:
        return asked.strip() == installed.strip()


@breaks("CHAIN-21")
class IdsMayGoOn(_Ids):
    def like(self, asked: str, installed: str) -> bool:
        return bool(installed) and asked.startswith(installed)


@breaks("CHAIN-21")
class IdsMayEndEarly(_Ids):
    def like(self, asked: str, installed: str) -> bool:
        return installed.startswith(asked)


@breaks("CHAIN-21")
class SessionsAreFoundByName(_Ids):
    """An id is found with or without its prefix."""

    def like(self, asked: str, installed: str) -> bool:
        return asked.removeprefix("session:") == installed


class _Narrow(Chained):
    """Reads an id as ``read_as`` says."""

    def read_as(self, codec_id: str) -> str:
        raise NotImplementedError

    def unwrap(self, envelope: bytes, session: Any) -> bytes:
        del session
        found = parsed(envelope)
        return renamed(envelope, self.read_as(found.codec_id)) if found else envelope


@breaks("CHAIN-20")
class IdsEndAtANull(_Narrow):
    def read_as(self, codec_id: str) -> str:
        return codec_id.partition("\0")[0]


@breaks("CHAIN-20")
class IdsAreShort(_Narrow):
    levels = ("physical",)

    def read_as(self, codec_id: str) -> str:
        return codec_id[:0xFFFF]


@breaks("CHAIN-20", "CHAIN-21")
class IdsAreAscii(_Narrow):
    def read_as(self, codec_id: str) -> str:
        return codec_id.encode("ascii", "replace").decode()


@breaks("CHAIN-20", "CHAIN-21")
class EmptyIdsAreNone(_Narrow):
    levels = ("pickle",)

    def read_as(self, codec_id: str) -> str:
        return codec_id or "default"


@breaks("CHAIN-24")
class RegisteredWindowsStandIn(Leveled):
    """For what a codec wrote that is not there."""

    levels = ("physical",)
    families = (WINDOW, AGGREGATE)

    def read(self, level: str, data: bytes, session: Any) -> Any:
        try:
            return super().read(level, data, session)
        except Exception as error:
            magics = {one.data[:7] for one in frames(data)}
            if level not in self.levels or "not installed" not in str(error):
                raise
            if not magics <= {*self.families} or is_strict(session):
                raise
            with suppress(Exception):
                return self.decode(level, names(data), session)
            raise
