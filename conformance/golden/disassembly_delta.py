"""Disassemblies as they are kept: one of a group of goldens in full, of the others what differs.

A difference names the disassembly that it differs from, then, for each stretch
of lines, its place there (``@@ first line, number of lines``), under
which heading, and how it reads here: ``[-what goes-]{+what comes+}``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from difflib import SequenceMatcher

_FIRST = re.compile(r"as (\S+), but for\n")
_PLACE = re.compile(r"^@@ (\d+),(\d+)( .*)?\n", re.MULTILINE)
_GOES = re.compile(r"\[-.*?-\]", re.DOTALL)
_COMES = re.compile(r"\{\+(.*?)\+\}", re.DOTALL)
_TOKEN = re.compile(r"\s+|[^\s,]+|,")


def encode_delta(text: str, name: str, base: str) -> str:
    """``text`` as its difference from ``base``, which is kept as ``name``.

    Where that is not shorter, or could be misread, it is ``text`` itself.
    """
    short = f"as {name}, but for\n" + "".join(_stretches(_lines(base), _lines(text)))
    return short if len(short) < len(text) and apply_delta(short, lambda _: base) == text else text


def encode_group(texts: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Yield how each of these disassemblies is kept.

    Each is in full, or a delta against an earlier one.
    """
    whole: dict[str, str] = {}
    for name, text in texts:
        short = [encode_delta(text, other, base) for other, base in whole.items()]
        best = min([text, *short], key=len)
        if best == text:
            whole[name] = text
        yield best


def apply_delta(text: str, read: Callable[[str], str]) -> str:
    """Return the whole disassembly; ``read`` gives the one of which ``text`` is a difference."""
    first = _FIRST.match(text)
    if first is None:
        return text
    lines, end, whole = _lines(read(first[1])), 0, []
    for place, part in _parts(text[first.end() :]):
        start = int(place[1]) - 1
        new = _COMES.sub(r"\1", _GOES.sub("", part.removesuffix("\n")))
        whole += [*lines[end:start], new and f"{new}\n"]
        end = start + int(place[2])
    return "".join([*whole, *lines[end:]])


def heading(lines: list[str], number: int, line: str) -> str | None:
    """Return the heading of ``line``, or the heading that it would have as number ``number``."""
    above = (one.strip() for one in reversed(lines[:number]) if 0 <= _indent(one) < _indent(line))
    return next(above, None)


def _parts(text: str) -> Iterator[tuple[re.Match[str], str]]:
    places = list(_PLACE.finditer(text))
    ends = [*(place.start() for place in places[1:]), len(text)]
    for place, end in zip(places, ends, strict=False):
        yield place, text[place.end() : end]


def _stretches(old: list[str], new: list[str]) -> Iterator[str]:
    for tag, start, end, first, last in SequenceMatcher(
        None, old, new, autojunk=False
    ).get_opcodes():
        if tag == "equal":
            continue
        under = heading(old, start, (old[start:end] or new[first:last])[0]) or ""
        yield f"@@ {start + 1},{end - start} {under.partition(':')[0]}".rstrip() + "\n"
        goes, comes = ("".join(part)[:-1] for part in (old[start:end], new[first:last]))
        yield f"{_marked(goes, comes)}\n"


def _marked(old: str, new: str) -> str:
    """Return ``new`` with what goes and what comes marked."""
    one, other = _TOKEN.findall(old), _TOKEN.findall(new)
    marked = ""
    for _, start, end, first, last in SequenceMatcher(
        None, one, other, autojunk=False
    ).get_opcodes():
        goes, comes = "".join(one[start:end]), "".join(other[first:last])
        if goes == comes:
            marked += comes
        else:
            marked += (goes and f"[-{goes}-]") + (comes and f"{{+{comes}+}}")
    return marked


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip()) if line.strip() else -1
