"""Disassemblies are kept as differences that a person can read and that give them back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance import wire
from conformance.golden.disassembly_delta import apply_delta, encode_delta, encode_group
from conformance.golden.store import Golden, Store, StoreError
from tests.conftest import ROOT

BASE = "head\n\npart: one\n  list\n    a b c\n    d e\n  sum: 1\nend\n" + "same\n" * 30
OTHER = "head\n\npart: one\n  list\n    a x c\n    d e\n    f\n  sum: 2\n" + "same\n" * 30


def test_a_difference_says_where_and_what() -> None:
    assert encode_delta(OTHER, "base.txt", BASE) == (
        "as base.txt, but for\n"
        "@@ 5,1 list\n"
        "    a [-b-]{+x+} c\n"
        "@@ 7,2 part\n"
        "[-  -]{+    f\n  +}sum: [-1\nend-]{+2+}\n"
    )


def test_a_difference_gives_the_text_back() -> None:
    short = encode_delta(OTHER, "base.txt", BASE)
    assert apply_delta(short, {"base.txt": BASE}.__getitem__) == OTHER
    assert apply_delta(OTHER, dict[str, str]().__getitem__) == OTHER


lines = st.lists(st.text("ab ,[]{}+-@1", max_size=9), min_size=1, max_size=30)


@given(lines, lines)
def test_any_difference_gives_the_text_back(one: list[str], other: list[str]) -> None:
    """Or the text stays as it is: marks of its own, or nothing to save."""
    base, text = ("".join(f"{line}\n" for line in each) for each in (one, other))
    assert apply_delta(encode_delta(text, "b.txt", base), {"b.txt": base}.__getitem__) == text


def test_a_text_with_marks_of_its_own_is_kept_in_full() -> None:
    text = OTHER.replace("f\n", "f[-g-]\n")
    assert encode_delta(text, "base.txt", BASE) == text


def test_the_first_is_kept_in_full_and_each_that_is_nothing_like_it() -> None:
    strange = "".join(f"{number}\n" for number in range(40))
    texts = [("1", BASE), ("2", strange), ("3", OTHER), ("4", strange + "more\n"), ("5", BASE)]
    found = list(encode_group(texts))
    assert found[:2] == [BASE, strange]
    assert [text.splitlines()[0] for text in found[2:]] == [
        *("as 1, but for", "as 2, but for", "as 1, but for")
    ]
    stored = dict(zip("12345", found, strict=True))
    assert [apply_delta(text, stored.__getitem__) for text in found] == [text for _, text in texts]


# In the store


def pair(store: Store) -> tuple[Golden, Golden]:
    """A golden whose disassembly is a difference, and the one from which it differs."""
    golden = next(
        golden
        for golden in store.manifest.goldens
        if golden.case == "scalar/lambda" and text(store, golden).startswith("as ")
    )
    name = text(store, golden).split()[1].removesuffix(",")
    return golden, next(other for other in store.manifest.goldens if other.listing == name)


def text(store: Store, golden: Golden) -> str:
    return (store.folder / golden.listing).read_text()


def test_the_oldest_is_kept_in_full(store: Store) -> None:
    golden, base = pair(store)
    writers = store.manifest.writers
    assert {writers[key]["cloudpickle"] for key in base.writers} >= {"2.1.0"}
    assert (golden.case, golden.python) == (base.case, base.python)


def test_differences_are_checked(store: Store) -> None:
    """Additions, deletions and the base of the difference are checked."""
    golden, base = pair(store)
    path = store.folder / golden.listing
    whole = path.read_text()
    for old, new in (("{+", "{+x"), ("[-", "[-x"), ("@@ 1,1", "@@ 2,1"), (base.listing, "x.txt")):
        assert old in whole
        path.write_text(whole.replace(old, new, 1))
        result = f"{golden.listing}: not the disassembly of {golden.file}"
        assert list(store.problems(listings=True)) == [result]
    path.write_text(whole)
    other = store.folder / base.listing
    other.write_text(other.read_text().replace("'lambda'", "'lambdo'", 1))
    result = f"{base.listing}: not the disassembly of {base.file}"
    assert list(store.problems(listings=True)) == [result]
    other.unlink()
    result = f"{base.listing}: the disassembly is missing"
    assert list(store.problems(listings=True)) == [result]


def test_a_broken_golden_breaks_no_other_disassembly(store: Store) -> None:
    _, base = pair(store)
    path = store.folder / base.file
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    (result,) = store.problems(listings=True)
    assert result.startswith(f"{path}: not the bytes of the manifest")


def test_a_flipped_byte_is_named_by_way_of_the_difference(store: Store) -> None:
    golden, base = pair(store)
    path = store.folder / golden.file
    data = path.read_bytes()
    path.write_bytes(data.replace(b"\x8c\timmutable", b"\x8c\timmutablf"))
    with pytest.raises(StoreError, match="volatility: 'immutable'\" became \"volatility: 'immut"):
        store.data(golden)
    (store.folder / base.listing).unlink()
    with pytest.raises(StoreError, match="the disassembly is missing as well"):
        store.data(golden)


def test_the_real_ones_give_the_disassemblies_back() -> None:
    """One golden in twenty is checked here; ``nox -s golden_check`` checks all."""
    store = Store(ROOT / "golden")
    for golden in store.manifest.goldens[::20]:
        assert store.disassembly(golden) == wire.listing(store.data(golden))
