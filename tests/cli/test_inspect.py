"""The command ``inspect``: what it prints, and its exit codes."""

from __future__ import annotations

import base64
import json
import os
import pickle
import sys
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner, Result

from conformance.cli import main
from tests.wire.samples import REAL, field

EXPRESSION = REAL["scalar-expr"]
SAME = "datafusion==55.0.0,cloudpickle==3.1.2,python==3.12"


def run(*arguments: str, data: bytes | None = None) -> Result:
    return CliRunner().invoke(main, ["inspect", *arguments], input=data)


def test_the_summary_is_one_screen(tmp_path: Path) -> None:
    path = tmp_path / "expression.bin"
    path.write_bytes(EXPRESSION)
    result = run(str(path))
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    assert lines[:2] == [f"{path}: protobuf, 884 bytes", "  1 Python UDF inline"]
    assert "  wire version 1, Python 3.12" in lines
    assert "scalar UDF 'double' (arg_0: int64 null) -> value: int64 null" in result.output
    assert "  every Python but 3.12" in lines
    assert len(lines) < 24
    assert "STACK_GLOBAL" not in result.output


def test_many_equal_udfs_are_one(tmp_path: Path) -> None:
    path = tmp_path / "many.bin"
    path.write_bytes(b"".join(field(2, EXPRESSION) for _ in range(2_000)))
    result = run(str(path))
    assert result.exit_code == 0, result.output
    assert "2000 Python UDFs inline" in result.output
    assert "1 and 1999 more: scalar UDF 'double'" in result.output
    assert len(result.output.splitlines()) < 24


def test_opcodes_and_bytes_come_on_request() -> None:
    result = run("--opcodes", "--hex", "-", data=EXPRESSION)
    assert result.exit_code == 0, result.output
    assert "  851 STOP" in result.output.splitlines()
    assert "44 46 50 59 55 44 46" in result.output
    assert "wire version" in result.output


