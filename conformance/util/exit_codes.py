"""Exit codes of the commands, the pytest plugin and the nox sessions."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """An exit code, which has the same meaning in every command."""

    OK = 0
    FAILED = 1
    USAGE = 2
    UNMERGED = 3
    PYTEST_USAGE = 4
    NO_CASES = 5
    NO_FRAMES = 10
    WRONG_CELL = 11
    LOCKED = 12
    DAMAGED_STORE = 13
    UNREAD = 14
    PARTIAL = 15
    NOT_INSTALLED = 16
    METHODS_MISSING = 17
    UNJUDGED = 18
    NEWER = 19
    INDEX_NOT_ASKED = 20
    NO_HANDSHAKE = 21


MEANINGS = {
    ExitCode.OK: "Every clause holds or is a known divergence; `can-talk`: yes; "
    "`nox -s releases`: nothing is newer than the version table.",
    ExitCode.FAILED: "Something failed or is incomplete, or a known divergence is stale, or fixed "
    "without `--allow-fixed`; `diff`: something got worse; "
    "`inspect`: a frame is malformed, the receiver does not read it, or two files differ "
    "(`--diff`); "
    "`can-talk`: no, or only in part; `preflight`: a node does not read what you send, or not "
    "the same; `nox -s releases`: something is newer, and fails.",
    ExitCode.USAGE: "There is no answer: the command line or an input file is wrong, the answer "
    "cannot be written, or the tool itself fails or is interrupted; `diff`: the runs do not "
    "compare; `run`: the report cannot be written, though the results are printed.",
    ExitCode.UNMERGED: "`report merge`: the reports do not belong to one whole run.",
    ExitCode.PYTEST_USAGE: "pytest: the command line is wrong.",
    ExitCode.NO_CASES: "pytest: no case ran: none is selected, or the clauses need a capability "
    "that is missing.",
    ExitCode.NO_FRAMES: "The engine has no Python UDF frames: there is nothing to judge.",
    ExitCode.WRONG_CELL: "pytest: the installed versions are not those that the cell requires, "
    "or something that `--needs` names is missing.",
    ExitCode.LOCKED: "Another nox run is using this checkout; wait for it to finish.",
    ExitCode.UNREAD: "`inspect`: the bytes hold a magic that was not reached; there may be UDFs "
    "that are not shown. With `--receiver`: 1 instead, if the receiver does not read the rest.",
    ExitCode.DAMAGED_STORE: "The suite's own store of goldens is damaged: nothing can be judged.",
    ExitCode.PARTIAL: "Partial run, no verdict: nothing failed, but `-k`, a file or "
    "something else narrowed the run.",
    ExitCode.NOT_INSTALLED: "A package that the command needs, such as the engine, is not "
    "installed: nothing was done.",
    ExitCode.METHODS_MISSING: "The subject lacks methods of the interface, which are listed: no "
    "case ran.",
    ExitCode.UNJUDGED: "`can-talk`, `inspect --receiver`: nobody has judged these versions or "
    "knows what unpickling calls, the bytes are neither an expression nor a plan, or a list of "
    "requirements names another list; "
    "`preflight`: a node could not be judged, and no node is known to fail; "
    "`nox -s releases`: something is newer and was not judged, and nothing is known to fail.",
    ExitCode.NEWER: "`nox -s releases`: something is newer than the version table, and all of it "
    "holds.",
    ExitCode.INDEX_NOT_ASKED: "`nox -s releases`: the package index was not asked about "
    "everything in the version table: there may be newer releases.",
    ExitCode.NO_HANDSHAKE: "The program of `--subject-command` did not answer the handshake: no "
    "case ran.",
}
"""The meaning of each exit code, for the table in docs/exit-codes.md."""


def table() -> str:
    """Return the exit codes as a Markdown table."""
    rows = [f"| {code.value} | {MEANINGS[code]} |" for code in ExitCode]
    return "\n".join(["| Exit code | Meaning |", "| ---: | --- |", *rows, ""])
