"""Hostile bytes: what damaged goldens may do to a session, and what had a reader fail before."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

import pytest

from conformance.hostile.choices import Seeded
from conformance.hostile.corpus import Entry, entries
from conformance.hostile.limits import bounded
from conformance.hostile.mutations import FAMILIES, FRAMED, message
from conformance.hostile.seeds import LEVELS, Level, Seed, seeds
from conformance.hostile.targets import Decode, Target, of_subject
from conformance.hostile.unpickle_guard import UnpickleGuard
from conformance.runner.assertions import (
    Mismatch,
    assert_control,
    assert_equal,
    assert_message_contains,
    assert_nothing_unpickled,
    assert_raises,
)
from conformance.subjects.interface import Subject
from conformance.suite.helpers.codec import MAGIC, PYTHON
from conformance.suite.helpers.markers import clause, needs
from conformance.suite.helpers.samples import once
from conformance.wire import Envelope
from conformance.wire.region import splice

VARIANTS = 40
"""Inputs of a case: the same ones each time."""

_HEADER = re.compile(rb"(DFPYUD[FAW]\x01)..", re.DOTALL)

KEPT = {id_: one for id_, one in entries().items() if one.target == "datafusion"}
ENDED = [id_ for id_, one in KEPT.items() if one.signature.startswith("crash")]
HUNG = [id_ for id_, one in KEPT.items() if one.signature.startswith("hang")]
PANICKED = [id_ for id_ in KEPT if id_ not in (*ENDED, *HUNG)]


def _part(level: str) -> Sequence[pytest.MarkDecorator]:
    parts = {"chain": "chain" in level, "plans": "expression" not in level}
    return [needs(part) for part, needed in parts.items() if needed]


def _kept(ids: Sequence[str]) -> pytest.MarkDecorator:
    marked = [pytest.param(id_, marks=_part(KEPT[id_].level)) for id_ in ids]
    return pytest.mark.parametrize("entry", marked)


def _levels(of: Callable[[str], bool]) -> pytest.MarkDecorator:
    marked = [pytest.param(level, marks=_part(level)) for level in LEVELS if of(level)]
    return pytest.mark.parametrize("level", marked)


each_level = _levels(lambda _: True)
each_plain_level = _levels(lambda level: "chain" not in level)
each_chained_level = _levels(lambda level: "chain" in level)
each_framed_family = pytest.mark.parametrize("family", sorted(FRAMED))
each_mode = pytest.mark.parametrize("mode", ["strict", "inlining"])


@once
def _target(subject: Subject) -> Target:
    return of_subject(subject)


def _decoder(subject: Subject, level: Level, mode: str) -> Decode:
    return _target(subject).decoders[level][mode]


def _framed(level: Level) -> list[Seed]:
    return [seed for seed in seeds(PYTHON)[level] if seed.located.frames]


def _damaged(level: Level, family: str) -> list[bytes]:
    """Seeds of a level, damaged by a family."""
    chosen = _framed(level) if family in FRAMED else list(seeds(PYTHON)[level])
    return [
        FAMILIES[family](Seeded(f"{level} {family} {number}"), seed, other)
        for number, seed, other in zip(
            range(VARIANTS), chosen * VARIANTS, chosen[::-1] * VARIANTS, strict=False
        )
    ]


def _here(entry: Entry) -> bytes:
    """An entry's bytes, as a sender on this Python would have written its headers."""
    return _HEADER.sub(lambda header: header[1] + bytes(PYTHON), entry.data())


def _refused_or_read(decode: Callable[[], Any], what: str) -> None:
    """What ``decode`` raises must be an ``Exception``."""
    try:
        with suppress(Exception), bounded():
            decode()
    except BaseException as error:  # noqa: BLE001 - a panic is no Exception
        seen = f"{type(error).__name__}: {error}"
        raise Mismatch("panic", f"{what}: a panic", "an Exception", seen) from None


def _ends(decode: Callable[[], Any]) -> None:
    """``decode`` must come to an end, be it a panic."""
    with suppress(BaseException), bounded():
        decode()


def _strict_unpickles_nothing(subject: Subject, level: Level, family: str) -> None:
    with UnpickleGuard().active() as guard:
        _decoder(subject, level, "inlining")(_framed(level)[0].data)
        assert_control(
            bool(guard.drain()), f"an inlining session unpickles nothing at level {level}"
        )
        for data in _damaged(level, family):
            with suppress(Exception):
                _decoder(subject, level, "strict")(data)
            assert_nothing_unpickled(guard.drain(), f"{family} at level {level}")


def _all_end(subject: Subject, kept: Entry) -> None:
    with UnpickleGuard().active():
        for mode in ("strict", "inlining"):
            _ends(partial(_decoder(subject, kept.reader, mode), _here(kept)))


@clause("HOSTILE-01")
@each_plain_level
@each_framed_family
def test_strict_unpickles_nothing(subject: Subject, family: str, level: Level) -> None:
    """Nothing of what is damaged is looked up, imported or run; undamaged and inlining, it is."""
    _strict_unpickles_nothing(subject, level, family)


