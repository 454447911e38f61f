"""Runs in the child process: create the subject once, run cases, return their outcomes."""

from __future__ import annotations

import gc
import importlib
import os
import sys
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from conformance.processes import tree
from conformance.runner.assertions import Mismatch
from conformance.spec.kinds import Kind
from conformance.subjects import SUBJECT
from conformance.subjects.interface import CAPABILITIES, NoFrames, Subject

_subject: Subject | None = None


@dataclass(frozen=True)
class SubjectInfo:
    """The name, versions and capabilities of a subject, or why it cannot be judged."""

    name: str = ""
    versions: Mapping[str, str] | None = None
    capabilities: tuple[str, ...] = ()
    unsupported_reason: str = ""


@dataclass(frozen=True)
class Failure:
    """How a case failed: its kind, a sentence, what was expected and seen, the traceback."""

    kind: Kind
    message: str
    expected: str = ""
    seen: str = ""
    traceback: str = ""


def open_subject(spec: str, path: Sequence[str]) -> SubjectInfo:
    """Make the subject that ``module:factory`` names; ``path`` is the parent's ``sys.path``."""
    global _subject
    sys.path[:] = dict.fromkeys([*sys.path, *path])
    os.environ["CONFORMANCE_SUBJECT"] = spec  # for the processes that a case starts
    module, _, factory = spec.partition(":")
    try:
        _subject = getattr(importlib.import_module(module), factory)()
    except NoFrames as error:
        return SubjectInfo(unsupported_reason=str(error))
    gc.freeze()  # the engine's modules stay: no case should pay for looking through them
    capabilities = tuple(name for name in CAPABILITIES if getattr(_subject, name, None) is not None)
    return SubjectInfo(subject().name, dict(subject().versions()), capabilities)


def subject() -> Subject:
    """Return the subject of this process.

    A process that a case started opens the case's subject, or the default one.

    A node of a cluster that was running before may have no environment of the case.
    """
    if _subject is None:
        open_subject(os.environ.get("CONFORMANCE_SUBJECT", SUBJECT), ())
    assert _subject is not None
    return _subject


def run(module: str, name: str, arguments: Mapping[str, Any]) -> Failure | None:
    """Run one case on the subject; ``None`` means that it held, and left nothing behind."""
    tree.become_subreaper()
    try:
        failure = _run(module, name, arguments)
    finally:
        for slot in ("sender", "worker"):
            subject().clear_slot(slot)
        left = tree.kill_leftovers()
    if left and failure is None:
        return Failure(
            "processes-left", "the case left processes behind", seen="\n".join(map(str, left))
        )
    return failure


def _run(module: str, name: str, arguments: Mapping[str, Any]) -> Failure | None:
    case = getattr(importlib.import_module(module), name)
    try:
        if (result := case(subject=subject(), **arguments)) is not None:
            said = f"the case returned {result!r}: was it meant to be awaited?"
            return Failure("case-error", said)
    except Mismatch as error:
        return Failure(error.kind, str(error), error.expected, error.seen, traceback.format_exc())
    except Exception as error:  # noqa: BLE001 - whatever the subject raises is the case's outcome
        seen = f"{type(error).__name__}: {error}"
        message = f"unexpected {seen.splitlines()[0][:200]}"
        return Failure("unexpected-error", message, "no error", seen, traceback.format_exc())
    return None
