"""Rules for bytes from one peer to another, derived from the clauses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal, TypeAlias

from packaging.version import Version

from conformance.matrix import read
from conformance.spec import CLAUSES, DIVERGENCES
from conformance.util.versions import minor_version

Form = Literal["inline", "by name", "chain"]
Layer = Literal["expression", "logical", "physical"]
Mode: TypeAlias = "tuple[Form, Layer]"
Item: TypeAlias = "tuple[Mode, str]"
"""A mode (form and layer) and a case id."""

Corpus: TypeAlias = "Mapping[Item, bytes | str]"
"""The bytes of each item, or the reason why they are missing."""

Versions: TypeAlias = "Mapping[str, str]"
"""Versions of at least ``engine``, ``cloudpickle`` and ``python``."""

FORMS: tuple[Form, ...] = ("inline", "by name", "chain")
MODES: tuple[Mode, ...] = tuple(
    (form, layer) for form in FORMS for layer in ("expression", "logical", "physical")
)
NAMES = {"datafusion": "engine", "cloudpickle": "cloudpickle", "python": "python"}
"""The package names of the versions of a peer."""

FRAMES_SINCE = Version(CLAUSES["FRAME-01"].since)
CHAIN_SINCE = Version(CLAUSES["CHAIN-01"].since)
CLOUDPICKLES = ("2.1", "3")
"""Versions of cloudpickle from which the bytes name functions that older ones lack."""

CLOUDPICKLE_OF = {python.version: python.cloudpickle for python in read().pythons}
"""The oldest cloudpickle with which each Python can send.

A receiver needs no support of its own: cloudpickle 3.0.0 and 3.1.0 cannot pickle a function on
3.14, and those up to 3.1.1 read there, and on 3.15, all that 3.1.3 had written and reads itself.
"""

READ = {"expression": "GOLDEN-01", "logical": "GOLDENPLAN-01", "physical": "GOLDENPLAN-01"}
OTHER_PYTHON = {
    "expression": "GOLDEN-02",
    "logical": "GOLDENPLAN-04",
    "physical": "GOLDENPLAN-04",
}
BY_NAME = {"expression": "BYNAME-02", "logical": "PLAN-19", "physical": "PLAN-19"}


@dataclass(frozen=True)
class Rule:
    """The expected outcomes of a pair: ``works``, ``refused``, either, or ``NOT_WRITTEN``.

    The message of a refusal must contain all of ``words``. ``reason`` and ``remedy`` explain
    why two peers cannot talk, and what to do.
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
    """Return the outcomes that the clauses demand for this pair and mode."""
    form, layer = mode
    newer = engine_release(sender) > engine_release(receiver)
    if form != "by name" and (frameless := _frameless_rule(sender, receiver)):
        return frameless
    if form == "chain" and engine_release(sender) < CHAIN_SINCE:
        return Rule(
            "CHAIN-01",
            ONLY_NOT_WRITTEN,
            reason=f"datafusion {sender['engine']} has no extension codecs with ids",
            remedy=f"send without a codec, or use datafusion {CHAIN_SINCE} on the sender",
        )
    if form == "chain" and engine_release(receiver) < CHAIN_SINCE:
        return Rule(
            "GOLDENCHAIN-03",
            REFUSED,
            reason=f"datafusion {receiver['engine']} has no extension codecs with ids",
            remedy=f"send without a codec, or use datafusion {CHAIN_SINCE} on the receiver",
        )
    theirs, ours = minor_version(sender["python"]), minor_version(receiver["python"])
    if form != "by name" and theirs != ours:
        # No clause fixes the words in which an older engine refuses a newer plan.
        words_unspecified = newer and layer != "expression"
        return Rule(
            "GOLDENCHAIN-04" if form == "chain" else OTHER_PYTHON[layer],
            REFUSED,
            words=() if words_unspecified else (f"Python {theirs} ", f"Python {ours}."),
            reason=f"inline UDFs of Python {theirs} do not run on Python {ours}",
            remedy="run the same minor version of Python, or send by name from a strict session "
            "and register the UDFs on the receiver",
        )
    reason, remedy = ("", "") if form == "by name" else _cloudpickle_reason(sender, receiver)
    if layer != "expression" and newer:
        plans = f"datafusion {receiver['engine']} need not read plans of {sender['engine']}"
        engine = "use the sender's engine on the receiver, or send expressions"
        return Rule(
            "GOLDENPLAN-02",
            WORKS | REFUSED,
            reason=f"{reason}, and {plans}" if reason else plans,
            remedy=f"{remedy}; {engine}" if remedy else engine,
        )
    clauses = {"by name": BY_NAME[layer], "chain": "GOLDENCHAIN-01", "inline": READ[layer]}
    return Rule(clauses[form], WORKS, reason=reason, remedy=remedy)


def _frameless_rule(sender: Versions, receiver: Versions) -> Rule | None:
    """Return the rule for a pair in which one engine has no frames."""
    for peer in (sender, receiver):
        if engine_release(peer) < FRAMES_SINCE:
            return Rule(
                "FRAME-01",
                REFUSED,
                reason=f"datafusion {peer['engine']} has no frames for Python UDFs",
                remedy=f"use datafusion {FRAMES_SINCE} or newer",
            )
    return None


def _cloudpickle_reason(sender: Versions, receiver: Versions) -> tuple[str, str]:
    """Return why one cloudpickle cannot read the other's bytes, and a remedy; empty if it can."""
    python = minor_version(sender["python"])
    least = CLOUDPICKLE_OF.get(python, "0")
    if _lacks_support(sender["cloudpickle"], least):
        why = f"cloudpickle {sender['cloudpickle']} does not support Python {python}"
        return why, f"use cloudpickle >={least} on the sender"
    theirs, ours = _group(sender["cloudpickle"]), _group(receiver["cloudpickle"])
    if theirs <= ours:
        return "", ""
    return (
        f"cloudpickle {receiver['cloudpickle']} does not read what cloudpickle "
        f"{sender['cloudpickle']} writes",
        f"use cloudpickle >={CLOUDPICKLES[theirs - 1]} on the receiver, or send by "
        "name from a strict session and register the UDFs there",
    )


def known_divergence(expected: Rule, receiver: Versions, text: str) -> str:
    """Return the id of the known divergence that explains this text on the receiver, or ``""``.

    Without a reason in the rule there is none: a failure would then concern all pairs.
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


def engine_release(peer: Versions) -> Version:
    """Return the release of a peer's engine; a pre-release counts as its release."""
    return _release(peer["engine"])


@cache
def _release(version: str) -> Version:
    """Return a release. Of a grid's hundred thousand pairs, all have one of a few versions."""
    return Version(Version(version).base_version)


@cache
def _group(cloudpickle: str) -> int:
    """Return the group of a cloudpickle; a pre-release counts as its release."""
    return sum(_release(cloudpickle) >= Version(first) for first in CLOUDPICKLES)


@cache
def _lacks_support(cloudpickle: str, least: str) -> bool:
    return Version(cloudpickle) < Version(least)
