"""Write values as JSON that every reader takes."""

from __future__ import annotations

import json
from typing import Any

_ENCODER = json.JSONEncoder(ensure_ascii=False)
"""One for many values: to make one for each takes as long as to encode a small value."""


def json_text(value: Any, indent: int | None = None) -> str:
    """Return ``value`` as JSON whose characters are as they are.

    What UTF-8 cannot hold, such as a byte of a file name that is not UTF-8, is escaped.
    """
    text = (
        _ENCODER.encode(value)
        if indent is None
        else json.dumps(value, indent=indent, ensure_ascii=False)
    )
    return text.encode("utf-8", "backslashreplace").decode()
