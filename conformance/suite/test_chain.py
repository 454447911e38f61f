"""The codec chain: codec ids, wrapping, routing of envelopes, malformed envelopes and bundles."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import permutations
from typing import Any

import pytest

from conformance import wire
from conformance.catalogue.nodes import Family
from conformance.runner.assertions import (
    assert_equal,
    assert_error_kind,
    assert_message_contains,
    assert_raises,
    assert_same_bytes,
    assert_true,
)
from conformance.subjects.chain import Bundle
from conformance.subjects.interface import Session, Subject
from conformance.subjects.plans import Layer
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
from conformance.suite.helpers.codec import INLINING, STRICT, encode_all_entries, setting_of
from conformance.suite.helpers.codec_setups import chain, extend_session
from conformance.suite.helpers.decode_worker import another_process
from conformance.suite.helpers.markers import LAYERS, clause, each_family, each_layer, each_receiver
from conformance.suite.helpers.same_name_udfs import function_of, times
from conformance.suite.helpers.samples import KIND, receiver, strict_session
from conformance.wire import Envelope

CODEC = "codec"
"""The id in handmade envelopes: bytes 12 to 16 of the envelope."""
each_way = pytest.mark.parametrize("way", ["setter", "bundle"])


def _install_sessions(
    subject: Subject, session: Session, layer: Layer, way: str, *codecs: tuple[str, Session]
) -> Session:
    """Return ``session`` with sessions installed as codecs, one by one or in one bundle."""
    if way == "bundle":
        exported = [
            chain(subject).make_exporter(codec, "any.Codec", name) for name, codec in codecs
        ]
        return extend_session(subject, session, layer, *exported)
    for name, codec in codecs:
        session = chain(subject).install(session, layer, codec, name)
    return session


def _make_reader(
    subject: Subject, artifact: Artifact, mode: str = "inlining"
) -> tuple[Session, Session]:
    """Return a session with an inlining codec under the id ``CODEC``, and that codec."""
    codec = subject.session()
    session = chain(subject).install(receiver(subject, mode), LAYER[artifact], codec, CODEC)
    return session, codec


def _assert_raises_type(
    call: Callable[[], Any], kind: type[Exception], parts: Iterable[str]
) -> None:
    error = assert_raises(call, kind.__name__, any_error=True)
    assert_true(
        isinstance(error, kind),
        f"expected a {kind.__name__}, got a {type(error).__name__}",
        f"{type(error).__name__}: {error}",
        kind="wrong-error-kind",
    )
    assert_message_contains(error, parts, kind.__name__)


def _assert_refuses(
    subject: Subject, artifact: Artifact, data: bytes, session: Session, parts: Iterable[str]
) -> None:
    error = assert_raises(partial(from_bytes, subject, artifact, data, session), "an envelope")
    assert_message_contains(error, parts, "an envelope")


def _make_envelope(subject: Subject, artifact: Artifact, change: Callable[[bytes], bytes]) -> bytes:
    """Return a scalar call whose frame is in an envelope of ``CODEC``, altered by ``change``."""
    data = wrap_frames(encode_inline(subject, artifact, "scalar"), CODEC)
    new = {found.path: change(found.data) for found in wire.find_envelopes(data)}
    return wire.replace(data, new)


# Ids


@clause("CHAIN-01")
@each_layer
def test_no_codec_at_first(subject: Subject, layer: Layer) -> None:
    """A new session lists no codec ids. Its default codec has no id."""
    assert_equal(list(chain(subject).ids(subject.session(), layer)), [], "the ids")


@clause("CHAIN-02")
@each_way
@each_layer
def test_listed_in_install_order(subject: Subject, layer: Layer, way: str) -> None:
    """Three codecs are installed. The session lists their ids in the order of installation."""
    codecs = {name: subject.session() for name in ("b", "a", "c")}
    session = _install_sessions(subject, subject.session(), layer, way, *codecs.items())
    assert_equal(list(chain(subject).ids(session, layer)), ["b", "a", "c"], "the ids")


@clause("CHAIN-03")
@each_way
@each_layer
def test_layers_are_separate(subject: Subject, layer: Layer, way: str) -> None:
    """A codec is installed on one layer. The other layer lists no codec."""
    (other,) = {*LAYERS} - {layer}
    session = _install_sessions(subject, subject.session(), layer, way, ("a", subject.session()))
    assert_equal(list(chain(subject).ids(session, other)), [], "the ids of the other layer")


@clause("CHAIN-04")
@each_way
@each_layer
def test_source_has_what_it_had(subject: Subject, layer: Layer, way: str) -> None:
    """A codec is installed on a session. Only the returned session lists it."""
    first, second = subject.session(), subject.session()
    source = chain(subject).install(subject.session(), layer, first, "a")
    session = _install_sessions(subject, source, layer, way, ("b", second))
    assert_equal(list(chain(subject).ids(source, layer)), ["a"], "the ids of the source")
    assert_equal(list(chain(subject).ids(session, layer)), ["a", "b"], "the ids")


@clause("CHAIN-04")
@each_receiver
@each_way
@each_layer
def test_other_layer_has_what_it_had(subject: Subject, layer: Layer, way: str, mode: str) -> None:
    """A session has a codec on one layer and gets another on the other layer. It lists both."""
    (other,), session = {*LAYERS} - {layer}, receiver(subject, mode)
    session = _install_sessions(subject, session, other, way, ("a", subject.session()))
    session = _install_sessions(subject, session, layer, way, ("b", subject.session()))
    ids = {one: list(chain(subject).ids(session, one)) for one in LAYERS}
    assert_equal(ids, {other: ["a"], layer: ["b"]}, "the ids")


@clause("CHAIN-05")
@pytest.mark.parametrize("what", ["session", "capsule", "class", "declaring"])
@each_layer
def test_given_id_counts(subject: Subject, layer: Layer, what: str) -> None:
    """A codec is installed with an explicit id. That id replaces the codec's own one."""
    codec = _make_codec(subject, what, layer, subject.session())
    session = chain(subject).install(subject.session(), layer, codec, "given")
    assert_equal(list(chain(subject).ids(session, layer)), ["given"], f"the id of a {what}")


