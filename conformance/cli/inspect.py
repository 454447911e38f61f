"""The command ``inspect``."""

from __future__ import annotations

import errno
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from conformance.cli import output
from conformance.util.exit_codes import ExitCode
from conformance.util.input_file import read_bytes, read_whole

Values = dict[str, Any]

MOST = 1 << 30
"""The bytes that are read of a file: an endless one would take all memory."""

_WORST = (ExitCode.OK, ExitCode.UNJUDGED, ExitCode.FAILED, ExitCode.USAGE, ExitCode.UNREAD)
"""The exit codes of files: that of several is the last of these."""

_WORST_OF_ANSWERS = (
    ExitCode.OK,
    ExitCode.UNJUDGED,
    ExitCode.UNREAD,
    ExitCode.FAILED,
    ExitCode.USAGE,
)
"""The same with a receiver: a no is certain, whatever else is in the bytes."""


@click.command(
    epilog=output.examples(
        "inspect expression.bin plan.bin",
        "inspect --receiver datafusion==55.0.0,cloudpickle==3.1.2,python==3.12 plan.bin",
        "inspect --json - < plan.bin",
        "inspect --diff old.bin new.bin",
        "inspect --html -o page.html plan.bin",
    )
)
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@click.option("--all", "whole", is_flag=True, help="Show every UDF, also of a large file.")
@click.option("--opcodes", is_flag=True, help="Show the pickle opcodes of each UDF, too.")
@click.option("--hex", "as_hex", is_flag=True, help="Show the bytes of each UDF, too.")
@click.option(
    "--receiver",
    metavar="NAME==VERSION,...",
    help='Say whether this receiver reads each FILE; "here": what is installed here.',
)
@click.option("--html", is_flag=True, help="Write a page: the bytes beside their meaning.")
@click.option(
    *("-o", "--output", "page"),
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the page of --html to this file.",
)
@click.option("--diff", is_flag=True, help="Show what differs between two FILEs.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON: one document for all FILEs.")
def inspect(
    files: Sequence[str],
    whole: bool,
    opcodes: bool,
    as_hex: bool,
    receiver: str | None,
    html: bool,
    page: Path | None,
    diff: bool,
    as_json: bool,
) -> None:
    """Show the Python UDFs in each FILE: signatures, imports, and who refuses them.

    FILE holds a serialized or pickled expression, a plan, or a single frame; "-" is standard
    input. Nothing is unpickled, so the bytes may come from anywhere.

    A function by name is called in the bytes, but not defined there: the receiver must have it,
    built in or registered. An envelope is what an extension codec puts around its bytes: a magic,
    a version and the id of the codec that reads the rest.

    RECEIVER is datafusion==VERSION,cloudpickle==VERSION,python==VERSION, and ,pyarrow==VERSION may
    follow; or "here" alone.

    Exit code 1: a frame or an envelope is malformed, or RECEIVER does not read a FILE. Exit
    code 2: a FILE cannot be read, is empty, or is not protobuf, a pickle or a frame; the other
    files are shown all the same. Exit code 14: the bytes hold a magic that was not reached, so
    that there may be UDFs that are not shown. Exit code 18: not judged: nobody has judged
    RECEIVER or knows what unpickling calls, or a FILE has no frame and is neither an expression,
    a plan nor a pickle. If several apply, the last one in the
    list 18, 1, 2, 14 counts; with RECEIVER the last one in 18, 14, 1, 2.

    The JSON document follows conformance/inspection/schema.json.

    --diff compares each frame's header, name, signature, imports and opcodes, the envelopes, and
    what is around them. Exit code 0: the same in meaning: nothing differs, or only what nothing
    reads. Exit code 1: different. Exit code 2: a FILE cannot be read to its end. Its JSON has the
    keys files, same_bytes, equal and differences, each with field, old, new and unread.

    --html writes one file that needs no network. It needs the package jinja2, which the extra
    "page" installs.

    Options without effect beside another end the command with 2: --diff takes --json alone, --html
    does not take --all, --json does not take --hex.
    """
    if files.count("-") > 1:
        output.exit_with_error("-: standard input is read once: expected once, found more often")
    if diff:
        shown_by_file = {"--all": whole, "--opcodes": opcodes, "--hex": as_hex, "--html": html}
        others = {**shown_by_file, "--receiver": receiver is not None, "-o": page}
        output.refuse_together("--diff", others)
        sys.exit(_diff(files, as_json))
    if html != bool(page):
        output.exit_with_error("Expected --html and -o FILE together.")
    if html:
        output.refuse_together("--html", {"--all": whole})
    if page:
        output.refuse_input(page, [Path("/dev/stdin" if file == "-" else file) for file in files])
    if as_json:
        output.refuse_together("--json", {"--hex": as_hex})
    from conformance.inspection.document import SCHEMA, VERSION
    from conformance.wire.text import printable

    versions = _receiver(receiver)
    code = ExitCode.OK
    shown: list[Values] = []
    drawn: list[tuple[Values, bytes]] = []
    for file, data in _read(files):
        values, found = _inspect(file, data, opcodes or html, versions, receiver == "here")
        code = max(code, found, key=(_WORST_OF_ANSWERS if versions else _WORST).index)
        shown.append(values)
        if isinstance(data, bytes):
            drawn.append((values, data))
        if not as_json and not html:
            click.echo("\n" if len(shown) > 1 else "", nl=False)
            _print(values, data, whole, opcodes, as_hex)
        elif html and not as_json and "receiver" in values:
            click.echo(f"{file}: {printable(values['receiver']['sentence'])}")
    if page:
        _write_page(page, drawn)
    if as_json:
        output.print_json({"schema": SCHEMA, "version": VERSION, "files": shown})
    sys.exit(code)


