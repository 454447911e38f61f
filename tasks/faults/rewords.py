"""Rewrite the messages of errors."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar

CUT_NAMES = [(r"(\w{64})\w+", r"\1")]
"""Cuts names after 64 letters, for ``Rewords.rewords``."""


class Rewords:
    """A mixin that replaces in each error message what a fault lists in ``rewords``."""

    rewords: ClassVar[Sequence[tuple[str, str]]] = ()
    """Rows of a regular expression and its replacement, as ``re.sub`` takes them."""

    def reword(self, message: str) -> str:
        """Return ``message`` after all replacements, which are made in order."""
        for pattern, replacement in self.rewords:
            message = re.sub(pattern, replacement, message)
        return message
