"""The one subject of a process: created once, used by cases, workers and receivers."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Mapping, Sequence

from conformance.subjects import SUBJECT
from conformance.subjects.interface import Subject
from conformance.subjects.loading import load_subject

_subject: Subject | None = None
_path: list[str] = []
_environment: dict[str, str] = {}


def create(spec: str, path: Sequence[str]) -> None:
    """Create the subject that ``module:factory`` names. ``path`` is the parent's ``sys.path``.

    Raises the errors of ``load_subject``.
    """
    global _subject, _path, _environment
    _path = [*dict.fromkeys([*sys.path, *path])]
    sys.path[:] = _path
    os.environ["CONFORMANCE_SUBJECT"] = spec  # for the processes that a case starts
    _environment = dict(os.environ)
    _subject = load_subject(spec)
    gc.freeze()  # the engine's modules stay: no collection during a case needs to visit them


def search_path() -> Sequence[str]:
    """Return ``sys.path`` as it was when the subject was created: the subject may change it."""
    return _path or sys.path


def environment() -> Mapping[str, str]:
    """Return the environment as it was when the subject was created: the subject may change it."""
    return _environment or os.environ


def subject() -> Subject:
    """Return the subject of this process; create it on the first call.

    A process that a case started creates the subject of the case. A cluster node that was started
    before the case lacks its environment variable, and creates the default subject.
    """
    if _subject is None:
        create(os.environ.get("CONFORMANCE_SUBJECT", SUBJECT), ())
    assert _subject is not None
    return _subject
