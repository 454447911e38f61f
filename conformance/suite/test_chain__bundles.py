"""The codec chain: bundles of extensions."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import pytest

from conformance.runner.assertions import assert_equal, assert_true
from conformance.subjects.chain import Bundle
from conformance.subjects.interface import Session, Subject
from conformance.subjects.plans import Layer
from conformance.suite.helpers.artifacts import (
    LAYER,
    Artifact,
    assert_multiplies,
    each_artifact,
    encode_inline,
    from_bytes,
    wrap_frames,
)
from conformance.suite.helpers.chains import assert_raises_type, assert_refuses
from conformance.suite.helpers.codec import INLINING, STRICT, setting_of
from conformance.suite.helpers.codec_setups import chain, extend_session
from conformance.suite.helpers.markers import LAYERS, clause, each_layer, each_receiver
from conformance.suite.helpers.samples import receiver


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
    assert_raises_type(partial(chain(subject).extend, subject.session(), wrong), TypeError, hooks)


@clause("CHAIN-35")
@pytest.mark.parametrize("wrong", [None, "text", ()], ids=["none", "text", "tuple"])
def test_hook_returns_something_else(subject: Subject, wrong: Any) -> None:
    """A hook returns something other than components.

    That raises a TypeError that names the hook.
    """
    call = partial(chain(subject).extend, subject.session(), Bundle(lambda _: wrong))
    assert_raises_type(call, TypeError, ["__datafusion_session_components__ must return"])


@clause("CHAIN-36")
@each_layer
def test_bare_capsule_in_a_bundle(subject: Subject, layer: Layer) -> None:
    """A bundle contains a bare capsule, which has no id. That raises a TypeError."""
    capsule = chain(subject).capsule(subject.session(), layer)
    call = partial(extend_session, subject, subject.session(), layer, capsule)
    assert_raises_type(
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
    assert_raises_type(call, TypeError, [f"{layer}_extension_codecs must be an iterable"])


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
    assert_raises_type(call, ValueError, ["'taken'", "already installed on this session"])


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
    assert_raises_type(partial(chain(subject).extend, source, good, bad[wrong]), kind, [])
    assert_equal(list(chain(subject).ids(source, layer)), ["a"], "the ids afterwards")
    data = encode_inline(subject, artifact, "scalar")
    assert_multiplies(
        subject,
        artifact,
        "scalar",
        from_bytes(subject, artifact, wrap_frames(data, "a"), source),
        source,
    )
    assert_refuses(subject, artifact, wrap_frames(data, "b"), source, [])


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
