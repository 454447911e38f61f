"""Engines that tell of what is wrong with an envelope in other words, or not at all."""

from __future__ import annotations

from typing import Any

from tasks.faults.engine.faulty_at import (
    AtExpressions,
    AtLogical,
    AtPhysical,
    FaultyAt,
    is_strict,
)
from tasks.faults.fault import breaks


@breaks("CHAIN-21", "CHAIN-22", "CHAIN-23", "CHAIN-24", "CHAIN-29", "CHAIN-39")
class NotInstalledNamesNoId(AtPhysical):
    rewords = [(r"by extension codec '[^']*'", "by an extension codec")]


@breaks("CHAIN-21", "CHAIN-39")
class NotInstalledListsNothing(AtLogical):
    rewords = [(r"\(installed: [^)]*\)", "")]


@breaks("CHAIN-21")
class NotInstalledListsTheFirst(AtExpressions):
    rewords = [(r"\(installed: ([^,)]*)[^)]*\)", r"(installed: \1)")]


@breaks("CHAIN-21", "CHAIN-29")
class NoneInstalledIsNotSaid(AtPhysical):
    rewords = [("no extension codecs are installed on this session", "")]


@breaks("CHAIN-22")
class NotInstalledLostTheKind(AtLogical):
    rewords = [("aggregate UDF was encoded", "UDF was encoded")]


@breaks("CHAIN-22")
class NotInstalledIsOfScalars(AtPhysical):
    rewords = [("window UDF was encoded", "scalar UDF was encoded")]


@breaks("CHAIN-23")
class HintIsLost(AtLogical):
    rewords = [("Pass `codec_id=` when installing it", "It is gone")]


@breaks("CHAIN-23")
class HintNamesNoCapsule(AtPhysical):
    rewords = [("PyCapsule", "object")]


@breaks("CHAIN-23")
class HintForEveryCodec(AtExpressions):
    rewords = [
        (r"(which is not installed on this session)", r"\1. Pass `codec_id=` when installing it")
    ]


@breaks("CHAIN-23")
class NoHintForStrictSessions(FaultyAt):
    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        try:
            return super().read(artifact, data, session)
        except Exception as error:
            if "Pass `codec_id=`" not in str(error) or not is_strict(session):
                raise
            raise RuntimeError(str(error).partition("Pass `")[0]) from None
