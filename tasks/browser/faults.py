"""Faults of the page: a change of its text, and the check that must notice it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """In the text of the page, ``old`` is replaced by ``new``; ``check`` must notice."""

    check: str
    old: str
    new: str

    def put_into(self, text: str) -> str:
        """Return the page with the fault; raise ``ValueError`` where there is no such place."""
        if self.old not in text:
            raise ValueError(f"{self.old!r} is not in the page: no place for this fault")
        return text.replace(self.old, self.new)


FAULTS = (
    Fault("first sight", "on ? some : chapter.dataset.opened", "true"),
    Fault("first sight", "max-width: 76rem", "width: 3000px"),
    Fault(
        "verdict filter", 'class="card fail" data-verdict="fail"', 'class="card" data-verdict=""'
    ),
    Fault("verdict filter", "!field.value ||", "true ||"),
    Fault("severity filter", "words.every(", "words.some("),
    Fault("search", "message, ...cases", "message"),
    Fault("links", "setOpen(row, true);", ""),
    Fault("links", 'href="#clauses"', 'href="#nowhere"'),
    Fault("texts", "&lt;b onmouseover", "<b onmouseover"),
    Fault("texts", 'http-equiv="Content-Security-Policy"', 'name="policy"'),
    Fault("keyboard", "outline: 2px solid", "outline: 0 none"),
    Fault("theme", "(THEMES.indexOf(theme) + 1)", "(THEMES.indexOf(theme) + 2)"),
    Fault("accessible, light", '<html lang="en">', "<html>"),
    Fault("accessible, light", "--soft: light-dark(#5b626b", "--soft: light-dark(#b0b6bd"),
    Fault("accessible, dark", ", #a0a8b2)", ", #484c52)"),
    Fault("accessible, dark", "<label><span>Severity</span>", "<label>"),
    Fault("console", '"use strict";', '"use strict"; console.error("x");'),
)
