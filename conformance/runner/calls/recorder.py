"""Record the calls of ``datafusion`` that one thread makes."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, TextIO

import pyarrow as pa

from conformance.runner.calls.public import Public, public_functions
from conformance.runner.calls.source import Source
from conformance.runner.calls.text import text_of_call

_PREFIXES: Mapping[str, str] = {
    "SessionContext": "ctx",
    "Expr": "expr",
    "DataFrame": "frame",
    "LogicalPlan": "plan",
    "ExecutionPlan": "plan",
    "ScalarUDF": "f",
    "AggregateUDF": "f",
    "WindowUDF": "f",
    "bytes": "data",
}
"""The names of objects by their type: a number follows."""


@contextmanager
def record_calls(path: Path) -> Iterator[None]:
    """Write the calls of ``datafusion`` that this thread makes to ``path``, a line of JSON each.

    A line is written before its call, and so remains of a call that ends or hangs the process.
    Calls that other calls make are left out.
    """
    with path.open("w", encoding="utf-8") as lines:
        recorder = _Recorder(lines)
        sys.setprofile(recorder)
        try:
            yield
        finally:
            sys.setprofile(None)


class _Recorder:
    """A profile function; it holds all objects that got a name, so that no id is used twice."""

    def __init__(self, lines: TextIO) -> None:
        self._lines = lines
        self._public = public_functions()
        self._open: FrameType | None = None
        self._names: dict[int, str] = {}
        self._held: list[Any] = []
        self._counts: dict[str, int] = {}
        self._defined: dict[str, str] = {}

    def __call__(self, frame: FrameType, event: str, value: Any) -> None:
        if self._open is None:
            if event == "call" and (public := self._public.get(frame.f_code)):
                self._open = frame
                self._begin(public, frame)
        elif event == "return" and frame is self._open:
            self._end(frame, value)
            self._open = None

    def _begin(self, public: Public, frame: FrameType) -> None:
        source = Source(self._names, self._define)
        text, receiver = text_of_call(public, frame, source)
        if public.imports:
            source.imports.add(public.imports)
        self._write(
            text=text,
            function=public.name,
            receiver=receiver,
            uses=sorted(source.uses),
            imports=sorted(source.imports),
            missing=sorted(source.missing),
        )

    def _end(self, frame: FrameType, value: Any) -> None:
        if frame.f_code.co_name == "__init__":
            value = frame.f_locals["self"]
        members = value if isinstance(value, (list, tuple)) else ()
        if _has_identity(value) or any(map(_has_identity, members)):
            name = self._name(_PREFIXES.get(type(value).__name__, "value"))
            self._hold(value, name)
            for index, member in enumerate(members):
                if _has_identity(member):
                    self._hold(member, f"{name}[{index}]")
            self._write(result=name)

    def _hold(self, value: Any, name: str) -> None:
        if isinstance(value, bytes):  # equal bytes are as good as these
            self._defined.setdefault(Source.of_bytes(value), name)
        self._held.append(value)
        self._names[id(value)] = name

    def _name(self, prefix: str) -> str:
        self._counts[prefix] = self._counts.get(prefix, 0) + 1
        return f"{prefix}{self._counts[prefix]}"

    def _define(self, name: str, text: str, imports: str) -> str:
        """Write a definition once; ``data`` gets a number."""
        if text not in self._defined:
            made = self._name(name) if name == "data" else name
            self._defined[text] = made
            assignment = f"{made} = {text}" if name == "data" else text
            self._write(text=assignment, result=made, imports=imports.splitlines(), defines=True)
        return self._defined[text]

    def _write(self, **line: Any) -> None:
        self._lines.write(json.dumps(line) + "\n")
        self._lines.flush()


def _has_identity(value: Any) -> bool:
    """Return whether a later call can get this very object as an argument."""
    if isinstance(value, (bytes, pa.RecordBatch, pa.Table)):
        return True
    type_ = type(value)
    return type_.__module__.partition(".")[0] == "datafusion" or type_.__name__ == "PyCapsule"
