"""Write values as JSON that every reader takes."""

from __future__ import annotations

import json
from typing import Any


def json_text(value: Any, indent: int | None = None) -> str:
    """Return ``value`` as JSON whose characters are as they are.

    What UTF-8 cannot hold, such as a byte of a file name that is not UTF-8, is escaped.
    """
    text = json.dumps(value, indent=indent, ensure_ascii=False)
    return text.encode("utf-8", "backslashreplace").decode()
