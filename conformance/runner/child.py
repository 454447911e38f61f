"""Functions that run in the child process: open the subject, run cases against it."""

from __future__ import annotations

import gc
import importlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from platform import python_version
from typing import TYPE_CHECKING, Any, Literal

from conformance.processes import tree
from conformance.runner.assertions import Mismatch
from conformance.runner.frames import innermost
from conformance.subjects import current
from conformance.subjects.current import subject
from conformance.subjects.external import External
from conformance.subjects.external.errors import ProgramError
from conformance.subjects.interface import CAPABILITIES, DECISIONS, NoFrames
from conformance.subjects.loading import MethodsMissing
from conformance.util.exit_codes import ExitCode
from conformance.util.kinds import Kind
from conformance.util.versions import is_free_threaded

if TYPE_CHECKING:
    from conformance.subjects.external.pipe import Request


@dataclass(frozen=True)
class SubjectInfo:
    """The name, versions and capabilities of a subject.

    ``refusal`` is the reason why it cannot be judged, and ``code`` the exit code for it.
    """

    name: str = ""
    versions: Mapping[str, str] | None = None
    capabilities: tuple[str, ...] = ()
    refusal: str = ""
    code: ExitCode = ExitCode.OK


@dataclass(frozen=True)
class Failure:
    """The failure of a case: kind, message, expected and observed value, traceback.

    ``outcome`` is ``crash`` or ``hang`` if a program behind stdin and stdout ended or hung, and
    ``request`` is the line that it was asked. ``given`` is what the subject was given, as texts
    by name.
    """

    kind: Kind
    message: str
    expected: str = ""
    seen: str = ""
    traceback: str = ""
    outcome: Literal["fail", "crash", "hang"] = "fail"
    request: str = ""
    given: Mapping[str, str] = field(default_factory=dict)


def open_subject(spec: str, path: Sequence[str]) -> SubjectInfo:
    """Create the subject of this process; return what it is, or why it cannot be judged."""
    try:
        current.create(spec, path)
    except NoFrames as error:
        return SubjectInfo(refusal=str(error), code=ExitCode.NO_FRAMES)
    except MethodsMissing as error:
        return SubjectInfo(refusal=str(error), code=ExitCode.METHODS_MISSING)
    except ProgramError as error:
        text = f"The program did not answer the handshake: {error}\n{error.output}".rstrip()
        return SubjectInfo(refusal=text, code=ExitCode.NO_HANDSHAKE)
    made = subject()
    if isinstance(made, External):
        return SubjectInfo(made.name, made.versions(), made.capabilities)
    capabilities = [name for name in CAPABILITIES if getattr(made, name, None) is not None]
    name, versions = made.name, {**made.versions(), **_gil()}
    capabilities.append(DECISIONS)
    wire_codec = getattr(made, "wire_codec", None)  # optional, as the capabilities are
    if wire_codec is not None:
        capabilities += wire_codec.operations
    if name == "datafusion":
        from conformance.golden import refusals  # slow to import, and of no use to others

        capabilities += filter(None, [refusals.capability(name, versions, python_version())])
    return SubjectInfo(name, versions, tuple(capabilities))


def _gil() -> Mapping[str, str]:
    """Return whether the GIL is on, in a build that can be without; an import can switch it on."""
    is_enabled = getattr(sys, "_is_gil_enabled", None)
    if is_enabled is None or not is_free_threaded():
        return {}
    return {"gil": "on" if is_enabled() else "off"}


def run(module: str, name: str, arguments: Mapping[str, Any]) -> Failure | None:
    """Run one case; return its failure, or ``None`` if it passed and left no process behind."""
    with _cleared() as leftovers:
        failure = _run(module, name, arguments)
    if leftovers and failure is None:
        return Failure(
            "processes-left", "the case left processes behind", seen="\n".join(map(str, leftovers))
        )
    return failure


def record(module: str, name: str, arguments: Mapping[str, Any], path: str) -> None:
    """Run one case, and write the calls of ``datafusion`` that it makes to ``path``.

    Nothing that another case made is used again, so that all of its calls are there.
    """
    from conformance.runner.calls.recorder import record_calls

    for loaded in [one for key, one in sys.modules.items() if key.startswith("conformance.suite")]:
        for value in vars(loaded).values():
            if hasattr(value, "cache_clear"):
                value.cache_clear()
    with _cleared(), record_calls(Path(path)):
        _run(module, name, arguments)


@contextmanager
def _cleared() -> Iterator[list[tree.Process]]:
    """Clear the slots and kill the processes that a case leaves; these are then in the list."""
    tree.become_subreaper()
    leftovers: list[tree.Process] = []
    try:
        yield leftovers
    finally:
        for slot in ("sender", "worker"):
            subject().clear_slot(slot)
        leftovers += tree.kill_leftovers()


def _run(module: str, name: str, arguments: Mapping[str, Any]) -> Failure | None:
    if module not in sys.modules:
        importlib.import_module(module)
        gc.freeze()  # it stays: no collection during a case needs to visit it
    case = getattr(sys.modules[module], name)
    try:
        if (result := case(subject=subject(), **arguments)) is not None:
            message = f"expected the case to return None, it returned {result!r}: await it?"
            return Failure("case-error", message)
    except Mismatch as error:
        parts = (str(error), error.expected, error.seen, innermost(error))
        return Failure(error.kind, *parts, request=_request(), given=error.given)
    except ProgramError as error:
        return _failure_of_program(error)
    except Exception as error:  # noqa: BLE001 - any error of the subject is an outcome
        seen = f"{type(error).__name__}: {error}"
        message = f"unexpected {seen.splitlines()[0][:200]}"
        return Failure("unexpected-error", message, "no error", seen, innermost(error))
    return None


def end_program() -> str:
    """End a program as the protocol says; return what it did otherwise, or ``""``."""
    made = subject()
    return made.wire_codec.pipe.finish() if isinstance(made, External) else ""


def _failure_of_program(error: ProgramError) -> Failure:
    """Return the failure of a program, with its request: the size or the number may matter."""
    asked = _asked()
    message = f"{error} ({asked})" if asked and error.kind != "unexpected-error" else str(error)
    return Failure(
        *(error.kind, message),
        seen=error.output,
        outcome=error.outcome,
        request=_request(),
        given=error.given,
    )


def _asked() -> Request | None:
    """Return the last request to a program, if the subject is one."""
    made = subject()
    return made.asked if isinstance(made, External) else None


def _request() -> str:
    asked = _asked()
    return asked.line.decode().strip() if asked else ""
