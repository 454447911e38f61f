"""Faults in looking up the codec of an envelope."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from tasks.faults.engine.faulty_at import (
    AGGREGATE,
    WINDOW,
    FaultyAt,
    find_frames,
    is_strict,
    remove_frames,
)
from tasks.faults.engine.faulty_chain import FaultyChain, codec_ids, parse_envelope, rename_envelope
from tasks.faults.fault import breaks


@breaks("CHAIN-19")
class EnvelopesNestTenDeep(FaultyAt):
    """Refuse more than ten nested envelopes."""

    artifacts = ("physical", "pickle")

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        if artifact in self.artifacts and data.count(b"DFPYCHN") > 10 and b"codec-" in data:
            raise RuntimeError("envelopes in envelopes in envelopes")
        return super().read(artifact, data, session)


class _MatchesLoosely(FaultyChain):
    """An engine that takes a codec that ``matches`` if none has the exact id."""

    def matches(self, asked: str, installed: str) -> bool:
        raise NotImplementedError

    def read_envelope(self, envelope: bytes, session: Any) -> bytes:
        found, installed_ids = (
            parse_envelope(envelope),
            codec_ids(session) or codec_ids(session, "physical"),
        )
        if found is None or found.codec_id in installed_ids:
            return envelope
        fitting = [one for one in installed_ids if self.matches(found.codec_id, one)]
        return rename_envelope(envelope, fitting[0]) if fitting else envelope


@breaks("CHAIN-21")
class IdsHaveNoCase(_MatchesLoosely):
    """Compare codec ids without regard to case."""

    def matches(self, asked: str, installed: str) -> bool:
        return asked.lower() == installed.lower()


@breaks("CHAIN-21")
class IdsHaveNoSpaces(_MatchesLoosely):
    """Strip whitespace before codec ids are compared."""

    def matches(self, asked: str, installed: str) -> bool:
        return asked.strip() == installed.strip()


@breaks("CHAIN-21")
class IdsMayGoOn(_MatchesLoosely):
    """Accept an installed codec whose id is a prefix of the id in the envelope."""

    def matches(self, asked: str, installed: str) -> bool:
        return bool(installed) and asked.startswith(installed)


@breaks("CHAIN-21")
class IdsMayEndEarly(_MatchesLoosely):
    """Accept an installed codec whose id starts with the id in the envelope."""

    def matches(self, asked: str, installed: str) -> bool:
        return installed.startswith(asked)


@breaks("CHAIN-21")
class SessionsAreFoundByName(_MatchesLoosely):
    """Find a session's codec with or without the prefix session: in its id."""

    def matches(self, asked: str, installed: str) -> bool:
        return asked.removeprefix("session:") == installed


class _RewritesIds(FaultyChain):
    """An engine that looks up the id that ``read_as`` returns."""

    def read_as(self, codec_id: str) -> str:
        raise NotImplementedError

    def read_envelope(self, envelope: bytes, session: Any) -> bytes:
        del session
        found = parse_envelope(envelope)
        return rename_envelope(envelope, self.read_as(found.codec_id)) if found else envelope


@breaks("CHAIN-20")
class IdsEndAtANull(_RewritesIds):
    """Read a codec id up to its first null byte."""

    def read_as(self, codec_id: str) -> str:
        return codec_id.partition("\0")[0]


@breaks("CHAIN-20")
class IdsAreShort(_RewritesIds):
    """Read the first 65,535 characters of a codec id."""

    artifacts = ("physical",)

    def read_as(self, codec_id: str) -> str:
        return codec_id[:0xFFFF]


@breaks("CHAIN-20", "CHAIN-21")
class IdsAreAscii(_RewritesIds):
    """Replace non-ASCII characters in codec ids by question marks."""

    def read_as(self, codec_id: str) -> str:
        return codec_id.encode("ascii", "replace").decode()


@breaks("CHAIN-20", "CHAIN-21")
class EmptyIdsAreNone(_RewritesIds):
    """Read an empty codec id as default."""

    artifacts = ("pickle",)

    def read_as(self, codec_id: str) -> str:
        return codec_id or "default"


@breaks("CHAIN-24")
class RegisteredWindowsStandIn(FaultyAt):
    """Resolve windows and aggregates by name if their codec is not installed."""

    artifacts = ("physical",)
    families = (WINDOW, AGGREGATE)

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        try:
            return super().read(artifact, data, session)
        except Exception as error:
            magics = {one.data[:7] for one in find_frames(data)}
            if artifact not in self.artifacts or "not installed" not in str(error):
                raise
            if not magics <= {*self.families} or is_strict(session):
                raise
            with suppress(Exception):
                return self.decode(artifact, remove_frames(data), session)
            raise
