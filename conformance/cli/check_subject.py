"""The command ``check-subject``."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import click

from conformance.cli import output
from conformance.util.exit_codes import ExitCode

if TYPE_CHECKING:
    from conformance.subjects.external.program import Program
    from conformance.subjects.interface import Subject

Answer = Mapping[str, Any]

NOT_JUDGED = {
    "decide": "no decision: neither on goldens (PROGRAM-01) nor on crafted vectors",
    "take_apart": "PROGRAM-02, PROGRAM-03, PROGRAM-04, PROGRAM-05",
    "write_back": "PROGRAM-06",
    "write_frame": "PROGRAM-07, and what FRAME-02, FRAME-03 and FRAME-04 say of frames",
    "envelopes": "PROGRAM-08, PROGRAM-09, and no vector with an envelope",
    "plans": "no golden and no vector of a plan (artifacts logical and physical)",
}
"""What is not judged if a program does not offer an operation, or the artifacts of plans."""


@click.command(
    epilog=output.examples(
        "check-subject --subject my.module:factory", "check-subject --subject-command './codec'"
    )
)
@click.option("--subject", metavar="MODULE:FACTORY", default="", help="A subject in Python.")
@click.option("--subject-command", metavar="COMMAND", default="", help="A program.")
@output.json_option
def check_subject(subject: str, subject_command: str, as_json: bool) -> None:
    """Say what a subject lacks before a case runs on it.

    A subject in Python must have all methods of its interface; it may leave out capabilities.
    What is checked is that the methods are there: apart from the name and the versions, nothing is
    called. A program is started, greeted, and asked one question of each kind that it offers. What
    is checked is the shape of its replies. Whether what it answers is right, `run` says.

    Exit codes: 0, it can be judged; 1, a reply is not what the protocol allows; 2, the command
    line is wrong, or the factory raises an error; 17, methods are missing; 21, the program did not
    answer the handshake.
    """
    if bool(subject) == bool(subject_command):
        output.exit_with_error("Expected either --subject or --subject-command.")
    answer = _check_python(subject) if subject else _check_program(subject_command)
    if as_json:
        output.print_json(answer)
    else:
        for line in _lines(answer):
            click.echo(line)
    sys.exit(answer["exit_code"])


def _check_python(spec: str) -> Answer:
    from conformance.subjects.interface import CAPABILITIES, NoFrames
    from conformance.subjects.loading import MethodsMissing, load_subject

    sys.path.insert(0, "")
    try:
        subject = load_subject(spec)
        name, versions = _described(subject)
        offered = {name: getattr(subject, name, None) is not None for name in CAPABILITIES}
    except MethodsMissing as error:
        return {"name": spec, "problem": str(error), "exit_code": ExitCode.METHODS_MISSING}
    except NoFrames as error:
        return {"name": spec, "problem": str(error), "exit_code": ExitCode.NO_FRAMES}
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - any error of the subject; sys.exit is one, too
        output.exit_with_error(f"--subject {spec}: {type(error).__name__}: {error}")
    missing = [name for name, has in offered.items() if not has]
    return {
        "name": name,
        "versions": versions,
        "not_tried": [name for name, has in offered.items() if has],
        "missing": {name: _clauses_that_need(name) for name in missing},
        "exit_code": ExitCode.OK,
    }


def _described(subject: Subject) -> tuple[str, dict[str, str]]:
    """Return the name and the versions of a subject; raise ``TypeError`` if they are no texts."""
    name, versions = subject.name, dict(subject.versions())
    if not all(isinstance(text, str) for text in (name, *versions, *versions.values())):
        raise TypeError(f"name and versions(): expected strings, got {name!r} and {versions!r}")
    return name, versions


def _check_program(command: str) -> Answer:
    from conformance.subjects.external.command import read_command
    from conformance.subjects.external.errors import ProgramError
    from conformance.subjects.external.program import Program

    try:
        words = read_command(command)
    except ValueError as error:
        output.exit_with_error(f"--subject-command {command}: {error}")
    try:
        program = Program(words)
    except ProgramError as error:
        text = f"The program did not answer the handshake: {error}\n{error.output}"
        return {"name": command, "problem": text.rstrip(), "exit_code": ExitCode.NO_HANDSHAKE}
    try:
        return _try(program)
    finally:
        program.close()


def _try(program: Program) -> Answer:
    from conformance.golden.store import Store
    from conformance.subjects.codec import OPERATIONS
    from conformance.subjects.external.trial import try_operations

    store = Store()
    golden = next(one for one in store.manifest.goldens if one.case == "scalar/lambda")
    tried = dict(try_operations(program, store.data(golden), golden.python))
    hello = program.hello
    missing = [one for one in OPERATIONS if one not in tried]
    if "logical" not in hello.artifacts:
        missing.append("plans")
    wrong = {name: problem for name, problem in tried.items() if problem}
    return {
        "name": hello.name,
        "versions": {"version": hello.version, "language": hello.language},
        "answers": [name for name, problem in tried.items() if not problem],
        "clauses": {name: _clauses_of(program, name) for name in tried},
        "wrong": wrong,
        "missing": {one: NOT_JUDGED[one] for one in missing},
        "exit_code": ExitCode.FAILED if wrong else ExitCode.OK,
    }


def _clauses_of(program: Program, operation: str) -> int:
    """Return the number of clauses that judge an operation of this program."""
    from conformance.explain.index import clauses_that_need
    from conformance.spec import CLAUSES
    from conformance.subjects.external import External

    offered = {"", *External(program).capabilities}
    return sum(CLAUSES[id_].needs in offered for id_ in clauses_that_need(operation))


def _clauses_that_need(capability: str) -> str:
    """Return the clauses that are not judged without a capability of a subject in Python."""
    from conformance.spec import CLAUSES

    found = [clause.id for clause in CLAUSES.values() if clause.needs == capability]
    return (
        ", ".join(found) if len(found) < 5 else f"{', '.join(found[:3])} and {len(found) - 3} more"
    )


def _lines(answer: Answer) -> Iterator[str]:
    """Yield the lines of the answer, with what a terminal would obey escaped."""
    from conformance.subjects.codec import spelled
    from conformance.wire.text import printable

    if "problem" in answer:
        yield from map(printable, answer["problem"].split("\n"))
        return
    versions = ", ".join(f"{name} {value}" for name, value in answer["versions"].items())
    yield printable(f"{answer['name']} ({versions})")
    for name in answer.get("answers", ()):
        number = answer["clauses"][name]
        yield f"  {spelled(name)}: answers; judged by {number} clause{'s' * (number != 1)}"
    for name in answer.get("not_tried", ()):
        yield f"  {spelled(name)}: offered, not tried"
    for name, problem in answer.get("wrong", {}).items():
        yield printable(f"  {spelled(name)}: {problem}")
    for name, what in answer["missing"].items():
        yield f"  {spelled(name)}: not offered; not judged: {what}"
