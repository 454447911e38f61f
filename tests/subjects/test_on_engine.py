"""The base class for codecs on the engine: what it asks for, and how it reads pickles."""

from __future__ import annotations

import pickle

import pytest

from conformance.hostile import canary
from conformance.subjects import on_engine
from conformance.subjects.loading import MethodsMissing, load_subject

REQUIRED = (
    *("session", "context", "with_inlining", "call_toggle", "encode", "decode", "error_kind"),
)

NAMELESS = """
from conformance.subjects.on_engine import CodecOnEngine

class Nothing(CodecOnEngine):
    pass

class Most(CodecOnEngine):
    name = "most"
    session = context = with_inlining = call_toggle = encode = lambda *_: None

class Without(Most):
    decode = error_kind = lambda *_: None
    evaluate = None
"""


@pytest.fixture
def written(pytester: pytest.Pytester) -> None:
    """A module with unfinished adapters."""
    pytester.syspathinsert()
    pytester.makepyfile(unfinished=NAMELESS)


def missing(spec: str) -> list[str]:
    """Return the head of the list of missing methods, and the names in it."""
    with pytest.raises(MethodsMissing) as caught:
        load_subject(spec)
    head, *lines = str(caught.value).splitlines()
    return [head, *(line.strip().partition(":")[0] for line in lines)]


@pytest.mark.usefixtures("written")
def test_what_is_missing_is_listed_once() -> None:
    head = "lacks {} methods of conformance.subjects.on_engine:"
    spec = "unfinished:Nothing"
    assert missing(spec) == [f"{spec} {head.format(8)}", "name", *REQUIRED]
    spec = "unfinished:Most"
    assert missing(spec) == [f"{spec} {head.format(2)}", "decode", "error_kind"]


@pytest.mark.usefixtures("written")
def test_what_is_taken_away_is_missing() -> None:
    spec = "unfinished:Without"
    head = f"{spec} lacks 1 method of conformance.subjects.interface:"
    assert missing(spec) == [head, "evaluate"]


def test_the_skeleton_lacks_all_but_its_name() -> None:
    _, *names = missing("conformance.subjects.skeleton.adapter:Codec")
    assert names == list(REQUIRED)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_the_bytes_in_a_pickle_are_read_and_not_run(protocol: int) -> None:
    class Sent:
        def __reduce__(self) -> tuple[object, ...]:
            return on_engine.restore, (b"\x0a\xff bytes",)

    assert on_engine._without_pickle(pickle.dumps(Sent(), protocol)) == b"\x0a\xff bytes"


@pytest.mark.parametrize("data", [canary.payload(), b"\x80\x04.", b"cut", b"\x0a\x00", b""])
def test_other_bytes_are_left_to_the_codec(data: bytes) -> None:
    with canary.recording() as events:
        assert on_engine._without_pickle(data) == data
    assert events == []