def test_json_is_one_document_for_all_files(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.bin", tmp_path / "bad.bin"
    good.write_bytes(EXPRESSION)
    bad.touch()
    result = run("--json", str(good), str(bad))
    assert result.exit_code == 2
    document = json.loads(result.stdout)
    assert (document["schema"], document["version"]) == ("dfpy-conformance/inspect", 1)
    first, second = document["files"]
    assert (first["file"], [one["kind"] for one in first["udfs"]]) == (str(good), ["scalar UDF"])
    assert second == {"file": str(bad), "error": "the file is empty"}


def test_garbage_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "garbage.bin"
    path.write_bytes(b"\xff\xff\xff")
    result = run(str(path))
    assert result.exit_code == 2
    assert result.output.startswith(f"{path}: MalformedProtobuf: ")
    assert result.output.count("\n") == 1


@pytest.mark.parametrize("name", ["none.bin", "."])
def test_a_file_that_cannot_be_read(tmp_path: Path, name: str) -> None:
    result = run(str(tmp_path / name))
    assert result.exit_code == 2
    assert result.output.startswith(str(tmp_path / name).rstrip("."))
    assert result.output.count("\n") == 1


@pytest.mark.parametrize("options", [[], ["--diff"]], ids=["whole", "diff"])
def test_a_file_without_an_end(monkeypatch: pytest.MonkeyPatch, options: list[str]) -> None:
    monkeypatch.setattr(sys.modules["conformance.cli.inspect"], "MOST", 1000)
    result = run(*options, "/dev/zero", *["/dev/null"] * len(options))
    assert result.exit_code == 2
    assert result.output == "/dev/zero: more than 1,000 bytes, which this tool does not read\n"


def test_several_files_whatever_one_of_them_is(tmp_path: Path) -> None:
    good, empty, none = (tmp_path / name for name in ("good.bin", "empty.bin", "none.bin"))
    good.write_bytes(EXPRESSION)
    empty.touch()
    result = run(*map(str, (none, empty, good)))
    assert result.exit_code == 2
    assert f"{empty}: the file is empty\n" in result.output
    assert f"{good}: protobuf" in result.output
    assert "scalar UDF 'double'" in result.output


def test_a_frame_that_is_malformed() -> None:
    result = run("-", data=b"DFPYUDF\x01")
    assert result.exit_code == 1
    assert "! TruncatedHeader" in result.output
    assert "every engine: UDF 1 is malformed" in result.output


@pytest.mark.parametrize(
    ("text", "message"),
    [(EXPRESSION.hex().encode(), "hex text"), (base64.encodebytes(EXPRESSION), "base64 text")],
)
def test_bytes_that_are_text(text: bytes, message: str) -> None:
    for options in ((), ("--receiver", SAME)):
        result = run(*options, "-", data=text)
        assert result.exit_code == 2
        assert f"it looks like {message}: decode it first" in result.output
    protobuf = b"Aabcdefgh" * 4
    assert run("--receiver", SAME, "-", data=protobuf).exit_code == 18


def test_diff_has_the_hint_too(tmp_path: Path) -> None:
    for name in ("old", "new"):
        (tmp_path / name).write_bytes(EXPRESSION.hex().encode())
    result = run("--diff", str(tmp_path / "old"), str(tmp_path / "new"))
    assert result.exit_code == 2
    assert "; it looks like hex text: decode it first" in result.output


@pytest.mark.parametrize(
    ("receiver", "code", "sentence"),
    [
        (SAME, 0, "Yes, by the clauses: datafusion 55.0.0"),
        (SAME.replace("55.0.0", "54.1.0"), 0, "no newer engine than 54.1.0 on the sender"),
        (SAME.replace("3.12", "3.11"), 1, "inline UDFs of Python 3.12 do not run on Python 3.11"),
        (SAME.replace("3.1.2", "2.2.1"), 1, "the payload needs cloudpickle >=3.0"),
        (SAME.replace("55.0.0", "99.0.0"), 18, "this suite has not judged datafusion 99.0.0"),
        (f"{SAME},pyarrow==3", 18, "this suite has not judged pyarrow 3.0.0 on Python 3.12"),
        (f"{SAME},pyarrow==20.0.0", 0, "Yes, by the clauses: datafusion 55.0.0"),
        ("python==3.12", 2, "the version of datafusion is missing"),
    ],
)
def test_a_receiver(receiver: str, code: int, sentence: str) -> None:
    result = run("--receiver", receiver, "-", data=EXPRESSION)
    assert (result.exit_code, sentence in result.output) == (code, True), result.output


def test_a_known_no_counts_more_than_what_is_not_judged(tmp_path: Path) -> None:
    contents = {"unknown.bin": b"\x08\x01", "known.bin": EXPRESSION}
    paths = [tmp_path / name for name in contents]
    for path, data in zip(paths, contents.values(), strict=True):
        path.write_bytes(data)
    result = run("--receiver", SAME.replace("3.12", "3.11"), *map(str, paths))
    assert "Not judged" in result.output
    assert result.exit_code == 1


def test_a_receiver_of_bytes_that_are_not_read_to_the_end() -> None:
    data = EXPRESSION[:100]
    result = run("--receiver", SAME, "-", data=data)
    assert result.exit_code == 14
    assert "Not judged" in result.output


def test_a_no_is_certain_whatever_was_not_reached(tmp_path: Path) -> None:
    junk = b"\xa2\x01\x15\x1a\x13DFPYCHN\x01\xff\xff\xff\xffDFPYUDF"
    cut = EXPRESSION[:100]
    assert run("-", data=junk).exit_code == 14
    result = run("--receiver", SAME, "-", data=junk)
    assert (result.exit_code, "envelope 1 is malformed" in result.output) == (1, True)
    paths = [tmp_path / "junk.bin", tmp_path / "cut.bin"]
    for path, data in zip(paths, (junk, cut), strict=True):
        path.write_bytes(data)
    assert run("--receiver", SAME, *map(str, paths)).exit_code == 1
    assert run(*map(str, paths)).exit_code == 14
    assert run("--receiver", SAME, *map(str, paths), str(tmp_path / "none.bin")).exit_code == 2


def test_a_payload_that_is_too_large_is_not_malformed() -> None:
    data = EXPRESSION[:PAYLOAD] + b"\x80\x04" + b")0" * 150_001 + b"N."
    frame = data[PAYLOAD - 10 :]
    assert frame.startswith(b"DFPYUDF")
    assert run("-", data=frame).exit_code == 2
    result = run("--receiver", SAME, "-", data=frame)
    assert (result.exit_code, "Not judged" in result.output) == (2, True)
    assert "malformed" not in result.output


class Main:
    """A class that a pickle names as one of the main program."""


Main.__module__ = "__main__"


@pytest.mark.parametrize(
    ("value", "code", "sentence"),
    [
        (Main, 1, "only the sender's main program has __main__.Main"),
        (os.system, 18, "unpickling may call posix.system"),
        (jsonschema.validate, 0, "cloudpickle, jsonschema"),
    ],
)
def test_what_a_pickle_imports_itself(
    monkeypatch: pytest.MonkeyPatch, value: object, code: int, sentence: str
) -> None:
    monkeypatch.setattr(sys.modules["__main__"], "Main", Main, raising=False)
    result = run("--receiver", SAME, "-", data=pickle.dumps([value, EXPRESSION], 5))
    assert (result.exit_code, sentence in result.output) == (code, True), result.output
    assert "the pickle itself" in result.output


def compare(tmp_path: Path, old: bytes, new: bytes, *options: str) -> Result:
    paths = [tmp_path / "old.bin", tmp_path / "new.bin"]
    for path, data in zip(paths, (old, new), strict=True):
        path.write_bytes(data)
    return run("--diff", *map(str, paths), *options)


def test_the_same_bytes(tmp_path: Path) -> None:
    result = compare(tmp_path, EXPRESSION, EXPRESSION)
    assert (result.exit_code, result.output) == (0, "the same bytes\n")


def test_what_differs_by_frame_and_field(tmp_path: Path) -> None:
    new = EXPRESSION.replace(b"DFPYUDF\x01\x03\x0c", b"DFPYUDF\x01\x03\x0b")
    new = new.replace(b"\x8c\x06double", b"\x8c\x06triple")
    result = compare(tmp_path, EXPRESSION, new)
    assert result.exit_code == 1
    assert "frame 1, header, python\n  - (3, 12)\n  + (3, 11)\n" in result.output
    assert "frame 1, tuple, name\n  - 'double'\n  + 'triple'\n" in result.output


def test_what_nothing_reads_is_the_same_in_meaning(tmp_path: Path) -> None:
    """A length in a longer form differs in bytes only."""
    tag, length, rest = EXPRESSION[:2], EXPRESSION[2:4], EXPRESSION[4:]
    longer = tag + bytes((length[0], length[1] | 0x80, 0)) + rest
    result = compare(tmp_path, EXPRESSION, longer)
    assert result.exit_code == 0
    assert result.output.startswith("bytes outside of all fields\n")
    assert result.output.endswith("the same in meaning\n")
    found = json.loads(compare(tmp_path, EXPRESSION, longer, "--json").output)
    assert (found["same_bytes"], found["equal"]) == (False, True)
    assert [one["unread"] for one in found["differences"]] == [True]


def test_another_field_around_the_frames_is_different(tmp_path: Path) -> None:
    result = compare(tmp_path, EXPRESSION, EXPRESSION + field(200, b"more"))
    assert result.exit_code == 1
    assert "protobuf around the frames" in result.output


def test_a_file_that_cannot_be_compared(tmp_path: Path) -> None:
    result = compare(tmp_path, EXPRESSION, b"no format")
    assert result.exit_code == 2
    assert "new.bin: not compared: MalformedProtobuf" in result.output
    result = run("--diff", "one.bin")
    assert result.exit_code == 2
    assert "--diff: expected two FILEs, found 1." in result.output


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (["--diff", "--receiver", SAME], "--diff and --receiver:"),
        (["--diff", "--receiver", ""], "--diff and --receiver:"),
        (["--diff", "--html", "-o", "page.html"], "--diff and --html, -o:"),
        (["--diff", "-o", "page.html"], "--diff and -o:"),
        (["--diff", "--all", "--opcodes", "--hex"], "--diff and --all, --opcodes, --hex:"),
        (["--html", "-o", "page.html", "--all"], "--html and --all:"),
        (["--json", "--hex"], "--json and --hex:"),
    ],
)
def test_options_that_one_of_them_would_ignore(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], named: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.bin").write_bytes(EXPRESSION)
    result = run(*options, "a.bin", "a.bin")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"{named} options that do not go together\n"
    assert [*tmp_path.iterdir()] == [tmp_path / "a.bin"]


