"""A library that is not installed is looked for once."""

from __future__ import annotations

import sys

import pytest

from conformance.subjects.engine import optional

ABSENT = "conformance_no_such_library"


def test_an_absent_library_is_not_looked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(optional, "_LIBRARIES", (ABSENT, "json"))
    optional.remember_absent()
    try:
        assert sys.modules["json"] is not None
        with pytest.raises(ModuleNotFoundError, match="halted"):
            __import__(ABSENT)
    finally:
        del sys.modules[ABSENT]