@clause("HOSTILE-07")
@each_chained_level
@each_framed_family
def test_strict_with_codecs_unpickles_nothing(subject: Subject, family: str, level: Level) -> None:
    """As without codecs, where a strict session has a strict one as its codec."""
    _strict_unpickles_nothing(subject, level, family)


@clause("HOSTILE-02")
@each_level
@pytest.mark.parametrize("family", ["canary", "header"])
def test_only_behind_a_header_that_is_right(subject: Subject, family: str, level: Level) -> None:
    """Where no frame of these bytes has the one version and this Python, nothing is unpickled."""
    accepted = [magic + bytes((1, *PYTHON)) for magic in MAGIC.values()]
    hopeless = [
        data for data in _damaged(level, family) if not any(head in data for head in accepted)
    ]
    assert_control(len(hopeless) > 3, f"too few of {family} at level {level} have no right header")
    with UnpickleGuard().active() as guard:
        for data in hopeless:
            with suppress(Exception):  # by its name it may be read
                _decoder(subject, level, "inlining")(data)
            assert_nothing_unpickled(guard.drain(), f"{family} at level {level}")


@clause("HOSTILE-03")
@each_mode
@pytest.mark.parametrize("family", ["bits", "cuts", "header", "nesting", "protobuf", "splice"])
def test_damaged_expressions(subject: Subject, family: str, mode: str) -> None:
    """A damaged expression is an Exception or another expression."""
    with UnpickleGuard().active():
        for number, data in enumerate(_damaged("expression", family)):
            decode = partial(_decoder(subject, "expression", mode), data)
            _refused_or_read(decode, f"{family} {number}, {mode}")


@clause("HOSTILE-03")
@_kept(PANICKED)
def test_kept(subject: Subject, entry: str) -> None:
    """What had a reader panic before is an Exception, or decodes."""
    kept = KEPT[entry]
    with UnpickleGuard().active():
        for mode in ("strict", "inlining"):
            decode = partial(_decoder(subject, kept.reader, mode), _here(kept))
            _refused_or_read(decode, f"{entry}, {mode}")


@clause("HOSTILE-04")
@pytest.mark.deadly
@_kept(ENDED)
def test_kept_that_ended_it(subject: Subject, entry: str) -> None:
    """What ended a process before is refused, or decodes."""
    _all_end(subject, KEPT[entry])


@clause("HOSTILE-04")
@pytest.mark.deadly
@each_mode
def test_lengths_that_lie(subject: Subject, mode: str) -> None:
    """Fields, envelopes and pickles that claim up to 2**64 bytes are refused, or read."""
    with UnpickleGuard().active():
        for data in _damaged("expression", "lengths"):
            _ends(partial(_decoder(subject, "expression", mode), data))


@clause("HOSTILE-05")
@pytest.mark.deadly
@pytest.mark.deadline(4)
@_kept(HUNG)
def test_kept_that_hung(subject: Subject, entry: str) -> None:
    """What kept a reader busy before is refused, or decodes."""
    _all_end(subject, KEPT[entry])


@clause("HOSTILE-05")
@pytest.mark.deadly
@each_level
def test_deep(subject: Subject, level: Level) -> None:
    """Messages that nest up to ten thousand deep are refused or read, strict and inlining."""
    chosen = _framed(level)
    for number in range(VARIANTS):
        data = message.nesting(Seeded(f"{level} {number}"), chosen[number % len(chosen)].data)
        for mode in ("strict", "inlining"):
            with UnpickleGuard().active():
                _ends(partial(_decoder(subject, level, mode), data))


@clause("HOSTILE-05")
@each_mode
def test_many_envelopes(subject: Subject, mode: str) -> None:
    """A frame in twenty thousand envelopes is refused or read."""
    seed = _framed("chain-expression")[0]
    found = seed.located.envelopes[0]
    blob = Envelope("x", b"").to_bytes() * 20_000 + seed.located.frames[0].data
    data = splice(seed.data, [(found.regions, blob)])
    with UnpickleGuard().active():
        _ends(partial(_decoder(subject, "expression", mode), data))


@clause("HOSTILE-06")
@each_plain_level
def test_nothing_is_left_behind(subject: Subject, level: Level) -> None:
    """A new session reads a golden, hundreds of refusals and a few panics, the golden again."""
    (good, *_), target = _framed(level), of_subject(subject).decoders[level]
    hostile = [
        data for family in ("canary", "envelope", "header") for data in _damaged(level, family)
    ]
    hostile += [_here(KEPT[id_]) for id_ in PANICKED if KEPT[id_].level == level]
    with UnpickleGuard().active():
        before = str(target["inlining"](good.data))
        for data in hostile:
            for decoder in target.values():
                _ends(partial(decoder, data))
        again = str(target["inlining"](good.data))
        error = assert_raises(lambda: target["strict"](good.data), "a golden on a strict session")
    assert_equal(_text(again), _text(before), "what a golden reads as")
    assert_message_contains(
        error, ["inlining is disabled on this session"], "a golden on a strict session"
    )


def _text(shown: str) -> str:
    """What is shown, without the addresses of objects and the numbers of plans."""
    return re.sub(r"0x[0-9a-f]+|\d+", "N", shown)
