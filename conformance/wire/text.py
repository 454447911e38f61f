"""Escape untrusted text for one line of output."""

from __future__ import annotations


def printable(text: str) -> str:
    """Escape unprintable characters: line ends, control characters, lone surrogates."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)
