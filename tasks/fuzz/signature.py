"""Signatures of findings: they group findings, and identify them on another engine."""

from __future__ import annotations

import re

from conformance.hostile.seeds import Level
from tasks.fuzz.forks import CRASH, HANG, OUTCOMES, PANIC, UNPICKLED, Violation

_PANICKED = re.compile(r"panicked at (\S+?):\d+:\d+:\n(.*)")
_CRATE = re.compile(r".*/(?:registry/src/[^/]+|checkouts/[^/]+/[^/]+|crates)/")
_VERSION = re.compile(r"-\d+\.\d+\.\d+(?:[-.\w]*)?(?=/)")
_INNERMOST = re.compile(r'most recent call first\):\n\s+File "[^"]*?([^"/]+)", line \d+ in (\S+)')
_FATAL = (
    re.compile(r"memory allocation of \d+ bytes failed"),
    re.compile(r"has overflowed its stack"),
    re.compile(r"Fatal Python error: ([^\n]+)"),
)


def signature(violation: Violation, level: Level) -> str:
    """Return outcome, place and skeleton of the message, independent of bytes and versions.

    A panic is identified by the file that raised it. The place of a crash is unknown, so the
    level identifies it.
    """
    return f"{OUTCOMES[violation.outcome]}: {_what(violation, level.removeprefix('chain-'))}"


def _what(violation: Violation, layer: str) -> str:
    text = violation.text
    if violation.outcome == UNPICKLED:
        return f"{layer}, {text.split()[0]}"
    if violation.outcome == HANG:
        stack = _INNERMOST.search(text)
        return f"{layer}, in {stack[2]} of {stack[1]}" if stack else layer
    panicked = _PANICKED.findall(text)
    if violation.outcome == PANIC:
        if panicked:
            return _panic(*panicked[-1])
        error = skeleton(text.partition("\n")[0])
        where = text.strip().rpartition("\n")[2]
        return f"{error} {where}" if where.startswith("at ") else error
    assert violation.outcome == CRASH
    died = text.partition("\n")[0].removeprefix("died of ")
    for cause in _FATAL:
        if found := cause.search(text):
            return f"{layer}, {died}, {skeleton(found[found.re.groups])}"
    if panicked:
        return f"{layer}, {died}, {_panic(*panicked[-1])}"
    return f"{layer}, {died}"


def _panic(path: str, message: str) -> str:
    place = _VERSION.sub("", _CRATE.sub("", path))
    return f"{place}, {skeleton(message)}"


def skeleton(message: str) -> str:
    """Return the words of a message up to the first text that may come from the bytes.

    That is a number, a quotation or a value.
    """
    plain = re.sub(r"-?\d+|\b(?:true|false)\b", "N", message)
    head = re.split(r":(?:\s|$)|\((?!\))|[\"\[{]|'(?=\S)", plain, maxsplit=1)[0]
    return " ".join(head.split())[:80]
