"""The codec chain: the ids of codecs, in both layers."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from conformance.runner.assertions import assert_equal
from conformance.subjects.interface import Session, Subject
from conformance.subjects.plans import Layer
from conformance.suite.helpers.chains import assert_raises_type, each_way, install_sessions
from conformance.suite.helpers.codec_setups import chain, extend_session
from conformance.suite.helpers.decode_worker import another_process
from conformance.suite.helpers.markers import LAYERS, clause, each_layer, each_receiver
from conformance.suite.helpers.samples import receiver


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
    session = install_sessions(subject, subject.session(), layer, way, *codecs.items())
    assert_equal(list(chain(subject).ids(session, layer)), ["b", "a", "c"], "the ids")


@clause("CHAIN-03")
@each_way
@each_layer
def test_layers_are_separate(subject: Subject, layer: Layer, way: str) -> None:
    """A codec is installed on one layer. The other layer lists no codec."""
    (other,) = {*LAYERS} - {layer}
    session = install_sessions(subject, subject.session(), layer, way, ("a", subject.session()))
    assert_equal(list(chain(subject).ids(session, other)), [], "the ids of the other layer")


@clause("CHAIN-04")
@each_way
@each_layer
def test_source_has_what_it_had(subject: Subject, layer: Layer, way: str) -> None:
    """A codec is installed on a session. Only the returned session lists it."""
    first, second = subject.session(), subject.session()
    source = chain(subject).install(subject.session(), layer, first, "a")
    session = install_sessions(subject, source, layer, way, ("b", second))
    assert_equal(list(chain(subject).ids(source, layer)), ["a"], "the ids of the source")
    assert_equal(list(chain(subject).ids(session, layer)), ["a", "b"], "the ids")


@clause("CHAIN-04")
@each_receiver
@each_way
@each_layer
def test_other_layer_has_what_it_had(subject: Subject, layer: Layer, way: str, mode: str) -> None:
    """A session has a codec on one layer and gets another on the other layer. It lists both."""
    (other,), session = {*LAYERS} - {layer}, receiver(subject, mode)
    session = install_sessions(subject, session, other, way, ("a", subject.session()))
    session = install_sessions(subject, session, layer, way, ("b", subject.session()))
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
    assert_raises_type(again, ValueError, [f"'{codec_id}'", "already installed on this session"])
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
        assert_raises_type(partial(chain(subject).install, session, layer, wrong), TypeError, [])
    capsule = chain(subject).capsule(session, other)
    kinds = [f"datafusion_{one}_extension_codec" for one in LAYERS]
    assert_raises_type(partial(chain(subject).install, session, layer, capsule), ValueError, kinds)
    assert_equal(list(chain(subject).ids(session, layer)), [], "the ids afterwards")


@clause("CHAIN-12")
@each_layer
def test_toggle_keeps_codecs(subject: Subject, layer: Layer) -> None:
    """A session with codecs is toggled several times.

    It lists the same codecs in the same order.
    """
    codecs = {name: subject.session() for name in ("b", "a")}
    session = install_sessions(subject, subject.session(), layer, "setter", *codecs.items())
    for enabled in (False, True, True, False):
        session = subject.with_inlining(session, enabled)
        assert_equal(list(chain(subject).ids(session, layer)), ["b", "a"], f"inlining {enabled}")
