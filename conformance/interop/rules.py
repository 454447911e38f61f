"""Rules for bytes from one peer to another, derived from the clauses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from packaging.version import Version

from conformance.matrix import read
from conformance.spec import CLAUSES, DIVERGENCES
from conformance.util.versions import minor

Form = Literal["inline", "by name", "chain"]
Layer = Literal["expression", "logical", "physical"]
Mode: TypeAlias = "tuple[Form, Layer]"
Item: TypeAlias = "tuple[Mode, str]"
"""In which form and layer, and the case that it is."""

Corpus: TypeAlias = "Mapping[Item, bytes | str]"
"""The bytes of each item, or why there are none."""

Versions: TypeAlias = "Mapping[str, str]"
"""``engine``, ``cloudpickle`` and ``python`` at least."""

FORMS: tuple[Form, ...] = ("inline", "by name", "chain")
MODES: tuple[Mode, ...] = tuple(
    (form, layer) for form in FORMS for layer in ("expression", "logical", "physical")
)
NAMES = {"datafusion": "engine", "cloudpickle": "cloudpickle", "python": "python"}
"""What people call the versions of a peer."""

FRAMES_SINCE = Version(CLAUSES["FRAME-01"].since)
CHAIN_SINCE = Version(CLAUSES["CHAIN-01"].since)
CLOUDPICKLES = ("2.1", "3")
"""Cloudpickles that name functions in their bytes that those before do not have."""

CLOUDPICKLE_OF = {python.version: python.cloudpickle for python in read().pythons}
"""The oldest cloudpickle that serves a Python."""

READ = {"expression": "GOLDEN-01", "logical": "GOLDENPLAN-01", "physical": "GOLDENPLAN-01"}
OTHER_PYTHON = {
    "expression": "GOLDEN-02",
    "logical": "GOLDENPLAN-04",
    "physical": "GOLDENPLAN-04",
}
BY_NAME = {"expression": "BYNAME-02", "logical": "PLAN-19", "physical": "PLAN-19"}


@dataclass(frozen=True)
class Rule:
    """The expected outcome, and why: ``works``, ``refused``, either, or ``NOTHING``.

    A refusal must say all of ``words``. ``reason`` and ``remedy`` are for who
    asks why two peers cannot talk.
    """

    clause: str
    outcomes: frozenset[str]
    words: tuple[str, ...] = ()
    reason: str = ""
    remedy: str = ""


NOT_WRITTEN = "nothing to read"
WORKS, REFUSED, ONLY_NOT_WRITTEN = (
    frozenset({"works"}),
    frozenset({"refused"}),
    frozenset({NOT_WRITTEN}),
)


def rule(sender: Versions, receiver: Versions, mode: Mode) -> Rule:
    """Return what the clauses say of bytes of this kind."""
    form, layer = mode
    newer = _release(sender) > _release(receiver)
    if form != "by name" and (frameless := _frameless(sender, receiver)):
        return frameless
    if form == "chain" and _release(sender) < CHAIN_SINCE:
        return Rule(
            "CHAIN-01",
            ONLY_NOT_WRITTEN,
            reason=f"datafusion {sender['engine']} writes through no extension codec with an id",
            remedy=f"send without one, or take datafusion {CHAIN_SINCE} on the sender",
        )
    if form == "chain" and _release(receiver) < CHAIN_SINCE:
        return Rule(
            "GOLDENCHAIN-03",
            REFUSED,
            reason=f"datafusion {receiver['engine']} knows no extension codecs by id",
            remedy=f"send without one, or take datafusion {CHAIN_SINCE} on the receiver",
        )
    theirs, ours = minor(sender["python"]), minor(receiver["python"])
    if form != "by name" and theirs != ours:
        # Nothing says in what words an older engine refuses a plan that it may not know.
        unsaid = newer and layer != "expression"
        return Rule(
            "GOLDENCHAIN-04" if form == "chain" else OTHER_PYTHON[layer],
            REFUSED,
            words=() if unsaid else (f"Python {theirs} ", f"Python {ours}."),
            reason=f"inline UDFs of Python {theirs} do not run on Python {ours}",
            remedy="run the same minor version of Python, or send by name from a strict session "
            "and register the UDFs on the receiver",
        )
    reason, remedy = ("", "") if form == "by name" else _pickled(sender, receiver)
    if layer != "expression" and newer:
        plans = f"datafusion {receiver['engine']} need not read plans of {sender['engine']}"
        engine = "take the sender's engine on the receiver, or send expressions"
        return Rule(
            "GOLDENPLAN-02",
            WORKS | REFUSED,
            reason=f"{reason}, and {plans}" if reason else plans,
            remedy=f"{remedy}; {engine}" if remedy else engine,
        )
    clauses = {"by name": BY_NAME[layer], "chain": "GOLDENCHAIN-01", "inline": READ[layer]}
    return Rule(clauses[form], WORKS, reason=reason, remedy=remedy)


def _frameless(sender: Versions, receiver: Versions) -> Rule | None:
    """Return the rule where one of the two has no frames."""
    for peer in (sender, receiver):
        if _release(peer) < FRAMES_SINCE:
            return Rule(
                "FRAME-01",
                REFUSED,
                reason=f"datafusion {peer['engine']} has no frames for Python UDFs",
                remedy=f"take datafusion {FRAMES_SINCE} or newer",
            )
    return None


def _pickled(sender: Versions, receiver: Versions) -> tuple[str, str]:
    """Why what one cloudpickle wrote is not read by the other, and what to do; empty if it is."""
    for peer in (sender, receiver):
        least = CLOUDPICKLE_OF.get(minor(peer["python"]), "0")
        if Version(peer["cloudpickle"]) < Version(least):
            why = f"cloudpickle {peer['cloudpickle']} does not serve Python {minor(peer['python'])}"
            return why, f"take cloudpickle >={least}"
    if _group(sender) <= _group(receiver):
        return "", ""
    return (
        f"cloudpickle {receiver['cloudpickle']} does not read what cloudpickle "
        f"{sender['cloudpickle']} writes",
        f"take cloudpickle >={CLOUDPICKLES[_group(sender) - 1]} on the receiver, or send by "
        "name from a strict session and register the UDFs there",
    )


def known_divergence(expected: Rule, receiver: Versions, text: str) -> str:
    """Return the known divergence that fails with this text on the receiver, or none.

    There is none where ``must`` has no reason to fail: what fails between some does so between
    all otherwise.
    """
    if expected.reason:
        for entry in DIVERGENCES.values():
            if (
                entry.clause == expected.clause
                and entry.in_cell(receiver)
                and entry.seen
                and entry.seen in text
            ):
                return entry.id
    return ""


def _release(peer: Versions) -> Version:
    return Version(Version(peer["engine"]).base_version)


def _group(peer: Versions) -> int:
    # A pre-release is taken for what it becomes.
    release = Version(Version(peer["cloudpickle"]).base_version)
    return sum(release >= Version(first) for first in CLOUDPICKLES)
