"""Engines whose strict sessions refuse in other words."""

from __future__ import annotations

import pickle
import re

from datafusion import Expr

from tasks.faults.engine.rewired import Refuses
from tasks.faults.engine.wrapped import Faulty
from tasks.faults.fault import breaks


@breaks("STRICT-02", "STRICT-05")
class RefusalLostTheName(Faulty):
    def say(self, text: str) -> str:
        named = re.search(r" UDF '([^']*)'", text)
        return text.replace(f"'{named[1]}'", "'?'") if named else text


@breaks("STRICT-03")
class RefusalLostTheKind(Faulty):
    def say(self, text: str) -> str:
        return text.replace("aggregate UDF '", "UDF '")


@breaks("STRICT-06")
class RefusalLostTheReceiversRemedy(Faulty):
    def say(self, text: str) -> str:
        return text.replace("enable inlining on this receiver", "give up")


@breaks("STRICT-01")
class RefusalIsAPlanError(Faulty):
    def say(self, text: str) -> str:
        return text.replace("Execution(", "Plan(")


@breaks("STRICT-01")
class RefusalOfWindowsIsNotImplemented(Refuses):
    def say(self, text: str) -> str:
        window = "Python window" in text
        return text.replace("Execution(", "NotImplemented(") if window else text


@breaks("STRICT-01")
class RefusalOfPicklesIsAnUnpicklingError(Refuses):
    """With all that the refusal says, but for its class."""

    def unpickled(self, data: bytes) -> Expr:
        try:
            return super().unpickled(data)
        except RuntimeError as error:
            _, _, said = str(error).partition("Execution(")
            raise pickle.UnpicklingError(said) from None


@breaks("STRICT-02", "STRICT-05")
class RefusalNamesTheCallable(Refuses):
    def say(self, text: str) -> str:
        return re.sub(r"'\w+'", "'<lambda>'", text)


@breaks("STRICT-02", "STRICT-05")
class RefusalCutsTheNameShort(Refuses):
    def say(self, text: str) -> str:
        return re.sub(r"'(\w{8})\w+'", r"'\1'", text)


@breaks("STRICT-02")
class RefusalNamesTheUdfInItsRemediesOnly(Refuses):
    def say(self, text: str) -> str:
        return re.sub(r" UDF '\w+':", " UDF:", text)


@breaks("STRICT-03")
class RefusalSaysScalarOfAll(Faulty):
    def say(self, text: str) -> str:
        return re.sub(r"Python (aggregate|window) UDF", "Python scalar UDF", text)


@breaks("STRICT-03")
class RefusalOfPickledWindowsLostTheKind(Refuses):
    def unpickled(self, data: bytes) -> Expr:
        try:
            return super().unpickled(data)
        except RuntimeError as error:
            raise RuntimeError(str(error).replace("window UDF", "UDF")) from None


_TOLD = (
    "STRICT-04",
    "STRICT-07",
    "STRICT-08",
    "STRICT-09",
    "STRICT-10",
    "STRICT-11",
    "STRICT-12",
)


@breaks(*_TOLD)
class RefusalLostTheReason(Refuses):
    def say(self, text: str) -> str:
        return text.replace("Python UDF inlining is disabled on this session", "not here")


@breaks("STRICT-04", "STRICT-07", "STRICT-10", "STRICT-11", "STRICT-12")
class RefusalSpeaksOfTheProcess(Refuses):
    def say(self, text: str) -> str:
        return text.replace("on this session", "in this process")


@breaks("STRICT-05")
class RefusalLostTheSendersRemedy(Refuses):
    def say(self, text: str) -> str:
        return re.sub(r"\(1\).*?; or ", "", text)


@breaks("STRICT-05")
class RefusalDoesNotSayRegister(Refuses):
    def say(self, text: str) -> str:
        return re.sub(r", and register '\w+' on this receiver", "", text)


@breaks("STRICT-05")
class RefusalRegistersTheWrongName(Refuses):
    def say(self, text: str) -> str:
        return re.sub(r"register '\w+'", "register 'my_udf'", text)


@breaks("STRICT-06")
class RefusalLostTheRisk(Refuses):
    def say(self, text: str) -> str:
        return re.sub(r" \(accepts [^)]*\)", "", text)


@breaks("STRICT-06")
class RefusalEnablesInliningOnTheSender(Refuses):
    def say(self, text: str) -> str:
        return text.replace("enable inlining on this receiver", "enable inlining on the sender")
