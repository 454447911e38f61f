"""A small difference between two texts, for people."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

CONTEXT = 4
"""The number of words to show before and after a change."""

_TOKEN = re.compile(r"\w+|\s+|.", re.DOTALL)


def word_diff(old: str, new: str) -> str:
    """Return the changes from ``old`` to ``new`` as ``[-removed-]{+added+}`` with some context."""
    before, after = _TOKEN.findall(old), _TOKEN.findall(new)
    codes = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    shown = ""
    for number, (tag, start, end, first, last) in enumerate(codes):
        if tag != "equal":
            removed, added = "".join(before[start:end]), "".join(after[first:last])
            shown += (removed and f"[-{removed}-]") + (added and f"{{+{added}+}}")
            continue
        kept, some = before[start:end], 2 * CONTEXT
        head = kept[:some] if number else []
        tail = kept[-some:] if number < len(codes) - 1 else []
        short = len(kept) > len(head) + len(tail)
        shown += "".join([*head, "...", *tail] if short else kept)
    return shown
