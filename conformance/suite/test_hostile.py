"""Hostile bytes: damaged goldens and inputs that crashed, hung or panicked a reader before."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, Literal

import pytest

from conformance import wire
from conformance.hostile import canary
from conformance.hostile.choices import Seeded
from conformance.hostile.corpus import CorpusEntry, entries
from conformance.hostile.limits import limit_memory
from conformance.hostile.mutations import FRAMED, MUTATIONS, message
from conformance.hostile.seeds import LEVELS, Level, Seed, seeds
from conformance.hostile.targets import Decode, Target, subject_target
from conformance.hostile.unpickle_guard import UnpickleGuard
from conformance.runner.assertions import (
    Mismatch,
    assert_control,
    assert_equal,
    assert_nothing_unpickled,
    assert_raises,
)
from conformance.subjects.interface import Subject
from conformance.suite.helpers.artifacts import call_in, to_bytes
from conformance.suite.helpers.codec import MAGIC, PYTHON
from conformance.suite.helpers.markers import clause, needs
from conformance.suite.helpers.same_name_udfs import function_of, times
from conformance.suite.helpers.samples import once, plans
from conformance.wire import Envelope
from conformance.wire.region import splice

VARIANTS = 40
"""The number of inputs of a case; they are the same in each run."""

_HEADER = re.compile(rb"(DFPYUD[FAW]\x01)..", re.DOTALL)

KNOWN_FINDINGS = {id_: entry for id_, entry in entries().items() if entry.target == "datafusion"}
CRASHED = [id_ for id_, entry in KNOWN_FINDINGS.items() if entry.signature.startswith("crash")]
HUNG = [id_ for id_, entry in KNOWN_FINDINGS.items() if entry.signature.startswith("hang")]
PANICKED = [id_ for id_ in KNOWN_FINDINGS if id_ not in (*CRASHED, *HUNG)]


def _needs(level: str) -> Sequence[pytest.MarkDecorator]:
    capabilities = {"chain": "chain" in level, "plans": "expression" not in level}
    return [needs(capability) for capability, needed in capabilities.items() if needed]


def _each_finding(ids: Sequence[str]) -> pytest.MarkDecorator:
    marked = [pytest.param(id_, marks=_needs(KNOWN_FINDINGS[id_].level)) for id_ in ids]
    return pytest.mark.parametrize("entry", marked)


def _levels(wanted: Callable[[str], bool]) -> pytest.MarkDecorator:
    marked = [pytest.param(level, marks=_needs(level)) for level in LEVELS if wanted(level)]
    return pytest.mark.parametrize("level", marked)


each_level = _levels(lambda _: True)
each_plain_level = _levels(lambda level: "chain" not in level)
each_chained_level = _levels(lambda level: "chain" in level)
each_framed_family = pytest.mark.parametrize("family", sorted(FRAMED))
each_mode = pytest.mark.parametrize("mode", ["strict", "inlining"])


@once
def _target(subject: Subject) -> Target:
    return subject_target(subject)


def _decoder(subject: Subject, level: Level, mode: str) -> Decode:
    return _target(subject).decoders[level][mode]


def _framed_seeds(level: Level) -> list[Seed]:
    return [seed for seed in seeds(PYTHON)[level] if seed.located.frames]


def _damage_seeds(level: Level, family: str) -> list[bytes]:
    """Return the seeds of a level, damaged by a mutation family."""
    chosen = _framed_seeds(level) if family in FRAMED else list(seeds(PYTHON)[level])
    return [
        MUTATIONS[family](Seeded(f"{level} {family} {number}"), seed, other)
        for number, seed, other in zip(
            range(VARIANTS), chosen * VARIANTS, chosen[::-1] * VARIANTS, strict=False
        )
    ]


def _with_own_python(entry: CorpusEntry) -> bytes:
    """Return an entry's bytes with the Python version of this process in all frame headers."""
    return _HEADER.sub(lambda header: header[1] + bytes(PYTHON), entry.data)


