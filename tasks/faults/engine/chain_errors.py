"""Engines that tell of what is wrong with an envelope in other words, or not at all."""

from __future__ import annotations

from typing import Any

from tasks.faults.engine.leveled import (
    Expressions,
    Leveled,
    Logical,
    Physical,
    Says,
    is_strict,
)
from tasks.faults.fault import breaks


@breaks("CHAIN-21", "CHAIN-22", "CHAIN-23", "CHAIN-24", "CHAIN-29", "CHAIN-39")
class NotInstalledNamesNoId(Physical, Says):
    old, other = r"by extension codec '[^']*'", "by an extension codec"


@breaks("CHAIN-21", "CHAIN-39")
class NotInstalledListsNothing(Logical, Says):
    old, other = r"\(installed: [^)]*\)", ""


@breaks("CHAIN-21")
class NotInstalledListsTheFirst(Expressions, Says):
    old, other = r"\(installed: ([^,)]*)[^)]*\)", r"(installed: \1)"


@breaks("CHAIN-21", "CHAIN-29")
class NoneInstalledIsNotSaid(Physical, Says):
    old, other = "no extension codecs are installed on this session", ""


@breaks("CHAIN-22")
class NotInstalledLostTheKind(Logical, Says):
    old, other = "aggregate UDF was encoded", "UDF was encoded"


@breaks("CHAIN-22")
class NotInstalledIsOfScalars(Physical, Says):
    old, other = "window UDF was encoded", "scalar UDF was encoded"


@breaks("CHAIN-23")
class HintIsLost(Logical, Says):
    old, other = "Pass `codec_id=` when installing it", "It is gone"


@breaks("CHAIN-23")
class HintNamesNoCapsule(Physical, Says):
    old, other = "PyCapsule", "object"


@breaks("CHAIN-23")
class HintForEveryCodec(Expressions, Says):
    old = r"(which is not installed on this session)"
    other = r"\1. Pass `codec_id=` when installing it"


@breaks("CHAIN-23")
class NoHintForStrictSessions(Leveled):
    def read(self, level: str, data: bytes, session: Any) -> Any:
        try:
            return super().read(level, data, session)
        except Exception as error:
            if "Pass `codec_id=`" not in str(error) or not is_strict(session):
                raise
            raise RuntimeError(str(error).partition("Pass `")[0]) from None
