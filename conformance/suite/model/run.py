"""A whole run: draw stories, play them, and keep the shortest that breaks each clause."""

from __future__ import annotations

import os
import time

from conformance.subjects.interface import Subject
from conformance.suite.model.known import known_on
from conformance.suite.model.stage import Stage
from conformance.suite.model.steps import CLAUSES, Finding, Result, Step, Story, Violation, tell
from conformance.suite.model.world import World

STORIES = 45
STEPS = 30
"""The size of the run in the gate: some seconds."""

SHRINKS = 60
"""How many stories are played to shorten one that breaks a clause."""

SHRINKS_VARIABLE = "CONFORMANCE_MODEL_SHRINKS"
"""The environment variable that overrides it; with ``FEW``, nothing else shortens a story."""

FEW = 10


class Enough(BaseException):
    """Raised through hypothesis when shortening has cost enough."""


class Judge:
    """Plays each story once, and ends the run when shortening has cost enough."""

    def __init__(self, subject: Subject, result: Result, shrinks: int) -> None:
        self.stage = Stage(subject)
        self.result = result
        self.left = self.shrinks = shrinks
        self.played: dict[str, Violation | None] = {}

    def __call__(self, story: Story) -> Violation | None:
        text = tell(story)
        if text not in self.played:
            if self.result.findings:
                if not self.left:
                    raise Enough
                self.left -= 1
            self.played[text] = self.play(story)
        return self.played[text]

    def play(self, story: Story) -> Violation | None:
        """Play a story, and take note of it."""
        result = self.result
        result.stories += 1
        result.steps += len(story)
        result.operations.update(step.operation for step in story)
        violation = self.stage.play(story)
        if violation is None:
            return None
        known = result.findings.get(violation.clause)
        if known is None:
            self.left = self.shrinks
        if known is None or len(story) < len(known.story):
            result.findings[violation.clause] = Finding(violation, story)
        return violation

    def shorten(self, known: frozenset[str]) -> None:
        """Leave out each step of a finding without which the clause breaks all the same.

        hypothesis cannot: it always draws the steps with which a story begins.
        """
        for finding in list(self.result.findings.values()):
            for place in range(len(finding.story) - 2, -1, -1):
                story = self.result.findings[finding.violation.clause].story
                shorter = replay([*story[:place], *story[place + 1 :]], known)
                if shorter:
                    self.play(shorter)


def replay(story: Story, known: frozenset[str]) -> Story:
    """Return a story with the predictions of its own steps; empty if a step lacks its subject."""
    subject, reference = World(known), World()
    steps = []
    for step in story:
        try:
            expected = (
                world.predict(step.operation, step.thread, dict(step.arguments))
                for world in (subject, reference)
            )
            steps.append(Step(step.operation, step.thread, step.arguments, *expected))
        except KeyError:
            return []
    return steps


def run(
    subject: Subject,
    *,
    stories: int = STORIES,
    steps: int = STEPS,
    seed: int | None = None,
    shrinks: int = SHRINKS,
    known: frozenset[str] | None = None,
) -> Result:
    """Tell ``stories`` of ``steps`` steps; without a seed they are the same each time.

    This process must not have used the subject: each story is played in a fork of it.
    """
    from hypothesis import HealthCheck, Phase, Verbosity, settings
    from hypothesis import seed as with_seed
    from hypothesis.stateful import run_state_machine_as_test

    from conformance.suite.model.machine import Machine
    from conformance.suite.model.telling import Broken

    result, began = Result(), time.monotonic()
    errors = {id_: type(f"Breaks{id_[-2:]}", (Broken,), {}) for id_ in CLAUSES}
    known = known_on(subject) if known is None else known
    judge = Judge(subject, result, shrinks)
    machine = type(
        "Told",  # the name is part of the seed
        (Machine,),
        {
            "judge": staticmethod(judge),
            "known": known,
            "errors": errors,
        },
    )
    chosen = settings(
        max_examples=stories,
        stateful_step_count=steps,
        derandomize=seed is None,
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
        print_blob=False,
    )
    try:
        run_state_machine_as_test(
            machine if seed is None else with_seed(seed)(machine), settings=chosen
        )
    except Exception:  # of several clauses it is a group; what broke is in the findings
        if not result.findings:
            raise
    except Enough:
        pass
    if shrinks > FEW:
        judge.shorten(known)
    result.seconds = time.monotonic() - began
    return result


def run_here() -> Result:
    """Run the gate's stories on the subject of this process."""
    from conformance.subjects.current import subject

    return run(subject(), shrinks=int(os.environ.get(SHRINKS_VARIABLE, SHRINKS)))
