"""Differences between what two environments write: bytes by group of goldens, and refusals."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from conformance.inspection.differences import Difference, differences
from conformance.util.text_diff import word_diff
from conformance.wire import WireError
from tasks.goldens.refusals import Observed
from tasks.goldens.regenerate import WriterOutput

_OPCODE = re.compile(r"opcode \d+ (\w+)$")
_FRAME_LENGTH = "argument of FRAME"
_NUMBERED = re.compile(r"^(frame|envelope) \d+, ")


@dataclass(frozen=True)
class Change:
    """A field that differs in ``cases`` cases of a group, and one of its differences."""

    field: str
    cases: int
    example: str


@dataclass(frozen=True)
class Group:
    """A group of goldens: how many of its cases were compared, how many differ, and in what.

    The group is the first part of the case's id: a family of UDFs, a layer of plans, the chain.
    """

    name: str
    compared: int
    differ: int
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Differences:
    """The groups, cases that only one side writes inline, and refusals with another text."""

    groups: tuple[Group, ...]
    lost: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    refusals: int = 0
    reworded: tuple[str, ...] = ()

    @property
    def differ(self) -> int:
        """The number of cases with other bytes."""
        return sum(group.differ for group in self.groups)

    @property
    def changes(self) -> list[tuple[Change, list[str]]]:
        """The changes of all groups by field, each with the names of its groups."""
        found: dict[str, tuple[Change, list[str]]] = {}
        for group in self.groups:
            for one in group.changes:
                first, names = found.get(one.field, (replace(one, cases=0), []))
                total = replace(first, cases=first.cases + one.cases)
                found[one.field] = (total, [*names, group.name])
        return sorted(found.values(), key=lambda one: -one[0].cases)

    @property
    def compared(self) -> int:
        """The number of cases that both sides write."""
        return sum(group.compared for group in self.groups)


def compare(old: Path, new: Path) -> Differences:
    """Compare two files of the golden writer, case by case and refusal by refusal."""
    before, after = WriterOutput.read(old).data, WriterOutput.read(new).data
    rows, others = Observed.read(old), Observed.read(new)
    assert rows is not None
    assert others is not None
    both = [row for row in rows.rows if row in others.rows]
    return Differences(
        tuple(_groups(before, after)),
        lost=tuple(case for case in before if case not in after),
        new=tuple(case for case in after if case not in before),
        refusals=len(both),
        reworded=tuple(
            f"{row}: {word_diff(str(rows.rows[row]), str(others.rows[row]))}"
            for row in both
            if rows.rows[row] != others.rows[row]
        ),
    )


def _groups(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> Iterator[Group]:
    by_name: dict[str, list[str]] = {}
    for case in before:
        if case in after:
            by_name.setdefault(case.partition("/")[0], []).append(case)
    for name, cases in by_name.items():
        found = {case: _differences(before[case], after[case]) for case in cases}
        fields: Counter[str] = Counter()
        examples: dict[str, Difference] = {}
        for rows in found.values():
            own = {_field(row): row for row in reversed(rows)}
            if len(own) > 1:
                own.pop(_FRAME_LENGTH, None)  # it follows from the others
            fields.update(own.keys())
            examples = {**own, **examples}
        changes = [
            Change(field, number, f"{examples[field].old} became {examples[field].new}")
            for field, number in fields.most_common()
        ]
        yield Group(name, len(cases), sum(map(bool, found.values())), tuple(changes))


def _differences(old: bytes, new: bytes) -> list[Difference]:
    """Return the differences; bytes that this suite cannot read, such as a new form, are one."""
    try:
        return [*differences(old, new)]
    except WireError as error:
        return [Difference("bytes that cannot be read", f"{len(old)} bytes", str(error))]


def _field(difference: Difference) -> str:
    """Return the field without the numbers that differ from case to case."""
    field = _NUMBERED.sub("", difference.field)
    if found := _OPCODE.match(field):
        return f"argument of {found[1]}"
    return "an opcode" if field.startswith("opcode ") else field