def _write_page(target: Path, files: Sequence[tuple[Values, bytes]]) -> None:
    from conformance.inspection.page import page

    output.write_file(target, page(files).encode(errors="backslashreplace"))


def _diff(files: Sequence[str], as_json: bool) -> ExitCode:
    """Print what differs between two files; return the exit code."""
    from conformance.inspection.differences import differences
    from conformance.inspection.foreign import foreign_hint
    from conformance.wire.errors import WireError
    from conformance.wire.locate import locate

    if len(files) != 2:
        output.exit_with_error(f"--diff: expected two FILEs, found {len(files)}.")
    given = []
    for file, data in _read(files):
        if isinstance(data, str):
            output.exit_with_error(f"{file}: {data}")
        try:
            locate(data)
        except WireError as error:
            hint = foreign_hint(data)
            output.exit_with_error(f"{file}: not compared: {type(error).__name__}: {error}{hint}")
        given.append(data)
    try:
        found = list(differences(*given))
    except WireError as error:
        output.exit_with_error(f"Not compared: {type(error).__name__}: {error}")
    equal = all(one.unread for one in found)
    if as_json:
        fields = ("field", "old", "new", "unread")
        shown = [{name: getattr(one, name) for name in fields} for one in found]
        same = given[0] == given[1]
        output.print_json(
            {"files": files, "same_bytes": same, "equal": equal, "differences": shown}
        )
    else:
        for one in found:
            click.echo(f"{one.field}\n  - {one.old}\n  + {one.new}")
        if equal:
            click.echo("the same in meaning" if found else "the same bytes")
    return ExitCode.OK if equal else ExitCode.FAILED


def _receiver(text: str | None) -> dict[str, str] | None:
    from conformance.interop.peer_spec import PeerSpecError, parse_peer

    try:
        return None if text is None else parse_peer(text)
    except PeerSpecError as error:
        output.exit_with_error(str(error), error.code)


def _read(files: Sequence[str]) -> Iterator[tuple[str, bytes | str]]:
    """Yield each file with its bytes, or with the reason why it has none."""
    for file in files:
        try:
            data = _read_bounded(file)
        except OSError as error:
            yield file, str(error.strerror)
        else:
            yield file, data or "the file is empty"


def _read_bounded(file: str) -> bytes:
    """Return the bytes of a file, or of standard input: ``MOST`` at most."""
    if file != "-":
        return read_bytes(Path(file), MOST)
    if sys.stdin is None:
        raise OSError(errno.EBADF, "standard input is closed")
    return read_whole(sys.stdin.buffer, "standard input", MOST)


def _inspect(
    file: str, data: bytes | str, opcodes: bool, versions: dict[str, str] | None, here: bool
) -> tuple[Values, ExitCode]:
    """Describe one file, and return the exit code."""
    from conformance.inspection import inspect as describe
    from conformance.inspection.refusals import at_calls
    from conformance.inspection.shape import text_hint, why_no_artifact
    from conformance.interop.blob import who_reads

    if isinstance(data, str):
        output.print_error(f"{file}: {data}")
        return {"file": file, "error": data}, ExitCode.USAGE
    values: Values = {"file": file, **describe(data, opcodes=opcodes)}
    if hint := text_hint(data, values):
        values["hint"] = hint
    read = at_calls(values)
    found = (*read["udfs"], *read["envelopes"])
    malformed = any("error" in one for one in found)
    too_large = any(one.get("too_large") for one in found)
    code = ExitCode.FAILED if malformed else ExitCode.OK
    if versions:
        answer = who_reads(values, versions, here=here, doubt=why_no_artifact(data, values))
        values["receiver"] = {"versions": versions, **asdict(answer)}
        codes = {"yes": ExitCode.OK, "no": ExitCode.FAILED, "not judged": ExitCode.UNJUDGED}
        code = max(code, codes[answer.reads], key=_WORST.index)
    if not values["unread"] and "error" in values:
        output.print_error(f"{file}: {values['error']}{hint}")
    if values.get("receiver", {}).get("reads") == "no":
        return values, ExitCode.FAILED
    if values["unread"]:
        return values, ExitCode.UNREAD
    return values, ExitCode.USAGE if too_large or "error" in values else code


def _print(values: Values, data: bytes | str, whole: bool, opcodes: bool, as_hex: bool) -> None:
    from conformance.inspection import details, summary
    from conformance.wire.text import printable

    if isinstance(data, str) or (values["container"] is None and not values["unread"]):
        return
    click.echo(summary(values, values["file"], whole=whole), nl=False)
    if opcodes or as_hex:
        click.echo(details(values, data if as_hex else None), nl=False)
    if "hint" in values:
        click.echo(values["hint"].lstrip("; "))
    if "receiver" in values:
        click.echo(f"\n{printable(values['receiver']['sentence'])}")
