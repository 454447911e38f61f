"""Untrusted text: whether it is one, and how it looks on one line of output."""

from __future__ import annotations


def is_utf_8(text: str) -> bool:
    """Return whether UTF-8 has the text: half of a surrogate pair it has not."""
    return not any("\ud800" <= char <= "\udfff" for char in text)


def printable(text: str) -> str:
    """Escape unprintable characters: line ends, control characters, lone surrogates."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)
