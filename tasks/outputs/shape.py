"""The part of an output that is the same in each run, and on each machine."""

from __future__ import annotations

import re

_NAMES = re.compile(r"\b[a-z]?[0-9a-f]{32}\b|\b0x[0-9a-f]+\b")
"""Names that the engine makes up, and addresses."""

_FOLDER = re.compile(r"(?<![\w./:])/(?:[\w.+-]+/)+(?=[\w-]+\.py\b)")
_MEASURED = re.compile(r"\b(?:microseconds|ms|MiB)\b")
_NUMBER = re.compile(r"\d[\d.,]*")


def without_folders(text: str) -> str:
    """Return ``text`` without the folders of scripts and modules, which are those of a machine."""
    return _FOLDER.sub(".../", text)


def shape(text: str) -> str:
    """Return ``text`` without made-up names, addresses, and the numbers of measured lines."""
    lines = [_NAMES.sub("...", line) for line in text.splitlines()]
    return "\n".join(_NUMBER.sub("N", one) if _MEASURED.search(one) else one for one in lines)
