"""Markdown out of plain text."""

from __future__ import annotations

import pytest

from tasks.site.text import anchor, badge, escape, fenced, link_clause


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a_b*c", r"a\_b\*c"),
        ("`a_b` and c_d", r"`a_b` and c\_d"),
        ("``x*y`` <b>", r"``x*y`` \<b\>"),
        ("list[int] | None", r"list\[int\] \| None"),
    ],
)
def test_only_text_outside_of_code_is_escaped(text: str, expected: str) -> None:
    assert escape(text) == expected


def test_a_fence_is_longer_than_those_in_the_text() -> None:
    assert fenced("x = 1\n", "python") == "```python\nx = 1\n```\n"
    assert fenced("````\n", "text").startswith("`````text\n")


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("STRICT-02: The refusal names the UDF", "STRICT-02"),
        ("registry-never-asked: The registry", "registry-never-asked"),
        ("The negative vectors", "the-negative-vectors"),
        ("Note: a thing", "note-a-thing"),
    ],
)
def test_an_anchor_is_the_id_or_githubs(title: str, expected: str) -> None:
    assert anchor(title) == expected


def test_a_clause_has_a_link_and_a_verdict_a_badge() -> None:
    assert link_clause("STRICT-02") == "[STRICT-02](spec/strict.md#STRICT-02)"
    assert badge("n/a", "n/a") == "[n/a]{.badge .na}"
