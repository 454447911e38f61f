"""The index says what it has, and an index that does not answer is never taken for an empty one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tasks.releases import index as index_module
from tasks.releases.index import Index, NotAskedError, UnresolvedError, shorten
from tests.tasks.releases.small import SmallIndex, make_wheel

PYTHONS = ["3.12", "3.13"]
KNOWN = ["3.0.0", "3.1.0"]


def lacking(*known: str, pre: bool = False) -> list[str]:
    return Index().lacking("cloudpickle", known, PYTHONS, pre=pre)


@pytest.mark.usefixtures("published")
def test_nothing_is_lacking_where_the_index_has_what_is_known() -> None:
    assert lacking(*KNOWN) == []


def test_every_release_above_the_oldest_known_one_is_lacking(published: SmallIndex) -> None:
    for version in ("2.9.0", "3.0.1", "4.0.0", "3.1.10"):
        published.add("cloudpickle", version)
    assert lacking(*KNOWN) == ["3.0.1", "3.1.10", "4.0.0"]


@pytest.mark.parametrize("tag", ["cp312-none", "cp313-none"])
def test_a_release_with_wheels_for_one_python_is_lacking_too(
    tag: str, published: SmallIndex
) -> None:
    published.add("cloudpickle", "3.2.0", tag)
    assert lacking(*KNOWN) == ["3.2.0"]
    other = "3.13" if "312" in tag else "3.12"
    with pytest.raises(UnresolvedError, match=r"cloudpickle"):
        Index().resolve("cloudpickle==3.2.0", python=other, wheels=True)


def test_a_known_release_need_not_fit_on_every_python(published: SmallIndex) -> None:
    published.remove("cloudpickle")
    published.add("cloudpickle", "3.0.0", "cp313-none")
    published.add("cloudpickle", "3.2.0", "cp313-none")
    assert lacking("3.0.0") == ["3.2.0"]


def test_a_yanked_release_is_none(published: SmallIndex) -> None:
    published.add("cloudpickle", "3.2.0", yanked=True)
    assert lacking(*KNOWN) == []


def test_a_pre_release_is_lacking_where_it_is_asked_for(published: SmallIndex) -> None:
    published.add("cloudpickle", "3.2.0rc1")
    assert lacking(*KNOWN) == []
    assert lacking(*KNOWN, pre=True) == ["3.2.0rc1"]


def test_wheels_in_a_folder_count(published: SmallIndex, tmp_path: Path) -> None:
    assert published.folder.is_dir()
    make_wheel(tmp_path / "wheels", "cloudpickle", "9.0.0")
    found = Index((str(tmp_path / "wheels"),)).lacking("cloudpickle", KNOWN, PYTHONS)
    assert found == ["9.0.0"]


@pytest.mark.usefixtures("published")
def test_an_index_that_cannot_be_reached_was_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:9/simple")
    with pytest.raises(NotAskedError, match="Failed to fetch"):
        lacking(*KNOWN)


@pytest.mark.usefixtures("published")
def test_one_of_two_indexes_that_cannot_be_reached_was_not_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("UV_INDEX", "http://127.0.0.1:9/simple")
    with pytest.raises(NotAskedError, match="Failed to fetch"):
        lacking(*KNOWN)


@pytest.mark.usefixtures("published")
def test_without_the_network_nothing_is_taken_from_the_cache(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert lacking(*KNOWN) == []
    monkeypatch.setenv("UV_OFFLINE", "1")
    with pytest.raises(NotAskedError, match="UV_OFFLINE"):
        lacking(*KNOWN)


def test_an_index_that_lacks_the_known_release_was_not_asked(published: SmallIndex) -> None:
    published.remove("cloudpickle")
    with pytest.raises(NotAskedError, match=r"cloudpickle 3\.0\.0 of the version table"):
        lacking(*KNOWN)


def test_without_uv_nothing_was_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_module, "UV", ("no-such-uv",))
    with pytest.raises(NotAskedError, match="uv cannot be run"):
        lacking(*KNOWN)


def test_the_words_of_uv_are_one_line_without_its_advice() -> None:
    text = "warning: x\nerror: No solution\n  cause: Because a\n\nhint: pass --offline\n"
    assert shorten(text) == "No solution; Because a"


def test_the_words_of_uv_have_no_credentials() -> None:
    text = "error: Failed to fetch: https://me:secret@mirror/simple/ray/"
    assert shorten(text) == "Failed to fetch: https://mirror/simple/ray/"
