"""Recognize bytes that hold an artifact at best: compressed, in another file, or as text."""

from __future__ import annotations

import re

_SIZE = 60_000
"""The bytes at the start of a file that tell whether it is text."""

_DECOMPRESS = "decompress them first"
_EXTRACT = "extract the bytes of the expression or the plan from it first"
_FORMATS = {
    rb"\x1f\x8b\x08": ("gzip", f"{_DECOMPRESS}, such as with gunzip"),
    rb"\x28\xb5\x2f\xfd": ("zstd", f"{_DECOMPRESS}, such as with unzstd"),
    rb"\xfd7zXZ\x00": ("xz", f"{_DECOMPRESS}, such as with unxz"),
    rb"BZh[1-9]1AY&SY": ("bzip2", f"{_DECOMPRESS}, such as with bunzip2"),
    rb"\x04\x22\x4d\x18": ("lz4", f"{_DECOMPRESS}, such as with unlz4"),
    rb"PK\x03\x04": ("a zip archive", _EXTRACT),
    rb"PAR1": ("Parquet", _EXTRACT),
    rb"ARROW1\x00\x00": ("an Arrow file", _EXTRACT),
    rb"\xff\xff\xff\xff": ("an Arrow stream", _EXTRACT),
    rb"\s*(\{\s*[\"}]|\[\s*[\[\]{\"\d-])[^\x00-\x08\x0e-\x1f]*\Z": ("JSON text", _EXTRACT),
}
"""Patterns of the first bytes of a format, its name, and what to do."""


def foreign_hint(data: bytes) -> str:
    """Return a hint, to append to a sentence, where ``data`` is of a known other format."""
    start = data[:_SIZE]
    for pattern, (name, remedy) in _FORMATS.items():
        if re.match(pattern, start):
            return f"; these bytes are {name}: {remedy}"
    text = b"".join(start.split())
    if len(text) < 8:
        return ""
    if re.fullmatch(rb"[0-9a-fA-F]+", text):
        return "; it looks like hex text: decode it first, such as with xxd -r -p"
    whole = len(data) > _SIZE or len(text) % 4 == 0
    if whole and re.fullmatch(rb"[0-9A-Za-z+/_-]+={0,2}", text):
        return "; it looks like base64 text: decode it first, such as with base64 -d"
    return ""
