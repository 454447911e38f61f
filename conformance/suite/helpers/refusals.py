"""Observe refusals, and compare them with those that the golden store holds."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from conformance.golden.refusals import Refusal, Refusals, WriterKey, baseline, mask
from conformance.runner.assertions import Mismatch, assert_control
from conformance.subjects.interface import Subject
from conformance.suite.helpers.refused_calls import Call, Row
from conformance.suite.helpers.refused_inputs import ROWS, rows_of
from conformance.suite.helpers.samples import once
from conformance.util.kinds import Kind
from conformance.util.text_diff import word_diff
from conformance.util.versions import minor_version

ACCEPTED = Refusal("")
SHOWN = 3
"""The number of differences that a failure shows in full."""


def observe(subject: Subject, call: Call) -> Refusal:
    """Return how ``call`` is refused; a panic is an error, too."""
    try:
        call()
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # noqa: BLE001 - the class is what is observed
        return _describe(subject, error)
    return ACCEPTED


def _describe(subject: Subject, error: BaseException) -> Refusal:
    chained = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return Refusal(
        _class_name(error),
        subject.error_kind(error),
        mask(str(error)),
        len(error.args),
        "" if chained is None else f"{_class_name(chained)}: {mask(str(chained))}",
    )


def _class_name(error: BaseException) -> str:
    return f"{type(error).__module__}.{type(error).__qualname__}"


def observe_all(subject: Subject) -> Mapping[str, tuple[str, Refusal]]:
    """Return what is done and what is observed, by row."""
    return {
        row.id: (row.done, observe(subject, row.build(subject, row)))
        for reason in ROWS
        for row in rows_of(subject, reason)
    }


@dataclass(frozen=True)
class _Difference:
    row: Row
    expected: Refusal
    seen: Refusal
    again: bool

    @property
    def kind(self) -> Kind:
        if not self.seen.error:
            return "no-error"
        if not self.expected.error:
            return "unexpected-error"
        same_text = (self.expected.text, self.expected.kind) == (self.seen.text, self.seen.kind)
        return "wrong-error-kind" if same_text else "message-differs"

    def __str__(self) -> str:
        when = " again" if self.again else ""
        diff = word_diff(str(self.expected), str(self.seen))
        return f"{self.row.done}{when} ({self.row.id}): {diff}"


@once
def _recorded(subject: Subject) -> tuple[Refusals, WriterKey]:
    """Return the refusals with which to compare the subject, and what a writer here would be."""
    versions = subject.versions()
    recorded = baseline(versions["engine"])
    assert recorded is not None  # a case whose clause needs a recorded release
    return recorded, (minor_version(platform.python_version()), versions["cloudpickle"])


def assert_as_recorded(subject: Subject, reason: str) -> None:
    """Assert that all inputs of ``reason`` are refused as the store holds it, twice each.

    Inputs of which the store holds nothing are not judged: an older release lacks what they need.
    """
    recorded, writer = _recorded(subject)
    found = [*_differences(subject, reason, recorded, writer)]
    if not found:
        return
    first, *others = found
    more = f"; {len(others)} more rows differ: {', '.join(d.row.id for d in others[:SHOWN])}"
    pairs = [*dict.fromkeys((str(one.expected), str(one.seen)) for one in found)][:SHOWN]
    raise Mismatch(
        first.kind,
        f"not as datafusion {recorded.engine}: {first}{more if others else ''}",
        *("\n".join(texts) for texts in zip(*pairs, strict=True)),
    )


def _differences(
    subject: Subject, reason: str, recorded: Refusals, writer: WriterKey
) -> Iterator[_Difference]:
    judged = 0
    for row in ROWS[reason]:
        known = recorded.recorded(row.id, writer)
        if not known:
            continue
        judged += 1
        call = row.build(subject, row)
        for again in (False, True):
            seen = observe(subject, call)
            if seen not in known:
                yield _Difference(row, known[0], seen, again)
                break
    assert_control(judged > 0, f"the store holds nothing of {reason}: run nox -s regenerate")
