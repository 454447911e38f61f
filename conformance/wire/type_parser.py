"""Read the text of an Arrow type; ``types`` writes it, ``golden/README.md`` has the grammar."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

import pyarrow as pa

from conformance.wire.types import LISTS, NAME, PLAIN, ZONE

_WORD = re.compile(r"[a-z][a-z0-9_]*")
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)")
_UNITS: Mapping[str, tuple[str, ...]] = {
    "timestamp": ("s", "ms", "us", "ns"),
    "duration": ("s", "ms", "us", "ns"),
    "time32": ("s", "ms"),
    "time64": ("us", "ns"),
}


class TypeNotationError(ValueError):
    """A text is not the text of a type; the message says where and what was expected."""


def parse(text: str) -> pa.DataType:
    """Return the type of a text; raise ``TypeNotationError`` for a text that is not canonical."""
    reader = _Reader(text)
    found = reader.type()
    if reader.at != len(text):
        raise reader.error("the end")
    return found


class _Reader:
    """A text, and the place up to which it was read."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def error(self, expected: str) -> TypeNotationError:
        found = repr(self.text[self.at :][:30]) if self.at < len(self.text) else "the end"
        return TypeNotationError(
            f"type {self.text!r}: expected {expected} at character {self.at}, found {found}"
        )

    def skip(self, literal: str) -> bool:
        """Step over a literal, if the text has one here."""
        found = self.text.startswith(literal, self.at)
        self.at += len(literal) if found else 0
        return found

    def need(self, literal: str) -> None:
        if not self.skip(literal):
            raise self.error(repr(literal))

    def match(self, pattern: re.Pattern[str], expected: str) -> str:
        found = pattern.match(self.text, self.at)
        if not found:
            raise self.error(expected)
        self.at = found.end()
        return found[0]

    def number(self) -> int:
        return int(self.match(_INTEGER, "an integer"))

    def size(self) -> int:
        """Read a number in brackets."""
        self.need("[")
        found = self.number()
        self.need("]")
        return found

    def choice(self, *choices: str) -> str:
        """Read the longest of these words."""
        for one in sorted(choices, key=len, reverse=True):
            if self.skip(one):
                return one
        raise self.error(f"one of {', '.join(choices)}")

    def string(self, bare: re.Pattern[str]) -> str:
        """Read a name or a time zone: bare, or as a string of JSON where it cannot be bare."""
        if self.text.startswith('"', self.at):
            found: str = self.json(str)
            if not bare.fullmatch(found):
                return found
            raise self.error(f"{found} without quotes before this place")
        return self.match(bare, "a name or a string")

    def json(self, kind: type) -> Any:
        start = self.at
        try:
            found, self.at = json.JSONDecoder().raw_decode(self.text, start)
        except ValueError:
            raise self.error("JSON") from None
        written = json.dumps(found, ensure_ascii=False)
        if not isinstance(found, kind) or written != self.text[start : self.at]:
            self.at = start
            raise self.error(f"the JSON {written}")
        return found

    def type(self) -> pa.DataType:
        for text, make in PLAIN.items():
            if self.skip_word(text):
                return getattr(pa, make)()
        start = self.at
        word = self.match(_WORD, "a type")
        reader = _PARAMETRIC.get(word)
        if reader is None:
            self.at = start
            raise self.error("a type")
        try:
            return reader(self, word)
        except (ValueError, TypeError, OverflowError, pa.ArrowException) as error:
            if isinstance(error, TypeNotationError):
                raise
            raise TypeNotationError(f"type {self.text!r}: {error}") from None

    def skip_word(self, word: str) -> bool:
        """Step over a whole word, which no letter, digit or bracket continues."""
        found = re.compile(rf"{re.escape(word)}(?![\w\[<(])").match(self.text, self.at)
        self.at = found.end() if found else self.at
        return bool(found)

    def field(self) -> pa.Field:
        name = self.string(NAME)
        self.need(": ")
        type_ = self.type()
        nullable = not self.skip(" not null")
        metadata: dict[str, Any] | None = None
        if self.skip(" {"):
            self.at -= 1
            start = self.at
            metadata = self.json(dict)
            texts = all(isinstance(one, str) for one in metadata.values())
            if not texts or list(metadata) != sorted(metadata):
                self.at = start
                raise self.error("metadata of strings, sorted,")
        return pa.field(name, type_, nullable=nullable, metadata=metadata)

    def fields(self, more: Callable[[], None] = lambda: None) -> list[pa.Field]:
        """Read fields up to ``>``; ``more`` reads what follows each of them."""
        found: list[pa.Field] = []
        while not self.skip(">"):
            if found:
                self.need(", ")
            found.append(self.field())
            more()
        return found


def _with_unit(reader: _Reader, word: str) -> pa.DataType:
    reader.need("[")
    unit = reader.choice(*_UNITS[word])
    zone = (reader.string(ZONE),) if word == "timestamp" and reader.skip(", tz=") else ()
    reader.need("]")
    return getattr(pa, word)(unit, *zone)


def _decimal(reader: _Reader, word: str) -> pa.DataType:
    reader.need("(")
    precision = reader.number()
    reader.need(", ")
    scale = reader.number()
    reader.need(")")
    return getattr(pa, word)(precision, scale)


def _fixed_size_binary(reader: _Reader, _: str) -> pa.DataType:
    return pa.binary(reader.size())


def _list(reader: _Reader, word: str) -> pa.DataType:
    reader.need("<")
    field = reader.field()
    reader.need(">")
    if word == "fixed_size_list":
        return pa.list_(field, reader.size())
    return getattr(pa, "list_" if word == "list" else word)(field)


def _struct(reader: _Reader, _: str) -> pa.DataType:
    reader.need("<")
    return pa.struct(reader.fields())


def _map(reader: _Reader, _: str) -> pa.DataType:
    reader.need("<")
    key = reader.field()
    reader.need(", ")
    item = reader.field()
    keys_sorted = reader.skip(", keys_sorted")
    reader.need(">")
    return pa.map_(key, item, keys_sorted=keys_sorted)


def _union(reader: _Reader, word: str) -> pa.DataType:
    codes: list[int] = []

    def code() -> None:
        reader.need("=")
        codes.append(reader.number())

    reader.need("<")
    return getattr(pa, word)(reader.fields(code), codes)


def _dictionary(reader: _Reader, _: str) -> pa.DataType:
    reader.need("<values=")
    values = reader.type()
    reader.need(", indices=")
    indices = reader.type()
    reader.need(", ordered=")
    ordered = reader.choice("0", "1") == "1"
    reader.need(">")
    return pa.dictionary(indices, values, ordered)


def _runs(reader: _Reader, _: str) -> pa.DataType:
    reader.need("<run_ends: ")
    ends = reader.type()
    reader.need(", values: ")
    values = reader.type()
    reader.need(">")
    return pa.run_end_encoded(ends, values)


_PARAMETRIC: Mapping[str, Callable[[_Reader, str], pa.DataType]] = {
    **dict.fromkeys(_UNITS, _with_unit),
    **{f"decimal{bits}": _decimal for bits in (32, 64, 128, 256)},
    **dict.fromkeys((*LISTS, "fixed_size_list"), _list),
    "fixed_size_binary": _fixed_size_binary,
    "struct": _struct,
    "map": _map,
    "sparse_union": _union,
    "dense_union": _union,
    "dictionary": _dictionary,
    "run_end_encoded": _runs,
}
