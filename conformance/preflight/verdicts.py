"""Judge what a node answered about a shipment: a verdict, the reason, the remedy."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from conformance.preflight.known_errors import explain, explain_old_codecs
from conformance.preflight.name_verdicts import (
    built_in_functions,
    other_functions,
    unknown_functions,
)
from conformance.subjects.losses import ANNOTATIONS
from conformance.util.versions import minor_version

Editions = Mapping[str, Mapping[str, Any]]


class Verdict(Enum):
    """The knowledge about a node and a shipment."""

    READS = "reads"
    REFUSES = "does not read"
    DIFFERS = "reads, but not the same"
    UNJUDGED = "not judged"


@dataclass(frozen=True)
class Judgement:
    """A verdict about ``label`` with one sentence: why, and what to do.

    If it reads, the sentence is empty, or says what the bytes leave open.
    """

    label: str
    verdict: Verdict
    why: str = ""


def judge(shipment: Mapping[str, Any], report: Mapping[str, Any], own: Editions) -> Judgement:
    """Judge one shipment on one node; ``own`` are the driver's editions of the modules."""
    label = shipment["label"]
    answers = {one["label"]: one for one in report.get("answers", ())}
    if report.get("error"):
        verdict = Verdict.UNJUDGED if is_lost(report) else Verdict.REFUSES
        return Judgement(label, verdict, f"{report['error']}; {_ENGINE[verdict]}")
    if label not in answers:
        return Judgement(label, Verdict.UNJUDGED, "the node sent no answer; ask again")
    answer = answers[label]
    if answer["outcome"] == "lost":
        why = f"decoding it ended without an answer: {answer['error']}; try it there by hand"
        return Judgement(label, Verdict.UNJUDGED, why)
    if answer["outcome"] == "not tried":
        why = (
            f"the node's {answer['error']} went to what was sent before it: send less at once, or "
            "give a larger --deadline"
        )
        return Judgement(label, Verdict.UNJUDGED, why)
    if answer["outcome"] == "no session":
        why = (
            f"the node cannot open the session {shipment['session']}: {answer['error']}; install "
            "its module there, or correct --session"
        )
        return Judgement(label, Verdict.UNJUDGED, why)
    for verdict, reasons in (
        (Verdict.REFUSES, _refusals(shipment, report, answer, own)),
        (Verdict.DIFFERS, other_functions(shipment, answer)),
        (Verdict.DIFFERS, _differences(answer, own)),
        (Verdict.UNJUDGED, unknown_functions(answer)),
        (Verdict.UNJUDGED, _losses(shipment)),
        (Verdict.UNJUDGED, _doubts(shipment, answer, own)),
    ):
        if why := next(iter(reasons), ""):
            return Judgement(label, verdict, why)
    return Judgement(label, Verdict.READS, built_in_functions(answer) or _unannotated(shipment))


def is_lost(report: Mapping[str, Any]) -> bool:
    """Return whether the probe did not report: its error then shows nothing of the engine."""
    return bool(report.get("error")) and bool(report.get("lost", "host" not in report))


_ENGINE = {
    Verdict.UNJUDGED: "see to the node, and ask again",
    Verdict.REFUSES: "install datafusion 54.0.0 or later there",
}


def _refusals(
    shipment: Mapping[str, Any],
    report: Mapping[str, Any],
    answer: Mapping[str, Any],
    own: Editions,
) -> Iterator[str]:
    """Yield the reasons why the node cannot read or run the shipment, the first cause first."""
    refused = answer["outcome"] == "refused"
    here = minor_version(answer["python"])
    others = [python for python in shipment["pythons"] if python != here]
    if others:
        yield (
            f"the node runs Python {here}, and the bytes hold UDFs inline of Python "
            f"{', '.join(others)}: use one Python, or send by name and register the functions there"
        )
    if answer["lacks"]:
        yield f"the node has no {_modules(answer['lacks'])}, which the bytes import: {_INSTALL}"
    for name in shipment["main"]:
        if file := answer["main"].get(name):
            yield (
                f"the bytes refer to __main__.{name} of the driver's script, and on the node this "
                f"name is another thing, of {file}: {_MOVE}"
            )
        yield f"the bytes refer to __main__.{name}, which the node does not have: {_MOVE}"
    if refused and (why := explain_old_codecs(shipment, report)):
        yield why
    if refused and (by_name := _BY_NAME.search(answer["error"])):
        session = shipment["session"] or "a new session there"
        remedy = (
            "register it in that session, or send inline"
            if shipment["session"]
            else "name the session that the node decodes with (--session), or send inline"
        )
        yield f"{by_name[1]} UDF {by_name[2]} travels by name, and {session} lacks it: {remedy}"
    if refused:
        why, known = explain(shipment, report, answer["error"])
        different = "" if known else next(_differences(answer, own), "")
        yield why + (f"; {different}" if different else "")
    for name in _absent(answer, own):
        if name not in answer["optional"]:
            yield (
                f"the node decodes it, but has no {_modules([name])}, which "
                f"{_importer(answer, name)} imports when it runs: {_INSTALL}"
            )
    for name in (one for one, importers in answer["unimported"].items() if not importers):
        yield (
            f"the node decodes it, but a function takes {name} as an attribute of its package, and "
            "neither the bytes nor the function import it: import it inside the function"
        )
    for name in filter(None, answer["of_main"]):
        file = answer["main"].get(name)
        yield (
            f"code that the bytes need takes __main__.{name} of the driver's script when it runs, "
            + (f"another thing of {file} on the node" if file else "which the node does not have")
            + f": {_MOVE}"
        )


