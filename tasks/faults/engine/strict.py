"""Faults in the refusals of strict sessions."""

from __future__ import annotations

import pickle
import re

from datafusion import Expr

from tasks.faults.engine.faulty import Faulty
from tasks.faults.engine.patched_expr import RewordsRefusals
from tasks.faults.fault import breaks


@breaks("STRICT-02", "STRICT-05")
class RefusalLostTheName(Faulty):
    """Omit the name of the UDF from refusals."""

    def reword(self, message: str) -> str:
        named = re.search(r" UDF '([^']*)'", message)
        return message.replace(f"'{named[1]}'", "'?'") if named else message


@breaks("STRICT-03")
class RefusalLostTheKind(Faulty):
    """Omit that a UDF is an aggregate one from refusals."""

    rewords = [("aggregate UDF '", "UDF '")]


@breaks("STRICT-06")
class RefusalLostTheReceiversRemedy(Faulty):
    """Omit the receiver's remedy from refusals."""

    rewords = [("enable inlining on this receiver", "give up")]


@breaks("STRICT-01")
class RefusalIsAPlanError(Faulty):
    """Raise a plan error for a refused frame."""

    rewords = [(r"Execution\(", "Plan(")]


@breaks("STRICT-01")
class RefusalOfWindowsIsNotImplemented(RewordsRefusals):
    """Report a refused window frame as not implemented."""

    rewords = [(r"(?s)Execution\((?=.*Python window)", "NotImplemented(")]


@breaks("STRICT-01")
class RefusalOfPicklesIsAnUnpicklingError(RewordsRefusals):
    """Raise an UnpicklingError for a refused pickle."""

    def read_pickle(self, data: bytes) -> Expr:
        try:
            return super().read_pickle(data)
        except RuntimeError as error:
            _, _, message = str(error).partition("Execution(")
            raise pickle.UnpicklingError(message) from None


@breaks("STRICT-02", "STRICT-05")
class RefusalNamesTheCallable(RewordsRefusals):
    """Name the callable instead of the UDF in refusals."""

    rewords = [(r"'\w+'", "'<lambda>'")]


@breaks("STRICT-02", "STRICT-05")
class RefusalCutsTheNameShort(RewordsRefusals):
    """Name only the first eight characters of the UDF's name in refusals."""

    rewords = [(r"'(\w{8})\w+'", r"'\1'")]


@breaks("STRICT-02")
class RefusalNamesTheUdfInItsRemediesOnly(RewordsRefusals):
    """Omit the UDF's name from the first sentence of refusals."""

    rewords = [(r" UDF '\w+':", " UDF:")]


@breaks("STRICT-03")
class RefusalNamesScalarForAll(Faulty):
    """Name every UDF a scalar one in refusals."""

    rewords = [(r"Python (aggregate|window) UDF", "Python scalar UDF")]


@breaks("STRICT-03")
class RefusalOfPickledWindowsLostTheKind(RewordsRefusals):
    """Omit that a UDF is a window one from refusals of pickles."""

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
    """Omit the reason from refusals."""

    rewords = [("Python UDF inlining is disabled on this session", "not here")]


@breaks("STRICT-04", "STRICT-07", "STRICT-10", "STRICT-11", "STRICT-12")
class RefusalNamesTheProcess(RewordsRefusals):
    """Refer to the process instead of the session in refusals."""

    rewords = [("on this session", "in this process")]


@breaks("STRICT-05")
class RefusalLostTheSendersRemedy(RewordsRefusals):
    """Omit the sender's remedy from refusals."""

    rewords = [(r"\(1\).*?; or ", "")]


@breaks("STRICT-05")
class RefusalDoesNotSayRegister(RewordsRefusals):
    """Omit the registration from the remedy in refusals."""

    rewords = [(r", and register '\w+' on this receiver", "")]


@breaks("STRICT-05")
class RefusalRegistersTheWrongName(RewordsRefusals):
    """Name another UDF to register in refusals."""

    rewords = [(r"register '\w+'", "register 'my_udf'")]


@breaks("STRICT-06")
class RefusalLostTheRisk(RewordsRefusals):
    """Omit the risk from refusals."""

    rewords = [(r" \(accepts [^)]*\)", "")]


@breaks("STRICT-06")
class RefusalEnablesInliningOnTheSender(RewordsRefusals):
    """Name the sender instead of the receiver in the second remedy."""

    rewords = [("enable inlining on this receiver", "enable inlining on the sender")]
