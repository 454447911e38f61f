"""Faults in looking up the codec of an envelope."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from tasks.faults.engine.faulty_at import (
    AGGREGATE,
    WINDOW,
    AtExpressions,
    AtLogical,
    AtPhysical,
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


class _RewritesIds(FaultyChain):
    """An engine that looks up the id that ``read_as`` returns."""

    def read_as(self, codec_id: str) -> str:
        raise NotImplementedError

    def read_envelope(self, envelope: bytes, session: Any) -> bytes:
        del session
        found = parse_envelope(envelope)
        return rename_envelope(envelope, self.read_as(found.codec_id)) if found else envelope


@breaks("CHAIN-20", "CHAIN-21")
class IdsAreAscii(_RewritesIds):
    """Replace non-ASCII characters in codec ids by question marks."""

    def read_as(self, codec_id: str) -> str:
        return codec_id.encode("ascii", "replace").decode()


@breaks("CHAIN-20")
class MarksAreNoPartOfIds(_RewritesIds):
    """Take a byte order mark in front of a codec id away."""

    def read_as(self, codec_id: str) -> str:
        return codec_id.removeprefix("\ufeff")


class _ComparesAPart(FaultyChain):
    """An engine that compares what ``part`` returns of ids, where no id is the same."""

    part: Callable[[str], str]

    def read_envelope(self, envelope: bytes, session: Any) -> bytes:
        found, ids = parse_envelope(envelope), codec_ids(session)
        if found is None or found.codec_id in ids:
            return envelope
        part = type(self).part
        like = (one for one in ids if part(one) == part(found.codec_id))
        return rename_envelope(envelope, next(like, found.codec_id))


@breaks("CHAIN-21")
class IdsHave255Characters(_ComparesAPart):
    """Compare the first 255 characters of ids."""

    part = staticmethod(lambda one: one[:255])


@breaks("CHAIN-21")
class IdsAreClasses(_ComparesAPart):
    """Compare the last words of ids, the names of classes, and not those of their modules."""

    part = staticmethod(lambda one: one.rpartition(".")[2])


@breaks("CHAIN-22", "CHAIN-24")
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


@breaks("CHAIN-21", "CHAIN-22", "CHAIN-29")
class NotInstalledNamesNoId(AtPhysical):
    """Omit the codec id from the error for a codec that is not installed."""

    rewords = [(r"by extension codec '[^']*'", "by an extension codec")]


@breaks("CHAIN-21")
class NotInstalledListsThree(AtLogical):
    """List three installed ids at most in the error for a codec that is not installed."""

    rewords = [(r"(\(installed: [^,)]*, [^,)]*, [^,)]*)[^)]*\)", r"\1)")]


@breaks("CHAIN-21")
class NotInstalledListsNothing(AtLogical):
    """Omit the installed ids from the error for a codec that is not installed."""

    rewords = [(r"\(installed: [^)]*\)", "")]


@breaks("CHAIN-22")
class NotInstalledLostTheKind(AtLogical):
    """Omit that an aggregate UDF was encoded from the error for a missing codec."""

    rewords = [("aggregate UDF was encoded", "UDF was encoded")]


@breaks("CHAIN-23")
class HintIsLost(AtLogical):
    """Omit the hint to pass codec_id= from the error for an anonymous codec."""

    rewords = [("Pass `codec_id=` when installing it", "It is gone")]


@breaks("CHAIN-23")
class HintForEveryCodec(AtExpressions):
    """Print the hint for anonymous codecs for every missing codec."""

    rewords = [
        (r"(which is not installed on this session)", r"\1. Pass `codec_id=` when installing it")
    ]
