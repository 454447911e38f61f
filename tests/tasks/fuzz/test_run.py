"""The output of a run, the signatures of its findings, and the corpus."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner

from conformance.hostile import corpus
from conformance.hostile.corpus import CorpusEntry, entries
from conformance.hostile.mutations import Input
from conformance.util.records import SpecError
from tasks.fuzz.__main__ import main
from tasks.fuzz.forks import CRASH, HANG, PANIC, Violation
from tasks.fuzz.reduce import minimise
from tasks.fuzz.run import FuzzFinding
from tasks.fuzz.show import finding
from tasks.fuzz.signature import signature

RUST = "/root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/arrow-ipc-{}/src/convert.rs"


def _panic(version: str, line: int, message: str) -> Violation:
    text = (
        f"PanicException: {message}\n\nthread '<unnamed>' panicked at {RUST}:{line}:3:\n{message}"
    )
    return Violation(0, "strict", PANIC, text.format(version))


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (
            _panic(
                "59.3.0", 12, "Int type with bit width of 2112 and signed of true not supported"
            ),
            "panic: arrow-ipc/src/convert.rs, "
            "Int type with bit width of N and signed of N not supported",
        ),
        (
            _panic("58.0.0-rc.1", 99, "called `Option::unwrap()` on a `None` value"),
            "panic: arrow-ipc/src/convert.rs, called `Option::unwrap()` on a `None` value",
        ),
        (
            _panic("58.0.0", 1, 'no field named "\x00hostile"'),
            "panic: arrow-ipc/src/convert.rs, no field named",
        ),
        (
            Violation(
                0, "strict", CRASH, "died of SIGABRT\nmemory allocation of 77 bytes failed\n"
            ),
            "crash: logical, SIGABRT, memory allocation of N bytes failed",
        ),
        (
            Violation(
                0, "strict", CRASH, "died of SIGSEGV\nFatal Python error: Segmentation fault\n"
            ),
            "crash: logical, SIGSEGV, Segmentation fault",
        ),
        (Violation(0, "strict", HANG, "no end after 5 s\n"), "hang: logical"),
        (
            Violation(0, "strict", CRASH, "ended with exit code 3\n"),
            "crash: logical, ended with exit code 3",
        ),
    ],
)
def test_a_signature_leaves_out_what_varies(seen: Violation, expected: str) -> None:
    assert signature(seen, "chain-logical") == expected


def test_reduction_keeps_what_does_it() -> None:
    def probe(tried: Sequence[bytes]) -> Sequence[bool]:
        return [b"\x07" in one and b"\x09" in one for one in tried]

    assert minimise(bytes(range(200)) * 3, probe) == b"\x07\x09"


def test_reduction_ends_with_its_budget() -> None:
    asked: list[int] = []

    def probe(tried: Sequence[bytes]) -> Sequence[bool]:
        asked.append(len(tried))
        return [True] * len(tried)

    minimise(bytes(1 << 16), probe, budget=50)
    assert sum(asked) <= 64


def test_a_run_of_known_findings_ends_with_0(tmp_path: Path) -> None:
    """The corpus has every finding of the installed engine; the figures are printed as JSON."""
    figures = tmp_path / "figures.json"
    options = ["--examples", "500", "--json", str(figures), "--out", str(tmp_path)]
    run = CliRunner().invoke(main, ["run", *options])
    assert run.exit_code == 0, run.output
    result = json.loads(figures.read_text())
    assert result["inputs"] == sum(one["inputs"] for one in result["families"].values()) == 500
    assert result["target"] == "datafusion"
    assert all(one["known"] for one in result["findings"])
    for family in result["families"].values():
        done = {key: count for key, count in family.items() if not key.endswith(("s", "attempted"))}
        assert sum(done.values()) == 2 * family["inputs"]


def test_keep_adds_an_entry_once(tmp_path: Path) -> None:
    known = next(iter(entries().values()))
    found, kept = tmp_path / "one.json", tmp_path / "corpus.toml"
    found.write_text(json.dumps(known.__dict__))
    command = ["keep", str(found), "--id", "better", "--engines", ">=1", "--corpus", str(kept)]
    assert CliRunner().invoke(main, command).exit_code == 0
    (entry,) = entries(kept).values()
    assert (entry.id, entry.engines, entry.data) == ("better", ">=1", known.data)
    again = CliRunner().invoke(main, command)
    assert (again.exit_code, "better exists already" in again.output) == (2, True)


@pytest.mark.parametrize("command", ["keep", "replay"])
@pytest.mark.parametrize("content", [b"\x9a\x00", b"{}", b"[]", b"no JSON"])
def test_a_file_that_is_no_finding_is_one_clear_error(
    tmp_path: Path, command: str, content: bytes
) -> None:
    path = tmp_path / "found.bin"
    path.write_bytes(content)
    result = CliRunner().invoke(main, [command, str(path)])
    assert (result.exit_code, f"{path}: not a finding" in result.output) == (2, True)


def test_the_corpus_is_whole() -> None:
    assert sum(len(entry.data) for entry in entries().values()) < 100_000


@pytest.mark.parametrize("text", ["", "QUJD", "QUJDRA"])
def test_bytes_that_are_not_those_that_were_kept(tmp_path: Path, text: str) -> None:
    """One byte less, and base64 without its end."""
    path = tmp_path / "corpus.toml"
    sha256 = "e12e115acf4552b2568b55e93cbd39394c4ef81c82447fafc997882a02d23677"  # of b"ABCD"
    entry = CorpusEntry("x", "panic: y", "logical", ("strict",), "", sha256, "QUJDRA==", "z")
    corpus.add_entry(entry, path)
    assert entries(path)["x"].data == b"ABCD"
    path.write_text(path.read_text().replace("QUJDRA==", text))
    entries.cache_clear()
    with pytest.raises(SpecError, match=r"entry x: (Incorrect padding|the bytes do not have the)"):
        _ = entries(path)["x"].data


def test_a_finding_that_does_not_show_again_says_so() -> None:
    """A machine that pauses for seconds looks like a hang, once."""
    one = FuzzFinding(
        "hang: logical", Input("logical", b"\x0a", "x", "y"), Violation(0, "strict", HANG, "")
    )
    assert "\nread as      logical, no mode again: the input alone" in finding(one, Path("x"), ())
    one.modes = {"strict", "inlining"}
    assert "\nread as      logical, inlining, strict\n" in finding(one, Path("x"), ())
