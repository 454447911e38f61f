"""Write a script out of recorded calls: the last one, and those on which it depends."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

_ON_ALL = ("set_worker_ctx", "set_sender_ctx", "clear_worker_ctx", "clear_sender_ctx")
"""Functions that change what later calls do, whatever their arguments."""

_ON_RECEIVER = ("register_", "deregister_", "set_", "sql")
"""Methods that change their object begin with one of these."""

_SCREEN = 60
"""The number of lines of a script at most."""


@dataclass
class _Statement:
    """A recorded statement; ``result`` is the name of what it returns, if that has one."""

    text: str
    function: str = ""
    receiver: str = ""
    uses: Sequence[str] = ()
    imports: Sequence[str] = ()
    missing: Sequence[str] = ()
    result: str = ""
    defines: bool = False

    @property
    def line(self) -> str:
        return f"{self.result} = {self.text}" if self.result and not self.defines else self.text


def read_script(path: Path) -> str:
    """Return the script of the calls that ``record_calls`` wrote to ``path``.

    It is empty if there was no call, or if the last one needs more than a screen.
    """
    statements: list[_Statement] = []
    for line in path.read_text(encoding="utf-8").splitlines(keepends=True):
        if not line.endswith("\n"):
            break  # the process ended while it wrote
        record = json.loads(line)
        if "text" in record:
            statements.append(_Statement(**record))
        else:
            statements[-1].result = record["result"]
    kept = _needed(statements)
    if not kept:
        return ""
    missing = sorted({name for one in kept for name in one.missing})
    notes = ["# The last call of the case, and those on which it depends."]
    notes += [f"# ... is in place of what has no source: {', '.join(missing)}"] if missing else []
    imports = _merged({line for one in kept for line in one.imports})
    body = [*(one.line for one in kept[:-1]), f"print({kept[-1].text})"]
    lines = "\n".join([*notes, *imports, "", *body]).splitlines()
    return "\n".join(lines) if len(lines) <= _SCREEN else ""


def _needed(statements: Sequence[_Statement]) -> list[_Statement]:
    """Return the last call and the earlier statements on which it depends, in order."""
    calls = [number for number, one in enumerate(statements) if not one.defines]
    if not calls:
        return []
    last = statements[calls[-1]]
    needed, kept = set(last.uses), [last]
    for one in reversed(statements[: calls[-1]]):
        changes = one.function in _ON_ALL or (
            one.function.startswith(_ON_RECEIVER) and one.receiver in needed
        )
        if one.result in needed or changes:
            needed |= set(one.uses)
            kept.insert(0, one)
    return kept


def _merged(imports: Iterable[str]) -> list[str]:
    """Return the lines that import all names, with one line for the names of a module."""
    names: dict[str, list[str]] = {}
    for line in sorted(imports):
        module, _, name = line.partition(" import ")
        names.setdefault(module, []).extend([name] if name else [])
    merged = [f"{one} import {', '.join(names[one])}" if names[one] else one for one in names]
    return sorted(merged, key=lambda line: (line.startswith("from"), line))