def _make_codec(subject: Subject, what: str, layer: Layer, host: Session) -> Any:
    if what == "capsule":
        return chain(subject).capsule(host, layer)
    if what == "class":
        return chain(subject).make_exporter(host, "my_library.Outer.Codec")
    if what == "declaring":
        return chain(subject).make_exporter(host, "my_library.Codec", "my_library.v1")
    return host


@clause("CHAIN-06")
@each_way
@each_layer
def test_id_of_a_class(subject: Subject, layer: Layer, way: str) -> None:
    """A codec without an id is installed. Its id is the module and qualified name of its class."""
    codec = _make_codec(subject, "class", layer, subject.session())
    ids = chain(subject).ids(_session_with(subject, layer, way, codec), layer)
    assert_equal(list(ids), ["my_library.Outer.Codec"], "the id of a class")


def _session_with(subject: Subject, layer: Layer, way: str, codec: Any) -> Session:
    """Return a new session with ``codec``, installed under the codec's own id."""
    if way == "bundle":
        return extend_session(subject, subject.session(), layer, codec)
    return chain(subject).install(subject.session(), layer, codec)


@clause("CHAIN-07")
@each_way
@each_layer
def test_declared_id(subject: Subject, layer: Layer, way: str) -> None:
    """A codec that declares an id is installed.

    Its id is the declared one, not that of its class.
    """
    codec = _make_codec(subject, "declaring", layer, subject.session())
    ids = chain(subject).ids(_session_with(subject, layer, way, codec), layer)
    assert_equal(list(ids), ["my_library.v1"], "the declared id")


@clause("CHAIN-08")
@each_way
@each_layer
def test_id_of_a_session(subject: Subject, layer: Layer, way: str) -> None:
    """A session or its strict twin is installed as a codec.

    Its id is `session:` plus the session's id.
    """
    codec = subject.session()
    for handle in (codec, subject.with_inlining(codec, False)):
        ids = chain(subject).ids(_session_with(subject, layer, way, handle), layer)
        assert_equal(list(ids), [f"session:{subject.session_id(codec)}"], "the id of a session")


