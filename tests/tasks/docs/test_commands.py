"""Every command in the documentation is one that there is, with options that there are."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from conformance.cli import main
from tasks.cells import sessions
from tasks.cells.options import OptionError
from tests.conftest import ROOT
from tests.tasks.docs.documented import (
    PAGES,
    TASKS,
    commands,
    in_help,
    tool,
    with_those_below,
)

PYTEST = ("tests", "coverage")
"""The sessions whose options are pytest's."""

OWN = ("docs",)
"""The sessions whose command parses its own options."""

TOOLS = {
    **{name: tool(name) for name in ("browser", "kaitai", "releases")},
    **{name: tool(name, "run") for name in ("model", "mutants")},
    **{name: tool("mutation", name) for name in ("faults", "soak")},
}
"""The sessions that pass their options to a tool, each with its command."""


def check(command: str) -> None:
    """Raise ``click.UsageError`` or ``OptionError`` for a command or option that there is not."""
    words = shlex.split(command, comments=True)
    if words[0] == "nox":
        _check_nox(words[1:])
    elif words[2:] and words[2].startswith("tasks."):
        _check_click(tool(words[2].removeprefix("tasks.")), words[3:])
    else:
        _check_click(main, words[3 if words[0] == "python" else 1 :])


def _check_click(command: click.Command, words: list[str]) -> None:
    context = click.Context(command, **command.context_settings)
    if not isinstance(command, click.Group) or words[:1] in (["--help"], ["--version"]):
        command.make_parser(context).parse_args(words)
        return
    if not words:
        return  # the name alone
    found = command.get_command(context, words[0])
    if found is None:
        raise click.UsageError(f"no such command: {words[0]}")
    _check_click(found, words[1:])


def _check_nox(words: list[str]) -> None:
    place = words.index("--") if "--" in words else len(words)
    own, given = words[:place], words[place + 1 :]
    if not set(own) & {"-s", "--sessions", "-l", "--list"}:
        raise OptionError(f"nox {' '.join(own)}: no session")
    names = own[own.index("-s") + 1 :] if "-s" in own else []
    noxfile = (ROOT / "noxfile.py").read_text(encoding="utf-8")
    for name in names:
        if not re.search(rf"^def {name}\(", noxfile, flags=re.MULTILINE):
            raise OptionError(f"nox -s {name}: no such session")
        if not given or name in (*PYTEST, *OWN) or "--help" in given:
            continue
        if name in TOOLS:
            _check_click(TOOLS[name], given)
        else:
            sessions.PARSERS[name][0](name).read(given)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_is_one_that_there_is(page: Path) -> None:
    wrong = []
    for command in commands(page.read_text(encoding="utf-8")):
        try:
            check(command)
        except (click.UsageError, OptionError, ValueError) as error:
            wrong.append(f"{command}: {error}")
    assert wrong == []


@pytest.mark.parametrize("name", TASKS)
def test_each_command_of_a_tool_has_examples(name: str) -> None:
    for command in with_those_below(tool(name)):
        examples = [] if isinstance(command, click.Group) else [*in_help(command)]
        assert examples or isinstance(command, click.Group), command.name
        for example in examples:
            check(example)


def test_commands_are_found() -> None:
    text = "see `nox -s\ntests` and `X=1 dfpy-conformance run -q`, `pip install nox uv`\n\n"
    text += "```console\n$ nox -l  # all\nno\n```\n"
    assert list(commands(text)) == ["nox -l  # all", "nox -s tests", "dfpy-conformance run -q"]
    text = "```console\n$ dfpy-conformance grid \\\n    --grid x\n```\n"
    assert [one.split() for one in commands(text)] == [["dfpy-conformance", "grid", "--grid", "x"]]
    found = [one for page in PAGES for one in commands(page.read_text(encoding="utf-8"))]
    assert len(found) > 80


@pytest.mark.parametrize(
    "command",
    [
        "nox -l",
        "nox -s lint tests",
        "nox -s conformance -- --engine dist/x.whl --chapter STRICT",
        "nox -s tests -- -k anything",
        "dfpy-conformance",
        "dfpy-conformance run -q --chapter FRAME",
        "dfpy-conformance report merge --tag gate reports -o merged.json",
        "python -m conformance grid --grid x --markdown",
        "python -m tasks.mutation soak --runs 3",
        "nox -s faults -- 'reference/*'",
    ],
)
def test_a_right_command(command: str) -> None:
    check(command)


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("nox -s conformanse", "no such session"),
        ("nox -s conformance -- --motor x.whl", "motor"),
        ("nox -s regenerate -- --chapter FRAME", "chapter"),
        ("nox conformance", "no session"),
        ("dfpy-conformance can-tlk", "no such command: can-tlk"),
        ("dfpy-conformance grid --lattice x", "lattice"),
        ("dfpy-conformance report marge x", "no such command: marge"),
        ("python -m tasks.mutation soak --runners 3", "runners"),
        ("nox -s soak -- --runners 3", "runners"),
    ],
)
def test_a_wrong_command(command: str, words: str) -> None:
    with pytest.raises((click.UsageError, OptionError)) as caught:
        check(command)
    assert words in getattr(caught.value, "message", str(caught.value))