def _assert_no_panic(decode: Callable[[], Any], what: str) -> None:
    """Assert that ``decode`` returns or raises an ``Exception``."""
    try:
        with suppress(Exception), limit_memory():
            decode()
    except BaseException as error:  # noqa: BLE001 - a panic is a BaseException
        seen = f"{type(error).__name__}: {error}"
        raise Mismatch("panic", f"{what}: the reader panicked", "an Exception", seen) from None


def _decode_to_end(decode: Callable[[], Any]) -> None:
    """Call ``decode``, which must return or raise; a panic is allowed."""
    with suppress(BaseException), limit_memory():
        decode()


def _with_canaries(seed: Seed) -> bytes:
    """Return a seed with a canary as the payload of each frame, which any unpickler triggers."""
    frames = {found.path: found.data for found in seed.located.frames}
    return wire.replace(
        seed.data, {path: frame[:10] + canary.payload() for path, frame in frames.items()}
    )


def _assert_strict_unpickles_nothing(subject: Subject, level: Level, family: str) -> None:
    intact = _with_canaries(_framed_seeds(level)[0])
    with UnpickleGuard().active() as guard:
        with suppress(Exception):  # the guard stops some unpicklers
            _decoder(subject, level, "inlining")(intact)
        assert_control(
            bool(guard.drain()), f"the inlining session unpickled nothing at level {level}"
        )
        for data in _damage_seeds(level, family):
            with suppress(Exception):
                _decoder(subject, level, "strict")(data)
            assert_nothing_unpickled(guard.drain(), f"{family} at level {level}")


def _decode_in_both_modes(subject: Subject, finding: CorpusEntry) -> None:
    with UnpickleGuard().active():
        for mode in ("strict", "inlining"):
            _decode_to_end(
                partial(_decoder(subject, finding.reader, mode), _with_own_python(finding))
            )


@clause("HOSTILE-01")
@each_plain_level
@each_framed_family
def test_strict_unpickles_nothing(subject: Subject, family: str, level: Level) -> None:
    """A strict session unpickles no damaged bytes; an inlining session unpickles intact ones."""
    _assert_strict_unpickles_nothing(subject, level, family)


@clause("HOSTILE-07")
@each_chained_level
@each_framed_family
def test_strict_with_codecs_unpickles_nothing(subject: Subject, family: str, level: Level) -> None:
    """A strict session with a strict codec unpickles no damaged bytes."""
    _assert_strict_unpickles_nothing(subject, level, family)


@clause("HOSTILE-02")
@each_level
@pytest.mark.parametrize("family", ["canary", "header"])
def test_only_behind_a_header_that_is_right(subject: Subject, family: str, level: Level) -> None:
    """If no frame has the supported version and this Python, nothing is unpickled."""
    accepted = [magic + bytes((1, *PYTHON)) for magic in MAGIC.values()]
    headerless = [
        data for data in _damage_seeds(level, family) if not any(head in data for head in accepted)
    ]
    assert_control(
        len(headerless) > 3, f"too few inputs of {family} at level {level} lack a correct header"
    )
    with UnpickleGuard().active() as guard:
        for data in headerless:
            with suppress(Exception):  # it may be resolved by name
                _decoder(subject, level, "inlining")(data)
            assert_nothing_unpickled(guard.drain(), f"{family} at level {level}")


@clause("HOSTILE-03")
@each_mode
@pytest.mark.parametrize("family", ["bits", "cuts", "header", "nesting", "protobuf", "splice"])
def test_damaged_expressions(subject: Subject, family: str, mode: str) -> None:
    """A damaged expression raises an Exception or decodes to another expression."""
    with UnpickleGuard().active():
        for number, data in enumerate(_damage_seeds("expression", family)):
            decode = partial(_decoder(subject, "expression", mode), data)
            _assert_no_panic(decode, f"{family} {number}, {mode}")