def test_a_receiver_without_a_version_is_not_ignored() -> None:
    result = run("--receiver", "", "-", data=EXPRESSION)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "the version of datafusion is missing" in result.stderr


def test_the_answer_is_printed_beside_a_page(tmp_path: Path) -> None:
    pytest.importorskip("jinja2")
    receiver = SAME.replace("3.12", "3.11")
    page = str(tmp_path / "page.html")
    result = run("--html", "-o", page, "--receiver", receiver, "-", data=EXPRESSION)
    assert result.exit_code == 1
    assert result.stdout.startswith("-: No: datafusion 55.0.0")


PAYLOAD = EXPRESSION.index(b"DFPYUDF") + 10
FRAME_LENGTH = slice(PAYLOAD + 3, PAYLOAD + 11)


def longer_frame() -> bytes:
    """Return the expression with a pickle frame that is one byte longer than the payload."""
    assert EXPRESSION[PAYLOAD + 2 : PAYLOAD + 3] == b"\x95"
    length = int.from_bytes(EXPRESSION[FRAME_LENGTH], "little") + 1
    changed = bytearray(EXPRESSION)
    changed[FRAME_LENGTH] = length.to_bytes(8, "little")
    return bytes(changed)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (EXPRESSION.replace(b"immutable", b"immuta`le"), "volatility is wrong"),
        (longer_frame(), "at byte 2: FRAME of 842 bytes, of which 841 are left"),
    ],
)
def test_damage_that_is_seen_without_unpickling(data: bytes, message: str) -> None:
    assert data != EXPRESSION
    result = run("--receiver", SAME, "-", data=data)
    assert result.exit_code == 1, result.output
    assert message in result.output
    assert "No: datafusion 55.0.0" in result.output
    assert "UDF 1 is malformed" in result.output
    assert run("-", data=data).exit_code == 1