@clause("CHAIN-09")
@each_layer
def test_id_of_a_capsule(subject: Subject, layer: Layer) -> None:
    """A bare capsule is installed six times on two sessions.

    Each time it gets a new id that begins with `anon:`.
    """
    capsule, ids = chain(subject).capsule(subject.session(), layer), list[str]()
    for session in (subject.session(), subject.session()):
        for _ in range(3):
            session = chain(subject).install(session, layer, capsule)
        ids += chain(subject).ids(session, layer)
    assert_equal([name[:5] for name in ids], ["anon:"] * 6, "the prefixes of the ids")
    assert_equal(len({*ids} - {"anon:"}), 6, "the number of distinct ids")


@clause("CHAIN-09")
@each_layer
def test_ids_in_two_processes(subject: Subject, layer: Layer) -> None:  # noqa: ARG001 - peers have it
    """Two new processes install bare capsules. No id is the same."""
    target = "conformance.suite.helpers.codec_setups:anonymous_ids"
    with another_process() as first, another_process() as second:
        ids = [id_ for peer in (first, second) for id_ in peer.call(target, layer, deadline=15)]
    assert_equal((len(ids), len({*ids})), (6, 6), "the ids, and how many are distinct")


DUPLICATES = [
    "given",
    "class",
    "declaring",
    "session",
    "sibling",
    "given-as-class",
    "given-as-session",
]


@clause("CHAIN-10")
@pytest.mark.parametrize("how", DUPLICATES)
@each_layer
def test_one_id_once(subject: Subject, layer: Layer, how: str) -> None:
    """A second codec with the same id is installed. That raises a ValueError that names the id."""
    session, again, codec_id = _prepare_duplicate(subject, layer, how)
    _assert_raises_type(again, ValueError, [f"'{codec_id}'", "already installed on this session"])
    assert_equal(list(chain(subject).ids(session, layer)), [codec_id], "the ids afterwards")


def _prepare_duplicate(
    subject: Subject, layer: Layer, how: str
) -> tuple[Session, Callable[[], Any], str]:
    """Return a session with a codec, a call that installs another with its id, and the id."""
    chained, host, other = chain(subject), subject.session(), subject.session()
    install = chained.install
    mine = f"session:{subject.session_id(host)}"
    if how in ("class", "declaring"):
        first, second = (_make_codec(subject, how, layer, source) for source in (host, other))
        session = install(other, layer, first)
        codec_id = "my_library.v1" if how == "declaring" else "my_library.Outer.Codec"
        return session, lambda: install(session, layer, second), codec_id
    if how in ("session", "sibling"):
        again = host if how == "session" else subject.with_inlining(host, False)
        session = install(other, layer, host)
        return session, lambda: install(session, layer, again), mine
    if how == "given":
        session = install(other, layer, host, "a")
        return session, lambda: install(session, layer, subject.session(), "a"), "a"
    codec = host if how == "given-as-session" else _make_codec(subject, "class", layer, host)
    codec_id = mine if how == "given-as-session" else "my_library.Outer.Codec"
    session = install(other, layer, subject.session(), codec_id)
    return session, lambda: install(session, layer, codec), codec_id


@clause("CHAIN-11")
@each_layer
def test_no_codec_is_a_type_error(subject: Subject, layer: Layer) -> None:
    """An object that exports no codec raises a TypeError.

    A capsule of the other layer raises a ValueError.
    """
    session, (other,) = subject.session(), {*LAYERS} - {layer}
    for wrong in (object(), None, "codec", 7):
        _assert_raises_type(partial(chain(subject).install, session, layer, wrong), TypeError, [])
    capsule = chain(subject).capsule(session, other)
    kinds = [f"datafusion_{one}_extension_codec" for one in LAYERS]
    _assert_raises_type(partial(chain(subject).install, session, layer, capsule), ValueError, kinds)
    assert_equal(list(chain(subject).ids(session, layer)), [], "the ids afterwards")


@clause("CHAIN-12")
@each_layer
def test_toggle_keeps_codecs(subject: Subject, layer: Layer) -> None:
    """A session with codecs is toggled several times.

    It lists the same codecs in the same order.
    """
    codecs = {name: subject.session() for name in ("b", "a")}
    session = _install_sessions(subject, subject.session(), layer, "setter", *codecs.items())
    for enabled in (False, True, True, False):
        session = subject.with_inlining(session, enabled)
        assert_equal(list(chain(subject).ids(session, layer)), ["b", "a"], f"inlining {enabled}")


