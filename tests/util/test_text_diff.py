"""The difference of two texts shows what changed, with a few words around it."""

from __future__ import annotations

import pytest

from conformance.util.text_diff import word_diff


@pytest.mark.parametrize(
    ("old", "new", "diff"),
    [
        ("same", "same", "..."),
        ("one two", "one three", "one [-two-]{+three+}"),
        ("a b c d e f g h i", "a b c d e f g h j", "...e f g h [-i-]{+j+}"),
        ("x, y", "x; y", "x[-,-]{+;+} y"),
        ("a", "a b", "a{+ b+}"),
    ],
)
def test_the_difference_of_two_texts(old: str, new: str, diff: str) -> None:
    assert word_diff(old, new) == diff