def test_a_module_that_cannot_be_is_not_judged() -> None:
    data = EXPRESSION.replace(b"cloudpickle.cloudpickle", b"cloudpickle/cloudpickle")
    result = run("--receiver", SAME, "-", data=data)
    assert result.exit_code == 18
    assert "unpickling imports 'cloudpickle/cloudpickle._make_function'" in result.output


def test_the_answer_cannot_draw_on_the_terminal() -> None:
    runner = CliRunner()
    data = b"\x80\x02cos\n\x1b[31mevil\n)R."
    result = runner.invoke(main, ["inspect", "--receiver", SAME, "-"], input=data, color=True)
    assert result.exit_code == 18
    assert "unpickling calls os.\\x1b[31mevil, and whether that succeeds" in result.output
    assert "\x1b" not in result.output


def test_a_pickle_with_a_frame_that_is_too_long_is_not_judged() -> None:
    data = bytearray(pickle.dumps([EXPRESSION], 5))
    assert data[2] == 0x95
    data[3] += 1
    result = run("--receiver", SAME, "-", data=bytes(data))
    assert result.exit_code == 2
    assert "MalformedPickle: not a readable pickle at byte 2: FRAME of" in result.stderr
    assert "Not judged: datafusion 55.0.0" in result.stdout
    assert "scalar UDF 'double'" in result.stdout


def lines(text: bytes) -> bytes:
    return b"\n".join(text[at : at + 60] for at in range(0, len(text), 60)) + b"\n"


TEXTS = {
    "hex": EXPRESSION.hex().encode(),
    "hex in lines": lines(EXPRESSION.hex().encode()),
    "hex with blanks": EXPRESSION.hex(" ").encode(),
    "base64": base64.b64encode(EXPRESSION),
    "base64 in lines": base64.encodebytes(EXPRESSION),
    "base64 without its end": base64.b64encode(EXPRESSION).rstrip(b"="),
    "base64 for addresses": base64.urlsafe_b64encode(EXPRESSION),
    "nothing": b"",
}
"""What is no protobuf."""
FIELDS = {
    "empty lines": b"\n" * 12,
    "letters": b"aaaaaaaaa",
    "few letters": b"aaaaaaaaa"[:5] + b"\n" * 4,
    "numbers": b"\x08\x01",
    "a text in a field": field(1, b"hello"),
    "a fixed number": b"\x61" + bytes(8),
}
"""What happens to parse as protobuf."""


@pytest.mark.parametrize("name", [*TEXTS, *FIELDS])
def test_what_is_no_artifact_gets_no_yes(name: str) -> None:
    data = {**TEXTS, **FIELDS}[name]
    for receiver in (SAME, "here"):
        result = run("--receiver", receiver, "-", data=data)
        assert result.exit_code == (2 if name in TEXTS else 18), result.output
        assert "Yes" not in result.output
        found = json.loads(run("--json", "--receiver", receiver, "-", data=data).stdout)
        (one,) = found["files"]
        assert one.get("receiver", {"reads": "not judged"})["reads"] == "not judged"


@pytest.mark.parametrize(
    "data",
    [b"\x0a\x03\x0a\x01a", bytes.fromhex("1a020801"), pickle.dumps([1])],
    ids=["a column", "a literal", "a pickle"],
)
def test_an_artifact_without_a_frame_is_read(data: bytes) -> None:
    result = run("--receiver", SAME, "-", data=data)
    assert (result.exit_code, "Yes, by the clauses" in result.output) == (0, True), result.output


@pytest.mark.parametrize("arguments", [("-", "-"), ("--diff", "-", "-")])
def test_standard_input_is_read_once(arguments: tuple[str, ...]) -> None:
    found = run(*arguments, data=EXPRESSION)
    assert found.exit_code == 2
    assert found.stderr == "-: standard input is read once: expected once, found more often\n"
