"""Engines whose strict sessions refuse in other words."""

from __future__ import annotations

import pickle
import re

from datafusion import Expr

from tasks.faults.engine.faulty import Faulty
from tasks.faults.engine.patched_expr import RewordsRefusals
from tasks.faults.fault import breaks


@breaks("STRICT-02", "STRICT-05")
class RefusalLostTheName(Faulty):
    def reword(self, message: str) -> str:
        named = re.search(r" UDF '([^']*)'", message)
        return message.replace(f"'{named[1]}'", "'?'") if named else message


@breaks("STRICT-03")
class RefusalLostTheKind(Faulty):
    rewords = [("aggregate UDF '", "UDF '")]


@breaks("STRICT-06")
class RefusalLostTheReceiversRemedy(Faulty):
    rewords = [("enable inlining on this receiver", "give up")]


@breaks("STRICT-01")
class RefusalIsAPlanError(Faulty):
    rewords = [(r"Execution\(", "Plan(")]


@breaks("STRICT-01")
class RefusalOfWindowsIsNotImplemented(RewordsRefusals):
    rewords = [(r"(?s)Execution\((?=.*Python window)", "NotImplemented(")]


@breaks("STRICT-01")
class RefusalOfPicklesIsAnUnpicklingError(RewordsRefusals):
    """With all that the refusal says, but for its class."""

    def read_pickle(self, data: bytes) -> Expr:
        try:
            return super().read_pickle(data)
        except RuntimeError as error:
            _, _, message = str(error).partition("Execution(")
            raise pickle.UnpicklingError(message) from None


@breaks("STRICT-02", "STRICT-05")
class RefusalNamesTheCallable(RewordsRefusals):
    rewords = [(r"'\w+'", "'<lambda>'")]


@breaks("STRICT-02", "STRICT-05")
class RefusalCutsTheNameShort(RewordsRefusals):
    rewords = [(r"'(\w{8})\w+'", r"'\1'")]


@breaks("STRICT-02")
class RefusalNamesTheUdfInItsRemediesOnly(RewordsRefusals):
    rewords = [(r" UDF '\w+':", " UDF:")]


@breaks("STRICT-03")
class RefusalSaysScalarOfAll(Faulty):
    rewords = [(r"Python (aggregate|window) UDF", "Python scalar UDF")]


@breaks("STRICT-03")
class RefusalOfPickledWindowsLostTheKind(RewordsRefusals):
    def read_pickle(self, data: bytes) -> Expr:
        try:
            return super().read_pickle(data)
        except RuntimeError as error:
            raise RuntimeError(str(error).replace("window UDF", "UDF")) from None


_REASON_CLAUSES = (
    "STRICT-04",
    "STRICT-07",
    "STRICT-08",
    "STRICT-09",
    "STRICT-10",
    "STRICT-11",
    "STRICT-12",
)


@breaks(*_REASON_CLAUSES)
class RefusalLostTheReason(RewordsRefusals):
    rewords = [("Python UDF inlining is disabled on this session", "not here")]


@breaks("STRICT-04", "STRICT-07", "STRICT-10", "STRICT-11", "STRICT-12")
class RefusalSpeaksOfTheProcess(RewordsRefusals):
    rewords = [("on this session", "in this process")]


@breaks("STRICT-05")
class RefusalLostTheSendersRemedy(RewordsRefusals):
    rewords = [(r"\(1\).*?; or ", "")]


@breaks("STRICT-05")
class RefusalDoesNotSayRegister(RewordsRefusals):
    rewords = [(r", and register '\w+' on this receiver", "")]


@breaks("STRICT-05")
class RefusalRegistersTheWrongName(RewordsRefusals):
    rewords = [(r"register '\w+'", "register 'my_udf'")]


@breaks("STRICT-06")
class RefusalLostTheRisk(RewordsRefusals):
    rewords = [(r" \(accepts [^)]*\)", "")]


@breaks("STRICT-06")
class RefusalEnablesInliningOnTheSender(RewordsRefusals):
    rewords = [("enable inlining on this receiver", "enable inlining on the sender")]