# Wrapping


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
    session = _install_sessions(subject, subject.session(), LAYER[artifact], way, *codecs.items())
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
    session = _install_sessions(
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
    session = _install_sessions(
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


# Routing of envelopes


@clause("CHAIN-17")
@each_way
@each_artifact
@each_family
def test_leads_to_its_codec(subject: Subject, family: Family, artifact: Artifact, way: str) -> None:
    """A frame is in the envelope of an installed codec. The codec decodes it, and the UDF runs."""
    codec = subject.session()
    session = _install_sessions(subject, subject.session(), LAYER[artifact], way, (CODEC, codec))
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
    session = _install_sessions(subject, subject.session(), LAYER[artifact], "setter", *listed)
    data = encode_inline(subject, artifact, "scalar")
    call = from_bytes(subject, artifact, wrap_frames(data, "a"), session)
    assert_multiplies(subject, artifact, "scalar", call, session)
    for name in "bc":
        _assert_refuses(subject, artifact, wrap_frames(data, name), session, [])


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
    session = _install_sessions(subject, session, LAYER[artifact], "setter", *codecs.items())
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
    session = _install_sessions(subject, session, LAYER[artifact], "setter", *codecs.items())
    none = "no extension codecs are installed"
    there = f"(installed: {', '.join(installed)})" if installed else none
    for codec_id in NOT_INSTALLED:
        data = wrap_frames(encode_inline(subject, artifact, "scalar"), codec_id)
        parts = [f"extension codec '{codec_id}'", "which is not installed on this session"]
        _assert_refuses(subject, artifact, data, session, [*parts, there])


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
    _assert_refuses(subject, artifact, data, session, [*parts, f"(installed: {own})"])


@clause("CHAIN-22")
@each_artifact
@each_family
def test_not_installed_says_for_what(subject: Subject, family: Family, artifact: Artifact) -> None:
    """An envelope names an id that is not installed. The error names the kind of the UDF."""
    session, _ = _make_reader(subject, artifact)
    data = wrap_frames(encode_inline(subject, artifact, family), "other")
    _assert_refuses(
        subject, artifact, data, session, [f"{KIND[family]} was encoded by extension codec"]
    )


@clause("CHAIN-23")
@each_receiver
@each_artifact
def test_hint_for_capsules(subject: Subject, artifact: Artifact, mode: str) -> None:
    """An envelope names the id of a bare capsule.

    The error suggests ``codec_id=``; for other ids it does not.
    """
    session, _ = _make_reader(subject, artifact, mode)
    data, hint = encode_inline(subject, artifact, "scalar"), "Pass `codec_id=` when installing it"
    _assert_refuses(subject, artifact, wrap_frames(data, "anon:0"), session, ["PyCapsule", hint])
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
    session, _ = _make_reader(subject, artifact)
    subject.register(session, function_of(subject, times(family, 3)))
    data = wrap_frames(encode_inline(subject, artifact, family), "other")
    _assert_refuses(subject, artifact, data, session, [])


# Malformed envelopes

VERSION_AT, LENGTH_AT, ID_AT = Envelope.VERSION_AT, Envelope.LENGTH_AT, Envelope.ID_AT
BLOB_AT = ID_AT + len(CODEC)


@clause("CHAIN-25")
@pytest.mark.parametrize("version", [0, 2, 255])
@each_receiver
@each_artifact
def test_version(subject: Subject, artifact: Artifact, mode: str, version: int) -> None:
    """An envelope has another version than 1.

    The error names it, the supported range and a remedy.
    """
    head = bytes((version,))
    data = _make_envelope(subject, artifact, lambda e: e[:VERSION_AT] + head + e[VERSION_AT + 1 :])
    parts = [f"envelope version v{version};", "supports v1..=v1", "Align datafusion-python"]
    for session in (_make_reader(subject, artifact, mode)[0], receiver(subject, mode)):
        _assert_refuses(subject, artifact, data, session, parts)


@clause("CHAIN-26")
@pytest.mark.parametrize("size", range(VERSION_AT, BLOB_AT))
@each_receiver
@each_artifact
def test_cut(subject: Subject, artifact: Artifact, mode: str, size: int) -> None:
    """An envelope is cut at each byte of its header. The error names the missing part."""
    session, _ = _make_reader(subject, artifact, mode)
    missing = (
        "missing envelope version byte"
        if size <= VERSION_AT
        else "missing codec id length"
        if size < ID_AT
        else "codec id shorter than its declared length"
    )
    data = _make_envelope(subject, artifact, lambda e: e[:size])
    _assert_refuses(
        subject, artifact, data, session, ["Truncated extension codec payload", missing]
    )


@clause("CHAIN-27")
@pytest.mark.parametrize("length", ["one-past", "sign-bit", "largest"])
@each_receiver
@each_artifact
def test_length_past_the_end(subject: Subject, artifact: Artifact, mode: str, length: str) -> None:
    """The length of the id exceeds the envelope, up to the maximum of the field.

    Decoding raises an error.
    """
    session, _ = _make_reader(subject, artifact, mode)

    def change(envelope: bytes) -> bytes:
        past = {"one-past": len(envelope) - ID_AT + 1, "sign-bit": 2**31, "largest": 2**32 - 1}
        return envelope[:LENGTH_AT] + struct.pack("<I", past[length]) + envelope[ID_AT:]

    data = _make_envelope(subject, artifact, change)
    _assert_refuses(subject, artifact, data, session, ["codec id shorter than its declared length"])


@clause("CHAIN-28")
@pytest.mark.parametrize("bad", [b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xc0\x80"], ids=bytes.hex)
@each_receiver
@each_artifact
def test_id_not_utf8(subject: Subject, artifact: Artifact, mode: str, bad: bytes) -> None:
    """The id is not valid UTF-8: a stray byte, a cut, a surrogate, an overlong form.

    Decoding raises an error.
    """
    session, _ = _make_reader(subject, artifact, mode)
    data = _make_envelope(subject, artifact, lambda e: e[: BLOB_AT - len(bad)] + bad + e[BLOB_AT:])
    _assert_refuses(subject, artifact, data, session, ["non-UTF-8 codec id"])


@clause("CHAIN-29")
@pytest.mark.parametrize("depth", [10, 1000])
@each_receiver
@each_artifact
def test_nested_without_end(subject: Subject, artifact: Artifact, mode: str, depth: int) -> None:
    """Up to 1,000 envelopes name a codec that is not installed.

    The error names it, and nothing crashes.
    """
    session, _ = _make_reader(subject, artifact, mode)
    data = wrap_frames(encode_inline(subject, artifact, "scalar"), CODEC, *["inner"] * depth)
    _assert_refuses(
        subject, artifact, data, session, ["'inner'", "no extension codecs are installed"]
    )


@clause("CHAIN-30")
@pytest.mark.parametrize("size", range(BLOB_AT, BLOB_AT + 10))
@each_artifact
def test_cut_in_the_frame(subject: Subject, artifact: Artifact, size: int) -> None:
    """The frame inside an envelope is cut.

    The error is the codec's, which names the missing byte, or the UDF where the magic is cut.
    """
    session, _ = _make_reader(subject, artifact)
    data = _make_envelope(subject, artifact, lambda e: e[:size])
    missing = {7: "wire-format version", 8: "Python major version", 9: "Python minor version"}
    byte = missing.get(size - BLOB_AT)
    of_codec = ("Truncated", "Python scalar UDF payload", f"missing {byte} byte")
    _assert_refuses(subject, artifact, data, session, of_codec if byte else ["times"])


@clause("CHAIN-31")
@pytest.mark.parametrize("what", ["version", "cut", "length", "utf8", "not-installed"])
@each_artifact
def test_is_an_execution_error(subject: Subject, artifact: Artifact, what: str) -> None:
    """An envelope is malformed in one of five ways. Decoding raises an Execution error."""
    session, _ = _make_reader(subject, artifact)
    changes: dict[str, Callable[[bytes], bytes]] = {
        "version": lambda e: e[:VERSION_AT] + b"\2" + e[VERSION_AT + 1 :],
        "cut": lambda e: e[:LENGTH_AT],
        "length": lambda e: e[:LENGTH_AT] + b"\xff" * 4 + e[ID_AT:],
        "utf8": lambda e: e[:ID_AT] + b"\xff" + e[ID_AT + 1 :],
        "not-installed": lambda e: e[:ID_AT] + b"k" + e[ID_AT + 1 :],
    }
    data = _make_envelope(subject, artifact, changes[what])
    error = assert_raises(partial(from_bytes, subject, artifact, data, session), what)
    assert_error_kind(subject, error, "Execution", what)


# Bundles


@clause("CHAIN-32")
@each_layer
def test_no_bundle(subject: Subject, layer: Layer) -> None:
    """No bundle is passed.

    The result is another handle on the same session, with the same codecs.
    """
    codec = subject.session()
    source = chain(subject).install(subject.session(), layer, codec, "a")
    session = chain(subject).extend(source)
    assert_true(session is not source, "extend returned the same handle")
    assert_equal(subject.session_id(session), subject.session_id(source), "the session's id")
    assert_equal(list(chain(subject).ids(session, layer)), ["a"], "the ids")


@clause("CHAIN-33")
@each_layer
def test_bundles_in_order(subject: Subject, layer: Layer) -> None:
    """Several bundles bring codecs.

    The session lists them after the installed ones, bundle by bundle.
    """
    make = partial(chain(subject).make_exporter, host := subject.session(), "any.Codec")
    bundles = [
        Bundle(lambda _: {layer: [make("d"), make("c")]}),
        Bundle(lambda _: {one: [make("b")] for one in LAYERS}),
        Bundle(lambda _: {}),
        Bundle(lambda _: {layer: iter([make("a")])}),
    ]
    source = chain(subject).install(subject.session(), layer, host, "first")
    session, (other,) = chain(subject).extend(source, *bundles), {*LAYERS} - {layer}
    ids = {one: list(chain(subject).ids(session, one)) for one in LAYERS}
    assert_equal(ids, {layer: ["first", "d", "c", "b", "a"], other: ["b"]}, "the ids")


@clause("CHAIN-34")
@pytest.mark.parametrize("wrong", [object(), None, "text"], ids=["object", "none", "text"])
def test_no_extension(subject: Subject, wrong: Any) -> None:
    """An object without either hook is passed as a bundle.

    That raises a TypeError that names both hooks.
    """
    hooks = ["__datafusion_session_components__", "__datafusion_session_planner__"]
    _assert_raises_type(partial(chain(subject).extend, subject.session(), wrong), TypeError, hooks)


@clause("CHAIN-35")
@pytest.mark.parametrize("wrong", [None, "text", ()], ids=["none", "text", "tuple"])
def test_hook_returns_something_else(subject: Subject, wrong: Any) -> None:
    """A hook returns something other than components.

    That raises a TypeError that names the hook.
    """
    call = partial(chain(subject).extend, subject.session(), Bundle(lambda _: wrong))
    _assert_raises_type(call, TypeError, ["__datafusion_session_components__ must return"])


@clause("CHAIN-36")
@each_layer
def test_bare_capsule_in_a_bundle(subject: Subject, layer: Layer) -> None:
    """A bundle contains a bare capsule, which has no id. That raises a TypeError."""
    capsule = chain(subject).capsule(subject.session(), layer)
    call = partial(extend_session, subject, subject.session(), layer, capsule)
    _assert_raises_type(
        call, TypeError, ["bare PyCapsule", f"__datafusion_{layer}_extension_codec__"]
    )


@clause("CHAIN-37")
@pytest.mark.parametrize("wrong", ["codec", "text", "bytes"])
@each_layer
def test_single_codec_in_a_bundle(subject: Subject, layer: Layer, wrong: str) -> None:
    """A bundle returns a single codec instead of an iterable.

    That raises a TypeError that names the field.
    """
    single: dict[str, Any] = {"codec": subject.session(), "text": "abc", "bytes": b"abc"}
    bundle = Bundle(lambda _: {layer: single[wrong]})
    call = partial(chain(subject).extend, subject.session(), bundle)
    _assert_raises_type(call, TypeError, [f"{layer}_extension_codecs must be an iterable"])


@clause("CHAIN-38")
@pytest.mark.parametrize("where", ["installed", "bundles", "bundle", "one-codec-twice"])
@each_layer
def test_one_id_in_bundles(subject: Subject, layer: Layer, where: str) -> None:
    """A bundle brings an id that the session, another bundle or itself already has.

    That raises a ValueError that names the id.
    """
    make = partial(chain(subject).make_exporter, host := subject.session(), "any.Codec", "taken")
    session, bundle = subject.session(), Bundle(lambda _: {layer: [make()]})
    bundles = [bundle, bundle] if where == "bundles" else [bundle]
    if where == "installed":
        session = chain(subject).install(session, layer, host, "taken")
    if where == "bundle":
        bundles = [Bundle(lambda _: {layer: [make(), make()]})]
    if where == "one-codec-twice":
        bundles = [Bundle(lambda _: {layer: [make()] * 2})]
    call = partial(chain(subject).extend, session, *bundles)
    _assert_raises_type(call, ValueError, ["'taken'", "already installed on this session"])


class _HookError(Exception):
    pass


@clause("CHAIN-39")
@pytest.mark.parametrize("wrong", ["raises", "planner", "capsule", "nothing"])
@each_artifact
def test_all_or_nothing(subject: Subject, artifact: Artifact, wrong: str) -> None:
    """The second of two bundles fails. Its error propagates, and the session keeps its codecs."""

    def fail(_: Session) -> Any:
        raise _HookError

    layer, codec = LAYER[artifact], subject.session()
    source = chain(subject).install(subject.session(), layer, codec, "a")
    good = Bundle(lambda _: {layer: [chain(subject).make_exporter(codec, "any.Codec", "b")]})
    bad = {
        "raises": Bundle(fail),
        "planner": Bundle(lambda _: {}, fail),
        "capsule": Bundle(lambda _: {layer: [chain(subject).capsule(codec, layer)]}),
        "nothing": Bundle(lambda _: None),
    }
    kind = _HookError if wrong in ("raises", "planner") else TypeError
    _assert_raises_type(partial(chain(subject).extend, source, good, bad[wrong]), kind, [])
    assert_equal(list(chain(subject).ids(source, layer)), ["a"], "the ids afterwards")
    data = encode_inline(subject, artifact, "scalar")
    assert_multiplies(
        subject,
        artifact,
        "scalar",
        from_bytes(subject, artifact, wrap_frames(data, "a"), source),
        source,
    )
    _assert_refuses(subject, artifact, wrap_frames(data, "b"), source, [])


@clause("CHAIN-40")
@each_layer
def test_codecs_before_planners(subject: Subject, layer: Layer) -> None:
    """Two bundles record when their hooks run.

    Both codec hooks run before any codec is installed, and the planner hooks run after all are.
    """
    seen: list[tuple[str, str, Sequence[str]]] = []
    host = subject.session()
    source = chain(subject).install(subject.session(), layer, host, "first")

    def see(phase: str, session: Session) -> None:
        ids = list(chain(subject).ids(session, layer))
        seen.append((phase, subject.session_id(session), ids))

    def bundle(name: str) -> Bundle:
        def components(session: Session) -> Any:
            see("codecs", session)
            return {layer: [chain(subject).make_exporter(host, "any.Codec", name)]}

        return Bundle(components, partial(see, "planner"))

    chain(subject).extend(source, bundle("a"), bundle("b"))
    own = subject.session_id(source)
    expected = [
        *[("codecs", own, ["first"])] * 2,
        *[("planner", own, ["first", "a", "b"])] * 2,
    ]
    assert_equal(seen, expected, "the hook calls with session ids and codec ids")


@clause("CHAIN-41")
@each_receiver
def test_hooks_get_the_toggle(subject: Subject, mode: str) -> None:
    """The hooks of two extensions, one of which has no codecs, use the session that they get.

    It encodes and decodes as the session that is extended, and so does the session returned.
    """
    seen = {}

    def use(hook: str, session: Session) -> None:
        seen[hook] = setting_of(subject, session)

    def components(session: Session) -> Any:
        use("components", session)
        return {}

    both, alone = Bundle(components, partial(use, "planner")), Bundle(None, partial(use, "alone"))
    use("none", chain(subject).extend(receiver(subject, mode), both, alone))
    setting = INLINING if mode == "inlining" else STRICT
    expected = dict.fromkeys(("components", "planner", "alone", "none"), setting)
    assert_equal(seen, expected, "whether each session writes frames, and reads them")
