"""The answer whether a receiver reads a blob: the opcodes of its pickles."""

from __future__ import annotations

import pickle

import pytest

from conformance.inspection import inspect, summary
from tests.interop.blobs import (
    UNKNOWN,
    answer,
    with_opcodes,
)


def test_a_named_tuple_of_an_old_cloudpickle_is_not_judged() -> None:
    named = b"ctyping\nNamedTuple\n"
    old = b"0ccloudpickle.cloudpickle_fast\n_class_setstate\n"
    assert answer(with_opcodes(named)).reads == "yes"
    found = answer(with_opcodes(named + old))
    assert (found.reads, found.reasons) == (
        "not judged",
        ("a NamedTuple that cloudpickle 2.0.0 to 2.2.0 pickled by value cannot be unpickled",),
    )


def test_more_imports_than_are_listed() -> None:
    data = with_opcodes(b"0".join(f"cpackage\nname{one}\n".encode() for one in range(300)))
    found = answer(data)
    assert found.reasons == ("a payload has more imports or names than this suite lists",)
    (described,) = inspect(data)["udfs"]
    assert len(described["imports"]) == 200
    assert described["imports"][-1] == "package.name199"
    # The 100 others, the callable, and what makes bytes of a text in protocol 0.
    assert described["names_omitted"] == 102
    assert "102 names more, not listed" in summary(inspect(data), "x")


@pytest.mark.parametrize(
    ("opcodes", "reason"),
    [
        (b"NVk\nVv\ns", "SETITEM fills None"),
        (b"N(Vk\nVv\nu", "SETITEMS fills None"),
        (b"Vtext\n)R", "REDUCE calls str"),
        (b"cbuiltins\nlen\nVx\nR", "REDUCE has str as arguments"),
        (b"}]Vv\ns", "SETITEM has list as a key"),
        (b"}(Vk\nu", "SETITEMS has a key without a value"),
        (b")Vx\na", "APPEND fills tuple"),
        (b"]VA\nVv\ns", "SETITEM has str as an index"),
        (b"(]d", "DICT has a key without a value"),
        (b"(]N\x64", "DICT has list as a key"),
        (b"(]\x91", "FROZENSET has list as a key"),
        (b"}]\x85\x85Vv\ns", "SETITEM has a tuple with list as a key"),
        (b"K\x01}Va\nNsb", "BUILD gives int the state dict"),
        (b"N}Va\nNsb", "BUILD gives None the state dict"),
        (b"]NN\x86b", "BUILD gives list the state tuple"),
    ],
)
def test_opcodes_that_cannot_work(opcodes: bytes, reason: str) -> None:
    with pytest.raises((TypeError, AttributeError, pickle.UnpicklingError)):
        pickle.loads(opcodes + b".")
    found = answer(with_opcodes(opcodes))
    assert (found.reads, reason in found.sentence) == ("no", True), found.sentence


@pytest.mark.parametrize(
    ("opcodes", "called"),
    [
        (b"]K\x05Vv\ns", "builtins.list.__setitem__"),
        (b"]N}Va\nNs\x86b", "builtins.setattr"),
        (b"}(" + b")" + b"\x85" * 5000 + b"Nu", "builtins.hash"),
        (b"}()" + b"2\x86" * 30 + b"Nu", "builtins.hash"),
        (b"()" + b"\x85" * 5000 + b"\x91", "builtins.hash"),
    ],
    ids=["index", "state", "deep", "wide", "frozenset"],
)
def test_what_may_fail_or_never_end_is_not_judged(opcodes: bytes, called: str) -> None:
    found = answer(with_opcodes(opcodes))
    assert (found.reads, f"unpickling calls {called}, {UNKNOWN}" in found.sentence) == (
        "not judged",
        True,
    ), found.sentence


@pytest.mark.parametrize("opcodes", [b"K\x01Nb", b"]Nb", b"]K\x01a", b"})Ns", b"()\x91"])
def test_opcodes_that_work(opcodes: bytes) -> None:
    pickle.loads(opcodes + b".")
    assert answer(with_opcodes(opcodes)).reads == "yes"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\x80\x04NN\x93.", "something by a name that the bytes do not show"),
        (b"\x80\x04\x8c\x03a-b\x8c\x01c\x93.", "'a-b.c', and no module has such a name"),
    ],
)
def test_names_that_no_pickler_writes(data: bytes, reason: str) -> None:
    found = answer(data)
    assert (found.reads, found.reasons) == ("not judged", (f"unpickling imports {reason}",))
