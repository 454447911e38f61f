"""Run a preflight: encode here, ask the nodes, compare their modules with this driver's."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from conformance.preflight.answers import Count, listening
from conformance.preflight.verdicts import Judgement, judge
from conformance.processes.child import Child, ChildError

_SHIPMENTS = "conformance.preflight.shipments"
_FOR_THE_DRIVER = ("path", "envelopes", "sender")
"""Keys of a shipment that no node gets."""


@dataclass(frozen=True)
class Request:
    """The shipments of a preflight, and the nodes to ask.

    ``forms`` are those of ``build_payloads``.
    With ``objects`` or ``files`` only these are sent, and none of the samples.
    """

    library: str
    address: str
    forms: Sequence[str]
    every: bool
    objects: Sequence[str]
    files: Sequence[str]
    session: str
    deadline: float


@dataclass(frozen=True)
class Answer:
    """The driver's versions, the nodes' reports, and their judgements of each shipment."""

    versions: Mapping[str, str]
    shipments: Sequence[Mapping[str, Any]]
    reports: Sequence[Mapping[str, Any]]
    judgements: Sequence[Sequence[Judgement]]


def ask(request: Request, show: Callable[[str], None], count: Count) -> Answer:
    """Ask the nodes; raise ``ChildError``.

    ``show`` gets a line for each step; ``count`` is called once the nodes are known, and when
    one has answered.
    """
    child = Child()
    try:
        child.call("conformance.preflight.survey:require_installed", request.library, deadline=60)
        show("encoding ...")
        shipments, payloads = list[dict[str, Any]](), "[]"
        if request.objects or request.files:
            shipments, versions = _encode(request)
        else:
            payloads, versions = child.call(
                "conformance.preflight.payloads:build_payloads",
                *(request.forms, request.every),
                deadline=60,
            )
        show(f"asking the nodes of {request.address.replace(chr(10), ', ')} ...")
        sent = [{key: one[key] for key in one if key not in _FOR_THE_DRIVER} for one in shipments]
        with listening(count) as pipe:
            given = request.library, request.address, payloads, json.dumps(sent)
            reports: list[dict[str, Any]] = child.call(
                "conformance.preflight.survey:survey",
                *(*given, pipe, request.deadline),
                deadline=request.deadline,
            )
    finally:
        child.close()
    own = _own_editions(shipments, reports)
    judgements = [
        [judge(one, report, here) for one, here in zip(shipments, own, strict=True)]
        for report in reports
    ]
    return Answer(versions, sent, reports, judgements)


def _encode(request: Request) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """Encode each object or file in a child of its own: modules of one must not meet another's.

    Raises ``ChildError``, also for two shipments of one label.
    """
    form = "by name" if request.forms == ["by name"] else "inline"
    calls: list[tuple[str, ...]] = []
    calls += [(f"{_SHIPMENTS}:from_objects", one, form) for one in request.objects]
    calls += [(f"{_SHIPMENTS}:from_file", one) for one in request.files]
    shipments = list[dict[str, Any]]()
    for target, *arguments in calls:
        child = Child()
        try:
            made, versions = child.call(
                target, *arguments, request.session, deadline=request.deadline
            )
        finally:
            child.close()
        shipments += made
    labels = [one["label"] for one in shipments]
    if repeated := {one for one in labels if labels.count(one) > 1}:
        raise ChildError(f"ShipmentError: {min(repeated)}: expected once, found twice", "")
    return shipments, versions


def _own_editions(
    shipments: Sequence[Mapping[str, Any]], reports: Sequence[Mapping[str, Any]]
) -> list[dict[str, dict[str, Any]]]:
    """Return, for each shipment, the driver's editions of all modules that a node reported for it.

    Shipments of one path are looked up together.
    """
    reported = [_reported(one["label"], reports) for one in shipments]
    by_path: dict[tuple[str, ...], set[str]] = {}
    for one, names in zip(shipments, reported, strict=True):
        by_path.setdefault(tuple(one["path"]), set()).update(names)
    found = {path: _editions(path, names) for path, names in by_path.items()}
    return [
        {name: edition for name, edition in found[tuple(one["path"])].items() if name in names}
        for one, names in zip(shipments, reported, strict=True)
    ]


def _reported(label: str, reports: Sequence[Mapping[str, Any]]) -> set[str]:
    """Return the modules that the nodes reported for a shipment."""
    names: set[str] = set()
    for report in reports:
        for answer in report.get("answers", ()):
            if answer["label"] == label:
                names |= {*answer.get("modules", ()), *answer.get("late", ())}
    return names


def _editions(path: Sequence[str], names: set[str]) -> dict[str, dict[str, Any]]:
    """Return the driver's editions of modules, as a process with this path finds them."""
    child = Child()
    try:
        found: dict[str, dict[str, Any]] = child.call(
            "conformance.preflight.editions:editions_along", sorted(names), path, deadline=60
        )
    finally:
        child.close()
    return found
