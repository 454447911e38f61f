"""Kinds of failure: machine-readable words for how a case failed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Kind = Literal[
    "no-error",
    "unexpected-error",
    "wrong-error-kind",
    "programming-error",
    "message-lacks",
    "message-differs",
    "unpickled",
    "wrong-result",
    "wrong-value",
    "bytes-differ",
    "wrong-bytes",
    "panic",
    "protocol",
    "crash",
    "hang",
    "processes-left",
    "grows",
    "environment",
    "inconclusive",
    "unexpected-pass",
    "case-error",
]

KINDS: Mapping[Kind, str] = {
    "no-error": "a call succeeded; the clause demands an error",
    "unexpected-error": "a call raised an error; the clause demands a result",
    "wrong-error-kind": "the error is not of the class or kind that the clause demands",
    "programming-error": "an error such as TypeError, which indicates a bug and not a refusal",
    "message-lacks": "the text of the error lacks a part that the clause fixes",
    "message-differs": "the text of the error is not the one that the golden store holds",
    "unpickled": "a payload was unpickled, partly or completely; the clause forbids it",
    "wrong-result": "a function or query gave another result than the one written by hand",
    "wrong-value": "an observed value, such as a name, a type or an id, is not the expected one",
    "bytes-differ": "the bytes are not the expected ones",
    "wrong-bytes": "the bytes contain something forbidden, or lack something required",
    "panic": "the engine panicked, with an exception that `except Exception` does not catch",
    "protocol": "a program replied something that the protocol does not allow",
    "crash": "the process died",
    "hang": "no answer came before the deadline",
    "processes-left": "processes were still running after the case ended",
    "grows": "time, memory or a count grows further than the clause allows",
    "environment": "something that the case needs, such as a cluster, did not start",
    "inconclusive": "the control arm failed, so that the case shows nothing about the clause",
    "unexpected-pass": "a known divergence did not show: it is fixed",
    "case-error": "the case itself has a bug",
}
"""The meaning of each kind of failure."""

PROGRAMMING_ERRORS = (
    AttributeError,
    TypeError,
    NameError,
    AssertionError,
    ImportError,
    NotImplementedError,
)
"""Exceptions that indicate a bug in a subject, and not a refusal."""


def indicates_bug(error: BaseException) -> bool:
    """Return whether an error indicates a bug in a subject, and not a refusal.

    A class that an implementer derived from one of Python's is a refusal: somebody chose it.
    """
    own = type(error).__module__ != "builtins"
    return isinstance(error, PROGRAMMING_ERRORS) and not (
        own and not isinstance(error, AssertionError)
    )