@clause("HOSTILE-03")
@_each_finding(PANICKED)
def test_kept(subject: Subject, entry: str) -> None:
    """An input that made a reader panic before raises an Exception or decodes."""
    finding = KNOWN_FINDINGS[entry]
    with UnpickleGuard().active():
        for mode in ("strict", "inlining"):
            decode = partial(_decoder(subject, finding.reader, mode), _with_own_python(finding))
            _assert_no_panic(decode, f"{entry}, {mode}")


@clause("HOSTILE-04")
@pytest.mark.deadly
@_each_finding(CRASHED)
def test_kept_that_ended_it(subject: Subject, entry: str) -> None:
    """An input that crashed a process before is refused or decodes."""
    _decode_in_both_modes(subject, KNOWN_FINDINGS[entry])


@clause("HOSTILE-04")
@pytest.mark.deadly
@each_mode
def test_lengths_that_lie(subject: Subject, mode: str) -> None:
    """Fields, envelopes and pickles that claim up to 2**64 bytes are refused or decode."""
    with UnpickleGuard().active():
        for data in _damage_seeds("expression", "lengths"):
            _decode_to_end(partial(_decoder(subject, "expression", mode), data))


@clause("HOSTILE-05")
@pytest.mark.deadly
@pytest.mark.cpu_deadline(1.5)  # it hangs at work, and a decoder takes 0.01 s
@_each_finding(HUNG)
def test_kept_that_hung(subject: Subject, entry: str) -> None:
    """An input that made a reader hang before is refused or decodes."""
    _decode_in_both_modes(subject, KNOWN_FINDINGS[entry])


@clause("HOSTILE-05")
@pytest.mark.deadly
@each_level
def test_deep(subject: Subject, level: Level) -> None:
    """Messages nested up to ten thousand deep are refused or decode, strict and inlining."""
    chosen = _framed_seeds(level)
    for number in range(VARIANTS):
        data = message.nesting(Seeded(f"{level} {number}"), chosen[number % len(chosen)].data)
        for mode in ("strict", "inlining"):
            with UnpickleGuard().active():
                _decode_to_end(partial(_decoder(subject, level, mode), data))


@clause("HOSTILE-05")
@each_mode
def test_many_envelopes(subject: Subject, mode: str) -> None:
    """A frame in twenty thousand envelopes is refused or decodes."""
    seed = _framed_seeds("chain-expression")[0]
    found = seed.located.envelopes[0]
    blob = Envelope("x", b"").to_bytes() * 20_000 + seed.located.frames[0].data
    data = splice(seed.data, [(found.regions, blob)])
    with UnpickleGuard().active():
        _decode_to_end(partial(_decoder(subject, "expression", mode), data))


@clause("HOSTILE-06")
@each_plain_level
def test_nothing_is_left_behind(
    subject: Subject, level: Literal["expression", "logical", "physical"]
) -> None:
    """A session decodes a message the same before and after many refusals and some panics.

    A strict one still refuses it.
    """
    udf, target = times("scalar", 7), subject_target(subject).decoders[level]
    sender, call = call_in(subject, level, udf, function_of(subject, udf))
    good = to_bytes(subject, level, call, sender)
    display = subject.display if "expression" in level else plans(subject).display
    inputs = [
        data for family in ("canary", "envelope", "header") for data in _damage_seeds(level, family)
    ]
    inputs += [
        _with_own_python(KNOWN_FINDINGS[id_])
        for id_ in PANICKED
        if KNOWN_FINDINGS[id_].level == level
    ]
    before = display(target["inlining"](good))
    with UnpickleGuard().active():
        for data in inputs:
            for decoder in target.values():
                _decode_to_end(partial(decoder, data))
    again = display(target["inlining"](good))
    assert_equal(again, before, "the decoded message")
    assert_raises(lambda: target["strict"](good), "the message on a strict session")
