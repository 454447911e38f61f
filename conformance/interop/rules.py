"""What must become of bytes from one peer to another, by the clauses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from conformance.claims import minor
from conformance.spec import CLAUSES, DIVERGENCES

Form = Literal["inline", "by name", "chain"]
Layer = Literal["expression", "logical", "physical"]
Column: TypeAlias = "tuple[Form, Layer]"
Versions: TypeAlias = "Mapping[str, str]"
"""``engine``, ``cloudpickle`` and ``python`` at least."""

COLUMNS: tuple[Column, ...] = tuple(
    (form, layer)
    for form in ("inline", "by name", "chain")
    for layer in ("expression", "logical", "physical")
)
FRAMES_SINCE = Version(CLAUSES["FRAME-01"].since)
CHAIN_SINCE = Version(CLAUSES["CHAIN-01"].since)
CLOUDPICKLES = ("<2.1", ">=2.1,<3", ">=3")
"""Groups of cloudpickles: each names functions in its bytes that those before do not have."""

READ = {"expression": "GOLDEN-01", "logical": "GOLDENPLAN-01", "physical": "GOLDENPLAN-01"}
OTHER_PYTHON = {
    "expression": "GOLDEN-02",
    "logical": "GOLDENPLAN-04",
    "physical": "GOLDENPLAN-04",
}
BY_NAME = {"expression": "BYNAME-02", "logical": "PLAN-19", "physical": "PLAN-19"}


@dataclass(frozen=True)
class Rule:
    """What must happen, and why: ``works``, ``refused``, either, or that nothing is written.

    A refusal must say all of ``words``. ``reason`` and ``remedy`` are for who
    asks why two peers cannot talk.
    """

    clause: str
    outcomes: frozenset[str]
    words: tuple[str, ...] = ()
    reason: str = ""
    remedy: str = ""


WORKS, REFUSED = frozenset({"works"}), frozenset({"refused"})


def rule(sender: Versions, receiver: Versions, column: Column) -> Rule:
    """What the clauses say of bytes of this kind."""
    form, layer = column
    newer = _release(sender) > _release(receiver)
    theirs, ours = minor(sender["python"]), minor(receiver["python"])
    if old := [peer["engine"] for peer in (sender, receiver) if _release(peer) < FRAMES_SINCE]:
        return Rule(
            "FRAME-01",
            REFUSED,
            reason=f"datafusion {old[0]} has no frames for Python UDFs",
            remedy=f"take datafusion {FRAMES_SINCE} or newer",
        )
    if form == "chain" and _release(sender) < CHAIN_SINCE:
        return Rule(
            "CHAIN-01",
            frozenset(),
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
    unread = form != "by name" and _group(sender) > _group(receiver)
    reason = (
        f"cloudpickle {receiver['cloudpickle']} does not read what cloudpickle "
        f"{sender['cloudpickle']} writes"
    )
    enough = f"cloudpickle {CLOUDPICKLES[_group(sender)]}"
    by_name = "by name from a strict session and register the UDFs there"
    if layer != "expression" and newer:
        plans = f"datafusion {receiver['engine']} need not read plans of {sender['engine']}"
        return Rule(
            "GOLDENPLAN-02",
            WORKS | REFUSED,
            reason=f"{reason}, and {plans}" if unread else plans,
            remedy=f"take the sender's engine and {enough} on the receiver, or send expressions, "
            f"{by_name}"
            if unread
            else "take the sender's engine on the receiver, or send expressions",
        )
    if form == "by name":
        return Rule(BY_NAME[layer], WORKS)
    clause = "GOLDENCHAIN-01" if form == "chain" else READ[layer]
    if unread:
        remedy = f"take {enough} on the receiver, or send {by_name}"
        return Rule(clause, WORKS, reason=reason, remedy=remedy)
    return Rule(clause, WORKS)


def known(clause: str, receiver: Versions, text: str) -> str:
    """The known divergence from ``clause`` that fails with this text on the receiver, or none."""
    for entry in DIVERGENCES.values():
        if entry.clause == clause and entry.in_cell(receiver) and entry.message in text:
            return entry.id
    return ""


def _release(peer: Versions) -> Version:
    return Version(Version(peer["engine"]).base_version)


def _group(peer: Versions) -> int:
    given = peer["cloudpickle"]
    return next(
        number for number, group in enumerate(CLOUDPICKLES) if SpecifierSet(group).contains(given)
    )
