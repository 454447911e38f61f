"""Pythons are the final releases of CPython with the GIL, by minor."""

from __future__ import annotations

import subprocess
from typing import Any

import pytest

from tasks.releases import pythons
from tasks.releases.index import NotAskedError
from tests.tasks.releases.test_newer import listing


def answering(monkeypatch: pytest.MonkeyPatch, code: int, stdout: str) -> None:
    done: subprocess.CompletedProcess[str] = subprocess.CompletedProcess([], code, stdout, "why")
    monkeypatch.setattr(pythons, "run_uv", lambda *_: done)


def test_the_first_interpreter_of_a_minor_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    rows: list[dict[str, Any]] = listing(
        ("3.13.1", "default"),
        ("3.13.0", "default"),
        ("3.14.0", "freethreaded"),
        ("3.15.0b1", "default"),
    )
    for number, row in enumerate(rows):
        row["path"] = f"python-{number}"
    monkeypatch.setattr(pythons, "_listed", lambda _: rows)
    assert pythons.installed() == {"3.13": "python-0"}


def test_released_pythons_are_sorted_as_versions(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = listing(("3.10.1", "default"), ("3.9.1", "default"), ("3.10.0", "default"))
    monkeypatch.setattr(pythons, "_listed", lambda _: rows)
    assert pythons.released() == ["3.9", "3.10"]


@pytest.mark.parametrize(("code", "stdout"), [(2, ""), (2, "[]"), (0, "no JSON"), (0, "{}")])
def test_a_uv_that_gives_no_list_was_not_asked(
    code: int, stdout: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(monkeypatch, code, stdout)
    with pytest.raises(NotAskedError, match="uv lists no Pythons: why"):
        pythons.released()


def test_an_empty_list_is_not_none(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, 0, "[]")
    with pytest.raises(NotAskedError, match=r"knows no Python 3\.13.*: none"):
        pythons.newer(["3.12", "3.13"])
