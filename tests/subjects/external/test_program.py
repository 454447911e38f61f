"""A program that crashes, hangs, answers nonsense or late: each has one clear outcome."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from conformance.processes import tree
from conformance.subjects.codec import Conditions, Decision
from conformance.subjects.external.errors import (
    OperationFailed,
    ProgramCrashed,
    ProgramError,
    ProgramGivenUp,
    ProgramHung,
    ProtocolError,
)
from conformance.subjects.external.pipe import MAX_LOSSES
from conformance.subjects.external.program import Program

FAKE = str(Path(__file__).with_name("fake.py"))
ON = Conditions("3.12")


def _start(how: str, timeout: float = 10.0) -> Program:
    return Program([sys.executable, FAKE, how], timeout)


@pytest.fixture
def program(request: pytest.FixtureRequest) -> Iterator[Program]:
    """Start the fake that the parameter names, and end it."""
    made = _start(request.param)
    yield made
    made.close()
    assert made.pipe.running is False


def _ask(program: Program) -> Decision:
    return program.decide("expression", b"\x00\xff", ON)


@pytest.mark.parametrize("program", ["good", "floods", "late"], indirect=True)
def test_a_good_program_is_started_once(program: Program) -> None:
    before = {one.pid for one in psutil.Process().children()}
    for _ in range(3):
        assert _ask(program) == Decision(accepted=True)
    assert {one.pid for one in psutil.Process().children()} == before
    assert program.hello.name == "fake"
    assert program.hello.operations[1] == "take_apart"


@pytest.mark.parametrize(
    ("program", "error", "text"),
    [
        ("crashes", ProgramCrashed, "the program died of SIGABRT"),
        ("exits", ProgramCrashed, "the program ended with exit code 3"),
        ("nonsense", ProtocolError, "expected a JSON object a line, got 'hello?"),
        ("no-object", ProtocolError, "expected a JSON object a line, got '[]"),
        (
            "wrong-id",
            ProtocolError,
            'expected the reply with the id 1, got the id 77 in \'{"id": 77',
        ),
        ("late-id", ProtocolError, 'expected the reply with the id 1, got the id 77 in \'{"x"'),
        ("without-id", ProtocolError, "expected the reply with the id 1, got no id in '{\"decis"),
        ("twice", ProtocolError, "expected one line, got 2 replies with the id 1"),
        ("logs", ProtocolError, "expected one line, got 2. Write logs to stderr. The lines begin:"),
        ("logs", ProtocolError, 'The lines begin: \'debug: got it\', \'{"id": 1, "decision"'),
        ("indents", ProtocolError, "got 4. Write each reply as one JSON object on one line."),
        ("blank", ProtocolError, "got 2. Write each reply as one JSON object on one line."),
        ("byte-order-mark", ProtocolError, "Unexpected UTF-8 BOM"),
        ("not-a-number", ProtocolError, "NaN is no JSON"),
        ("half-a-line", ProgramCrashed, '3: 31 bytes came without a line end: \'{"id"'),
        ("maybe", ProtocolError, "decision: expected 'accept' or 'refuse', got 'maybe'"),
        ("half", ProtocolError, "the reply lacks the fields 'kind', 'message', 'unpickled'; it"),
        ("cannot", OperationFailed, "the program replied with an error: not today"),
        ("huge", ProtocolError, "a reply of more than 64 MiB"),
    ],
    indirect=["program"],
)
def test_an_error_names_what_was_wrong(
    program: Program, error: type[ProgramError], text: str
) -> None:
    with pytest.raises(error) as found:
        _ask(program)
    assert text in str(found.value)


@pytest.mark.parametrize(
    ("how", "text"),
    [
        ("hangs", "nothing came$"),
        ("no-line-end", '31 bytes came without a line end: \'{"id": 1'),
    ],
)
def test_a_hang_says_what_came(how: str, text: str) -> None:
    program = _start(how)
    program.pipe.reply_timeout = 0.4
    with pytest.raises(ProgramHung, match=text):
        _ask(program)


def test_a_request_before_that_was_answered_twice() -> None:
    """The second reply is read when the next request has been sent."""
    program = _start("two-lines")
    with pytest.raises(ProtocolError, match=r"was the request before answered twice|got 2 replies"):
        [_ask(program) for _ in range(3)]
    program.close()


def test_the_last_request_is_known_with_its_number_and_its_size() -> None:
    program = _start("exits")
    with pytest.raises(ProgramCrashed):
        _ask(program)
    asked = program.pipe.asked
    assert asked is not None
    assert str(asked) == f"request 1 since its start, {len(asked.line)} bytes"
    assert json.loads(asked.line)["op"] == "decide"


@pytest.mark.parametrize("how", ["hangs", "closes", "spawns"])
def test_a_hang_is_killed_with_all_that_it_started(how: str) -> None:
    program = _start(how)
    program.pipe.reply_timeout = 0.4
    started = time.monotonic()
    with pytest.raises(ProgramHung, match="killed"):
        _ask(program)
    assert time.monotonic() - started < 8
    assert not any(tree.descendants(child.pid) for child in psutil.Process().children())


def test_the_end_of_stderr_is_kept() -> None:
    program = _start("crashes")
    with pytest.raises(ProgramCrashed) as found:
        _ask(program)
    assert found.value.output == "out of cheese\n"


def test_it_is_started_again_and_then_given_up() -> None:
    program = _start("exits")
    for _ in range(MAX_LOSSES):
        with pytest.raises(ProgramCrashed):
            _ask(program)
    with pytest.raises(ProgramGivenUp, match="hung 20 times and is not started again") as found:
        _ask(program)
    assert "; first: the program ended with exit code 3 (request 1 since its" in str(found.value)
    assert program.pipe.asked is None


@pytest.mark.parametrize(
    ("how", "error", "text"),
    [
        ("dies-at-hello", ProgramCrashed, "SIGABRT"),
        (
            "hangs-at-hello",
            ProgramHung,
            r"no reply within 1 s; killed: nothing came; does it flush stdout\?",
        ),
        ("protocol-2", ProtocolError, "protocol: expected 1, got 2"),
        ("unknown-operation", ProtocolError, "operations: expected some of decide, .*, got 'fly'"),
        ("no-name", ProtocolError, "the reply lacks the fields 'name', 'version', 'language'; it"),
        ("only-plans", ProtocolError, "'expression' alone, or 'expression', .*, got logical"),
        ("no-artifacts", ProtocolError, "'expression' alone, or 'expression', .*, got none"),
    ],
)
def test_a_handshake_that_fails(how: str, error: type[ProgramError], text: str) -> None:
    with pytest.raises(error, match=text):
        _start(how, timeout=1.0)


def test_no_program_of_this_name() -> None:
    with pytest.raises(ProgramCrashed, match=r"\./nothing: cannot be started: No such file"):
        Program(["./nothing"])
