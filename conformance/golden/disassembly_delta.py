"""Deltas between disassemblies: a group of goldens stores one text in full, the others as deltas.

A delta names its base and then lists hunks: ``@@ first line, number of lines`` in the base, the
heading above them, and the changed text as ``[-removed-]{+added+}``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from difflib import SequenceMatcher

_BASE = re.compile(r"as (\S+), but for\n")
_HUNK = re.compile(r"^@@ (\d+),(\d+)( .*)?\n", re.MULTILINE)
_REMOVED = re.compile(r"\[-.*?-\]", re.DOTALL)
_ADDED = re.compile(r"\{\+(.*?)\+\}", re.DOTALL)
_TOKEN = re.compile(r"\s+|[^\s,]+|,")


def encode_delta(text: str, name: str, base: str) -> str:
    """Return ``text`` as a delta against ``base``, which is stored under ``name``.

    Return ``text`` itself if the delta is not shorter or cannot be applied without loss.
    """
    short = f"as {name}, but for\n" + "".join(_hunks(_lines(base), _lines(text)))
    return short if len(short) < len(text) and apply_delta(short, lambda _: base) == text else text


def encode_group(texts: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Yield the stored form of each disassembly: in full, or a delta against an earlier one."""
    whole: dict[str, str] = {}
    for name, text in texts:
        short = [encode_delta(text, other, base) for other, base in whole.items()]
        best = min([text, *short], key=len)
        if best == text:
            whole[name] = text
        yield best


def apply_delta(text: str, read: Callable[[str], str]) -> str:
    """Return the full disassembly; ``read`` returns the base that a delta names."""
    first = _BASE.match(text)
    if first is None:
        return text
    lines, end, whole = _lines(read(first[1])), 0, []
    for place, part in _split_hunks(text[first.end() :]):
        start = int(place[1]) - 1
        new = _ADDED.sub(r"\1", _REMOVED.sub("", part.removesuffix("\n")))
        whole += [*lines[end:start], new and f"{new}\n"]
        end = start + int(place[2])
    return "".join([*whole, *lines[end:]])


def heading(lines: list[str], number: int, line: str) -> str | None:
    """Return the heading of ``line``, or the heading that it would have as number ``number``."""
    above = (one.strip() for one in reversed(lines[:number]) if 0 <= _indent(one) < _indent(line))
    return next(above, None)


def _split_hunks(text: str) -> Iterator[tuple[re.Match[str], str]]:
    places = list(_HUNK.finditer(text))
    ends = [*(place.start() for place in places[1:]), len(text)]
    for place, end in zip(places, ends, strict=False):
        yield place, text[place.end() : end]


def _hunks(old: list[str], new: list[str]) -> Iterator[str]:
    for tag, start, end, first, last in SequenceMatcher(
        None, old, new, autojunk=False
    ).get_opcodes():
        if tag == "equal":
            continue
        under = heading(old, start, (old[start:end] or new[first:last])[0]) or ""
        yield f"@@ {start + 1},{end - start} {under.partition(':')[0]}".rstrip() + "\n"
        removed, added = ("".join(part)[:-1] for part in (old[start:end], new[first:last]))
        yield f"{_mark_changes(removed, added)}\n"


def _mark_changes(old: str, new: str) -> str:
    """Return ``new`` with removed and added tokens marked."""
    one, other = _TOKEN.findall(old), _TOKEN.findall(new)
    marked = ""
    for _, start, end, first, last in SequenceMatcher(
        None, one, other, autojunk=False
    ).get_opcodes():
        removed, added = "".join(one[start:end]), "".join(other[first:last])
        if removed == added:
            marked += added
        else:
            marked += (removed and f"[-{removed}-]") + (added and f"{{+{added}+}}")
    return marked


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip()) if line.strip() else -1
