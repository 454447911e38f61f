"""Faults in the error for a codec that is not installed."""

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
    """Omit the codec id from the error for a codec that is not installed."""

    rewords = [(r"by extension codec '[^']*'", "by an extension codec")]


@breaks("CHAIN-21", "CHAIN-39")
class NotInstalledListsNothing(AtLogical):
    """Omit the installed ids from the error for a codec that is not installed."""

    rewords = [(r"\(installed: [^)]*\)", "")]


@breaks("CHAIN-21")
class NotInstalledListsTheFirst(AtExpressions):
    """List only the first installed id in the error for a missing codec."""

    rewords = [(r"\(installed: ([^,)]*)[^)]*\)", r"(installed: \1)")]


@breaks("CHAIN-21", "CHAIN-29")
class NoneInstalledIsNotStated(AtPhysical):
    """Do not state that the session has no codecs when one is missing."""

    rewords = [("no extension codecs are installed on this session", "")]


@breaks("CHAIN-22")
class NotInstalledLostTheKind(AtLogical):
    """Omit that an aggregate UDF was encoded from the error for a missing codec."""

    rewords = [("aggregate UDF was encoded", "UDF was encoded")]


@breaks("CHAIN-22")
class NotInstalledIsOfScalars(AtPhysical):
    """Name a window UDF a scalar one in the error for a missing codec."""

    rewords = [("window UDF was encoded", "scalar UDF was encoded")]


@breaks("CHAIN-23")
class HintIsLost(AtLogical):
    """Omit the hint to pass codec_id= from the error for an anonymous codec."""

    rewords = [("Pass `codec_id=` when installing it", "It is gone")]


@breaks("CHAIN-23")
class HintNamesNoCapsule(AtPhysical):
    """Omit that the codec was a PyCapsule from the hint for an anonymous codec."""

    rewords = [("PyCapsule", "object")]


@breaks("CHAIN-23")
class HintForEveryCodec(AtExpressions):
    """Print the hint for anonymous codecs for every missing codec."""

    rewords = [
        (r"(which is not installed on this session)", r"\1. Pass `codec_id=` when installing it")
    ]


@breaks("CHAIN-23")
class NoHintForStrictSessions(FaultyAt):
    """Omit the hint for anonymous codecs on strict sessions."""

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        try:
            return super().read(artifact, data, session)
        except Exception as error:
            if "Pass `codec_id=`" not in str(error) or not is_strict(session):
                raise
            raise RuntimeError(str(error).partition("Pass `")[0]) from None
