"""Kinds of failure: how a case failed, as a word that a program can match."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Kind = Literal[
    "no-error",
    "unexpected-error",
    "wrong-error-kind",
    "programming-error",
    "message-lacks",
    "unpickled",
    "wrong-result",
    "wrong-value",
    "bytes-differ",
    "wrong-bytes",
    "panic",
    "crash",
    "hang",
    "processes-left",
    "environment",
    "inconclusive",
    "unexpected-pass",
    "case-error",
]

KINDS: Mapping[Kind, str] = {
    "no-error": "a call succeeded where the clause demands an error",
    "unexpected-error": "a call raised an error where the clause demands a result",
    "wrong-error-kind": "the error is not of the class or kind that the clause demands",
    "programming-error": "an error such as TypeError, which indicates a bug and not a refusal",
    "message-lacks": "the text of the error lacks a part that the clause fixes",
    "unpickled": "a payload was unpickled, in part or whole, where nothing may be",
    "wrong-result": "a function or query gave another result than the one written by hand",
    "wrong-value": "an observed value, such as a name, a type or an id, is not the expected one",
    "bytes-differ": "the bytes are not the expected ones",
    "wrong-bytes": "the bytes hold something that they must not hold, or lack something",
    "panic": "the engine panicked: an exception that `except Exception` does not catch",
    "crash": "the process died",
    "hang": "no answer came before the deadline",
    "processes-left": "processes were still running when the case had ended",
    "environment": "something that the case needs, such as a cluster, could not be started",
    "inconclusive": "the control arm failed: the case can show nothing about the clause",
    "unexpected-pass": "a known divergence did not show",
    "case-error": "the case itself is wrong",
}
"""Each kind of failure, with its meaning."""

PROGRAMMING_ERRORS = (AttributeError, TypeError, NameError, AssertionError, ImportError)
"""The errors that indicate a bug in a subject; a subject that refuses raises another one."""
