"""Steps: what a story is made of, and what each of them must show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from conformance.util.kinds import Kind

CLAUSES = tuple(f"MODEL-{number:02}" for number in range(1, 9))
FORM, REFUSAL, NAMES, RESULT, STILL, SLOTS, TEXTS, ALIVE = CLAUSES
"""The clauses, by what they are about."""

Frames = tuple[int, int, int]
"""The numbers of scalar, aggregate and window frames in bytes."""


@dataclass(frozen=True)
class Expected:
    """The observations that a step must give.

    ``outcomes`` are those that it may have: ``ok``, ``refused``, ``unresolved`` or ``error``.
    ``clause`` is the clause of another outcome and of another value. ``names`` are those of
    which an error must name one, ``kinds`` the classes that a refusal may have. ``quiet``
    forbids that anything is unpickled. A step that is not ``there`` has nothing to act on.
    """

    outcomes: frozenset[str] = frozenset({"ok"})
    clause: str = ALIVE
    names: frozenset[str] = frozenset()
    kinds: tuple[str, ...] = ("Execution",)
    frames: Frames | None = None
    value: Sequence[int] | None = None
    quiet: bool = False
    slots: Mapping[tuple[int, str], int | None] | None = None
    values: Mapping[int, Sequence[int]] | None = None
    there: bool = True


@dataclass(frozen=True)
class Step:
    """One step: an operation, the thread that does it, and what it is about.

    ``subject`` and ``reference`` are what the two must show: they differ where the subject
    is an engine with a known divergence.
    """

    operation: str
    thread: int
    arguments: Mapping[str, Any]
    subject: Expected = field(default=Expected(), compare=False)
    reference: Expected = field(default=Expected(), compare=False)

    def __str__(self) -> str:
        shown = ", ".join(
            f"{name}={one}" for name, one in self.arguments.items() if one is not None
        )
        return f"{self.operation}({shown})" + (f" in thread {self.thread}" if self.thread else "")


Story = Sequence[Step]


@dataclass(frozen=True)
class Violation:
    """A step that did not show what it must: the clause, and the kind of failure."""

    clause: str
    kind: Kind
    message: str
    expected: str
    seen: str
    step: int


def tell(story: Story) -> str:
    """Return a story as text, a step a line."""
    return "\n".join(f"{number:3}. {step}" for number, step in enumerate(story, start=1))


@dataclass
class Finding:
    """The shortest story that broke a clause, and what was wrong with it."""

    violation: Violation
    story: Story

    @property
    def text(self) -> str:
        """The story as text."""
        return tell(self.story)


@dataclass
class Result:
    """Figures of a run, and what it found, by clause."""

    stories: int = 0
    steps: int = 0
    operations: Counter[str] = field(default_factory=Counter)
    findings: dict[str, Finding] = field(default_factory=dict)
    seconds: float = 0.0

    def add(self, other: Result) -> None:
        """Add the figures and findings of another run."""
        self.stories += other.stories
        self.steps += other.steps
        self.operations += other.operations
        self.findings |= other.findings
        self.seconds += other.seconds
