"""The command ``inspect``."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click

from conformance.cli import output
from conformance.util.exit_codes import ExitCode


@click.command(
    epilog=output.examples("inspect expression.bin plan.bin", "inspect --json - < plan.bin")
)
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON, one document per FILE.")
def inspect(files: Sequence[str], as_json: bool) -> None:
    """Show the frames in each FILE.

    FILE holds a serialized or pickled expression, a plan, or a single frame; "-" is standard
    input. The output has each frame's header, tuple, schemas and pickle opcodes. Nothing is
    unpickled, so the bytes may come from anywhere.

    An envelope is what an extension codec puts around its bytes: a magic, a version and the id
    of the codec that reads the rest.

    Exit code 1: a frame or an envelope is malformed; it is shown as far as it can be read. Exit
    code 2: a FILE cannot be read, is empty, or is not protobuf, a pickle or a frame; the other
    files are shown all the same. Exit code 14: the bytes hold a magic that was not reached, so
    that there may be UDFs that are not shown.
    """
    code = ExitCode.OK
    for number, file in enumerate(files):
        if len(files) > 1 and not as_json:
            click.echo(f"{chr(10) if number else ''}== {file}")
        code = max(code, _inspect(file, as_json))
    sys.exit(code)


def _inspect(file: str, as_json: bool) -> ExitCode:
    """Show one file; return the exit code."""
    from conformance.wire import WireError, disassemble, to_dict
    from conformance.wire.disassembly import unread_lines
    from conformance.wire.unread import find_unread

    try:
        data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        return output.print_error(f"{file}: {error.strerror}")
    if not data:
        return output.print_error(f"{file}: the file is empty")
    try:
        found = to_dict(data)
    except WireError as error:
        message = f"{type(error).__name__}: {error}{_text_hint(data)}"
        code = output.print_error(f"{file}: {message}")
        unread = [asdict(one) for one in find_unread(data, ())]
        if not unread:
            return code
        if as_json:
            output.print_json({"size": len(data), "found": [], "unread": unread, "error": message})
        else:
            click.echo("\n".join(unread_lines(unread)))
        return ExitCode.UNREAD
    if as_json:
        output.print_json(found)
    else:
        click.echo(disassemble(data), nl=False)
        if not found["found"] and (hint := _text_hint(data)):
            click.echo(hint.lstrip("; "))
    malformed = any(
        "error" in part for entry in found["found"] for part in (entry, *entry.get("tuple", ()))
    )
    if found["unread"]:
        return ExitCode.UNREAD
    return ExitCode.FAILED if malformed else ExitCode.OK


def _text_hint(data: bytes) -> str:
    """Return a hint where ``data`` is bytes written as text."""
    text = b"".join(data.split())
    if len(text) < 8:
        return ""
    if re.fullmatch(rb"(?:[0-9a-fA-F]{2})+", text):
        return "; it looks like hex text: decode it first, such as with xxd -r -p"
    if len(text) % 4 == 0 and re.fullmatch(rb"[0-9A-Za-z+/_-]+={0,2}", text):
        return "; it looks like base64 text: decode it first, such as with base64 -d"
    return ""