def _absent(answer: Mapping[str, Any], own: Editions) -> list[str]:
    """Return the modules that code imports when it runs, and that only this driver has."""
    return [name for name, found in answer["late"].items() if not found and name in own]


def _importer(answer: Mapping[str, Any], name: str) -> str:
    importer = answer["importers"].get(name)
    return f"code of module {importer}" if importer else "a function"


def _differences(answer: Mapping[str, Any], own: Editions) -> Iterator[str]:
    """Yield a sentence for each module that is another edition on the node."""
    for name, there in answer["modules"].items():
        here = own.get(name)
        if here is None:
            continue
        if there["version"] != here["version"]:
            package = there["distribution"] or here["distribution"]
            yield (
                f"the node has {package} {there['version'] or 'from elsewhere'}, this driver "
                f"{here['version'] or 'from elsewhere'}, and the bytes need its module {name}: "
                "install one version"
            )
        elif _is_hashed(there, here) and there["sha256"] != here["sha256"]:
            yield (
                f"module {name} on the node ({there['file']}) has another source than this "
                f"driver's ({here['file']}): install one edition"
            )
    for name in _absent(answer, own):
        yield (
            f"the node has no {_modules([name])}, which {_importer(answer, name)} imports where "
            f"it can: {_INSTALL}"
        )
    for name in answer["stale"]:
        yield (
            f"module {name} was loaded by the worker, and its file may have changed since: "
            "restart the worker"
        )


def _is_hashed(there: Mapping[str, Any], here: Mapping[str, Any]) -> bool:
    """Return whether sources are compared.

    What a library of one version imports for itself may differ by platform, and is not.
    """
    library = there["version"] and there["installed"] and here["installed"]
    return bool(there["sha256"] and here["sha256"] and (there["direct"] or not library))


def _doubts(shipment: Mapping[str, Any], answer: Mapping[str, Any], own: Editions) -> Iterator[str]:
    """Yield the reasons why it is not known whether what was decoded is what was sent."""
    if shipment["inline udfs"] and not answer["unpickled"]:
        # Some plans parse as an expression, without what is in them.
        yield (
            f"the node decodes it as {shipment['kind']}, but reaches none of its UDFs: check the "
            "KIND of --bytes"
        )
    for name, importers in answer["unimported"].items():
        yield (
            f"the node decodes it, but a function takes {name} as an attribute of its package, and "
            f"nobody knows whether {_modules(importers[:1])} imports it: import it inside the "
            "function"
        )
    if "" in answer["of_main"]:
        yield (
            "the node decodes it, but code that the bytes need takes the module __main__, which is "
            f"another one there: if it needs a name of the driver's script, {_MOVE}"
        )
    for name, there in answer["modules"].items():
        here = own.get(name)
        if here is None and (there["direct"] or name in answer["late"]):
            yield (
                f"the node decodes it, but this driver has no module {name} to compare the node's "
                "with: ask from a machine with this module"
            )
        elif here and not there["version"] and not (there["sha256"] and here["sha256"]):
            yield (
                f"the node decodes it, but module {name} has neither a version nor a source file "
                "to compare: compare it by hand"
            )


def _losses(shipment: Mapping[str, Any]) -> Iterator[str]:
    """Yield a sentence for each object that the pickles in the bytes do not keep as it is."""
    for name, lost in shipment["lost"].items():
        if lost != ANNOTATIONS:
            yield (
                f"the node decodes it, but cloudpickle does not keep all of {name}: {lost}, and "
                f"code that needs this fails or gives another result; {_MOVE}"
            )


def _unannotated(shipment: Mapping[str, Any]) -> str:
    """Return a sentence on the classes whose annotations are lost: little code asks for them."""
    names = [name for name, lost in shipment["lost"].items() if lost == ANNOTATIONS]
    if not names:
        return ""
    return f"{names[0]} has no annotations there; if code asks for them, {_MOVE}"


_BY_NAME = re.compile(r"ExtensionCodec is not provided for (\w+) function ([^\"\s]+)")
_INSTALL = "install it there"
_MOVE = "move it into a module that is installed on every node"


def _modules(names: Sequence[str]) -> str:
    return f"module{'s' if len(names) > 1 else ''} {', '.join(names)}"
