"""`check-subject` says what it checked, and has a sentence for each subject that is none."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from conformance.cli import main
from conformance.explain.index import clauses_that_need
from conformance.spec import CLAUSES

SUBJECTS = """
import sys
from unittest.mock import MagicMock
from conformance.subjects import Subject
from conformance.subjects.loading import PARTS
from tests.subjects.complete import complete

def leaves(): sys.exit(0)
def leaves_with_three(): sys.exit(3)
def raises(): raise RuntimeError("engine not built")
def recurses(): return recurses()
def interrupted(): raise KeyboardInterrupt
def mocks(): return MagicMock()

class Plain:
    name = "a\x1b[2Jb"
    def versions(self): return {"engine": "1.0\\nforged"}
    def clear_slot(self, slot): pass

class Lost(Plain):
    def versions(self): raise LookupError("no version today")

Plain = complete(Subject)(Plain)
Lost = complete(Subject)(Lost)
class Offers(Plain):
    chain = complete(PARTS["chain"])(type("Chain", (), {}))()
"""

PROGRAM = r"""
import json, sys
HELLO = {
    "protocol": 1, "name": "c\x1b[2J\x1b[31m\nforged: works", "version": "0", "language": "P",
    "operations": ["decide", "write-back", "write-frame", "envelopes"],
    "artifacts": ["expression", "logical", "physical"],
}
REPLY = {"data": "", "decision": "accept", "codec_id": "", "payload": ""}
for line in sys.stdin:
    asked = json.loads(line)
    found = HELLO if asked["op"] == "hello" else REPLY
    print(json.dumps({"id": asked["id"], **found}), flush=True)
"""


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["check-subject", *arguments])


@pytest.fixture
def subjects(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "checked_subjects.py").write_text(SUBJECTS)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "checked_subjects", raising=False)


@pytest.mark.usefixtures("subjects")
@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("leaves", "SystemExit: 0"),
        ("leaves_with_three", "SystemExit: 3"),
        ("raises", "RuntimeError: engine not built"),
        ("recurses", "RecursionError: maximum recursion depth exceeded"),
        ("Lost", "LookupError: no version today"),
        ("mocks", "TypeError: name and versions(): expected strings, got <MagicMock"),
        ("nothing", "AttributeError: module 'checked_subjects' has no attribute 'nothing'"),
    ],
)
@pytest.mark.parametrize("options", [[], ["--json"]])
def test_a_factory_that_makes_no_subject(name: str, says: str, options: list[str]) -> None:
    result = run("--subject", f"checked_subjects:{name}", *options)
    assert result.exit_code == 2
    assert isinstance(result.exception, SystemExit)
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert line.startswith(f"--subject checked_subjects:{name}: {says}")


@pytest.mark.usefixtures("subjects")
def test_an_interrupt_is_no_error_of_the_subject() -> None:
    result = run("--subject", "checked_subjects:interrupted")
    assert (result.exit_code, result.stderr.strip()) == (2, "interrupted: there is no answer")


@pytest.mark.usefixtures("subjects")
def test_nothing_of_a_python_subject_works_before_it_is_tried() -> None:
    result = run("--subject", "checked_subjects:Offers")
    assert result.exit_code == 0
    head, *lines = result.stdout.splitlines()
    assert head == r"a\x1b[2Jb (engine 1.0\nforged)"
    assert "  chain: offered, not tried" in lines
    assert "works" not in result.stdout
    assert json.loads(run("--subject", "checked_subjects:Offers", "--json").stdout)[
        "not_tried"
    ] == ["chain"]


@pytest.fixture
def program(tmp_path: Path) -> str:
    path = tmp_path / "codec.py"
    path.write_text(PROGRAM)
    return shlex.join([sys.executable, str(path)])


def test_a_program_whose_answers_are_wrong(program: str) -> None:
    """Their shape is right, and no more is checked; its name cannot clear a terminal."""
    result = run("--subject-command", program)
    assert result.stdout.splitlines() == [
        r"c\x1b[2J\x1b[31m\nforged: works (version 0, language P)",
        f"  decide: answers; judged by {len(clauses_that_need('decide'))} clauses",
        "  write-back: answers; judged by 1 clause",
        "  write-frame: answers; judged by 4 clauses",
        "  envelopes: answers; judged by 2 clauses",
        "  take-apart: not offered; not judged: PROGRAM-02, PROGRAM-03, PROGRAM-04, PROGRAM-05",
    ]
    assert result.exit_code == 0
    answer = json.loads(run("--subject-command", program, "--json").stdout)
    assert answer["clauses"]["write_frame"] == 4
    assert answer["answers"] == ["decide", "write_back", "write_frame", "envelopes"]
    assert "works" not in answer


def test_clauses_of_what_is_not_offered_do_not_count(tmp_path: Path) -> None:
    """The clauses on plans and on codecs: they apply to no program that has neither."""
    path = tmp_path / "codec.py"
    path.write_text(PROGRAM.replace(', "logical", "physical"', "").replace(', "envelopes"', ""))
    lines = run("--subject-command", shlex.join([sys.executable, str(path)])).stdout.splitlines()
    count = len(
        [id_ for id_ in clauses_that_need("decide") if CLAUSES[id_].needs in ("", "decide")]
    )
    assert f"  decide: answers; judged by {count} clauses" in lines
    assert 40 < count < 70


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("/nope", "expected a program, found no file /nope"),
        ("nope-nope", "expected a program, found none of this name; give a path with a slash"),
        (str(Path(__file__)), "expected a program, found a file that cannot be run; chmod +x /"),
        ("A=1 python", "expected a program, found a variable; write: env A=1 python"),
        ("'unbalanced", "No closing quotation"),
        (" ", "expected a program, found none of this name"),
    ],
)
def test_a_command_line_that_names_no_program(command: str, says: str) -> None:
    """As in `run`, the command line is wrong: no program was there to be greeted."""
    result = run("--subject-command", command)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"--subject-command {command}: {says}")


def test_a_program_that_does_not_answer_is_another_thing() -> None:
    result = run("--subject-command", shlex.join([sys.executable, "-c", ""]))
    assert result.exit_code == 21
    assert result.stdout == (
        "The program did not answer the handshake: the program ended with exit code 0\n"
    )
