"""The codec chain: what is wrapped in an envelope, and to which codec an envelope leads."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import permutations

import pytest

from conformance import wire
from conformance.catalogue.nodes import Family
from conformance.runner.assertions import (
    assert_equal,
    assert_raises,
    assert_same_bytes,
    assert_true,
)
from conformance.subjects.interface import Subject
from conformance.suite.helpers.artifacts import (
    LAYER,
    Artifact,
    assert_multiplies,
    each_artifact,
    encode_by_name,
    encode_inline,
    from_bytes,
    make_call,
    to_bytes,
    wrap_frames,
)
from conformance.suite.helpers.chains import (
    CODEC,
    assert_refuses,
    each_way,
    install_sessions,
    make_reader,
)
from conformance.suite.helpers.codec import encode_all_entries
from conformance.suite.helpers.codec_setups import chain
from conformance.suite.helpers.markers import clause, each_family, each_receiver
from conformance.suite.helpers.same_name_udfs import function_of, times
from conformance.suite.helpers.samples import KIND, receiver, strict_session
from conformance.wire import Envelope


@clause("CHAIN-13")
def test_no_envelope_without_codecs(subject: Subject) -> None:
    """A session without codecs encodes the catalogue.

    No expression has an envelope in its bytes.
    """
    for entry, data, _ in encode_all_entries(subject):
        assert_equal(wire.find_envelopes(data), [], f"the envelopes in {entry.id}")


@clause("CHAIN-14")
@each_way
@pytest.mark.parametrize("codec", ["inlining", "strict", "both"])
@each_artifact
@each_family
def test_own_payloads_are_not_wrapped(
    subject: Subject, family: Family, artifact: Artifact, codec: str, way: str
) -> None:
    """An inlining session with codecs encodes a call.

    It writes the same bytes as without codecs.
    """
    both = {"inlining": subject.session(), "strict": strict_session(subject)}
    codecs = {name: both[name] for name in both if codec in (name, "both")}
    session = install_sessions(subject, subject.session(), LAYER[artifact], way, *codecs.items())
    data = to_bytes(subject, artifact, make_call(subject, artifact, family), session)
    assert_same_bytes(data, encode_inline(subject, artifact, family), f"with codecs: {codec}")


@clause("CHAIN-15")
@each_way
@each_artifact
@each_family
def test_names_are_not_wrapped(
    subject: Subject, family: Family, artifact: Artifact, way: str
) -> None:
    """A strict session with strict codecs encodes a call.

    It writes the same bytes by name as without codecs.
    """
    codecs = {"a": strict_session(subject), "b": strict_session(subject)}
    session = install_sessions(
        subject, strict_session(subject), LAYER[artifact], way, *codecs.items()
    )
    data = to_bytes(subject, artifact, make_call(subject, artifact, family), session)
    assert_same_bytes(data, encode_by_name(subject, artifact, family), "with strict codecs")


@clause("CHAIN-16")
@each_way
@each_artifact
@each_family
def test_codecs_payloads_are_wrapped(
    subject: Subject, family: Family, artifact: Artifact, way: str
) -> None:
    """A strict session has a strict codec and two inlining ones.

    If a codec writes the callable, the first inlining codec does, in an envelope with its id.
    """
    codecs = {"a": strict_session(subject), "b": subject.session(), "c": subject.session()}
    session = install_sessions(
        subject, strict_session(subject), LAYER[artifact], way, *codecs.items()
    )
    data = to_bytes(subject, artifact, make_call(subject, artifact, family), session)
    # A strict session may let no codec write a callable.
    if not wire.locate(data).found:
        return assert_same_bytes(data, encode_by_name(subject, artifact, family), "by name")
    inline = wire.find(encode_inline(subject, artifact, family))
    expected = b"".join(Envelope("b", found.data).to_bytes() for found in inline)
    seen = b"".join(found.data for found in wire.find_envelopes(data))
    return assert_same_bytes(seen, expected, "the envelope of the second codec")


@clause("CHAIN-17")
@each_way
@each_artifact
@each_family
def test_leads_to_its_codec(subject: Subject, family: Family, artifact: Artifact, way: str) -> None:
    """A frame is in the envelope of an installed codec. The codec decodes it, and the UDF runs."""
    codec = subject.session()
    session = install_sessions(subject, subject.session(), LAYER[artifact], way, (CODEC, codec))
    data = wrap_frames(encode_inline(subject, artifact, family), CODEC)
    assert_multiplies(
        subject, artifact, family, from_bytes(subject, artifact, data, session), session
    )


@clause("CHAIN-18")
@pytest.mark.parametrize("order", [*map("".join, permutations("abc"))])
@each_artifact
def test_leads_to_no_other(subject: Subject, artifact: Artifact, order: str) -> None:
    """One inlining and two strict codecs are installed in any order.

    Only the codec that the envelope names decodes or refuses.
    """
    codecs = {"a": subject.session(), "b": strict_session(subject), "c": strict_session(subject)}
    listed = [(name, codecs[name]) for name in order]
    session = install_sessions(subject, subject.session(), LAYER[artifact], "setter", *listed)
    data = encode_inline(subject, artifact, "scalar")
    call = from_bytes(subject, artifact, wrap_frames(data, "a"), session)
    assert_multiplies(subject, artifact, "scalar", call, session)
    for name in "bc":
        assert_refuses(subject, artifact, wrap_frames(data, name), session, [])


@clause("CHAIN-19")
@pytest.mark.parametrize("depth", [2, 10, 100])
@each_artifact
def test_envelopes_in_envelopes(subject: Subject, artifact: Artifact, depth: int) -> None:
    """Codecs are nested up to 100 deep, each with an envelope of its own.

    The innermost frame is decoded, and the UDF runs.
    """
    sessions, ids = [subject.session()], [f"codec-{n}" for n in range(depth)]
    for codec_id in reversed(ids):
        installed = chain(subject).install(
            subject.session(), LAYER[artifact], sessions[-1], codec_id
        )
        sessions.append(installed)
    data = wrap_frames(encode_inline(subject, artifact, "scalar"), *ids)
    call = from_bytes(subject, artifact, data, sessions[-1])
    assert_multiplies(subject, artifact, "scalar", call, sessions[-1])


@clause("CHAIN-20")
@each_artifact
def test_id_of_anything(subject: Subject, artifact: Artifact) -> None:
    """Codecs are installed under unusual ids: empty, long, non-ASCII, with quotes.

    Each envelope reaches its codec.
    """
    data = encode_inline(subject, artifact, "scalar")
    for codec_id in ("", " ", "a'b\"c", "ä€😀", "x" * 70_000, "DFPYUDF", "anon:mine", "a\0b"):
        codec = subject.session()
        session = chain(subject).install(subject.session(), LAYER[artifact], codec, codec_id)
        call = from_bytes(subject, artifact, wrap_frames(data, codec_id), session)
        assert_multiplies(subject, artifact, "scalar", call, session)


ALIKE = {
    "plain": "b",
    "upper-case": "B",
    "blank-behind": "b ",
    "blank-before": " b",
    "nul-behind": "b\0",
    "byte-order-mark": "\ufeffb",
    "full-width": "\uff42",
    "composed": "\u00e9",
    "decomposed": "e\u0301",
    "twice": "bb",
    "empty": "",
}
"""Ids that some kind of normalisation makes equal, and those that begin alike."""


@clause("CHAIN-20")
@pytest.mark.parametrize("reached", ALIKE)
@each_artifact
def test_ids_that_are_alike(subject: Subject, artifact: Artifact, reached: str) -> None:
    """One of many codecs with similar ids inlines. It gets the envelope that names it."""
    codecs = {
        id_: receiver(subject, "inlining" if key == reached else "strict")
        for key, id_ in ALIKE.items()
    }
    session = subject.session()
    session = install_sessions(subject, session, LAYER[artifact], "setter", *codecs.items())
    data = wrap_frames(encode_inline(subject, artifact, "scalar"), ALIKE[reached])
    call = from_bytes(subject, artifact, data, session)
    assert_multiplies(subject, artifact, "scalar", call, session)


NOT_INSTALLED = ["", "other", "B", "b ", "bb", "session:b", "ä€😀", "x" * 65, "x" * 257]
"""Ids that are not installed; some are similar to `b`."""


@clause("CHAIN-21")
@pytest.mark.parametrize("installed", [(), ("b",), ("b", "a"), tuple("gbafed")], ids=len)
@each_receiver
@each_artifact
def test_not_installed(
    subject: Subject, artifact: Artifact, mode: str, installed: Sequence[str]
) -> None:
    """An envelope names an id that is not installed.

    The error names it and lists the installed ids in order.
    """
    codecs = {name: subject.session() for name in installed}
    session = receiver(subject, mode)
    session = install_sessions(subject, session, LAYER[artifact], "setter", *codecs.items())
    none = "no extension codecs are installed"
    there = f"(installed: {', '.join(installed)})" if installed else none
    for codec_id in NOT_INSTALLED:
        data = wrap_frames(encode_inline(subject, artifact, "scalar"), codec_id)
        parts = [f"extension codec '{codec_id}'", "which is not installed on this session"]
        assert_refuses(subject, artifact, data, session, [*parts, there])


@clause("CHAIN-21")
@each_receiver
@each_artifact
def test_anonymous_not_installed(subject: Subject, artifact: Artifact, mode: str) -> None:
    """A session has one codec, a bare capsule. An envelope names the id of another capsule.

    The error names it and lists the id of the session's own capsule.
    """
    layer = LAYER[artifact]
    capsule = chain(subject).capsule(subject.session(), layer)
    session = chain(subject).install(receiver(subject, mode), layer, capsule)
    (own,) = chain(subject).ids(session, layer)
    data = wrap_frames(encode_inline(subject, artifact, "scalar"), "anon:another")
    parts = ["extension codec 'anon:another'", "which is not installed on this session"]
    assert_refuses(subject, artifact, data, session, [*parts, f"(installed: {own})"])


@clause("CHAIN-22")
@each_artifact
@each_family
def test_not_installed_says_for_what(subject: Subject, family: Family, artifact: Artifact) -> None:
    """An envelope names an id that is not installed. The error names the kind of the UDF."""
    session, _ = make_reader(subject, artifact)
    data = wrap_frames(encode_inline(subject, artifact, family), "other")
    assert_refuses(
        subject, artifact, data, session, [f"{KIND[family]} was encoded by extension codec"]
    )


@clause("CHAIN-23")
@each_receiver
@each_artifact
def test_hint_for_capsules(subject: Subject, artifact: Artifact, mode: str) -> None:
    """An envelope names the id of a bare capsule.

    The error suggests ``codec_id=``; for other ids it does not.
    """
    session, _ = make_reader(subject, artifact, mode)
    data, hint = encode_inline(subject, artifact, "scalar"), "Pass `codec_id=` when installing it"
    assert_refuses(subject, artifact, wrap_frames(data, "anon:0"), session, ["PyCapsule", hint])
    error = assert_raises(
        partial(from_bytes, subject, artifact, wrap_frames(data, "other"), session), "no capsule"
    )
    assert_true(
        hint not in str(error),
        "the error gives the capsule hint for another id",
        error,
        kind="wrong-value",
    )


@clause("CHAIN-24")
@each_artifact
@each_family
def test_not_by_name(subject: Subject, family: Family, artifact: Artifact) -> None:
    """An envelope names an id that is not installed, but the UDF is registered.

    Decoding raises an error.
    """
    session, _ = make_reader(subject, artifact)
    subject.register(session, function_of(subject, times(family, 3)))
    data = wrap_frames(encode_inline(subject, artifact, family), "other")
    assert_refuses(subject, artifact, data, session, [])
