"""Interpret the nodes' reports: results per kind of payload, and advice for the cluster."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from conformance.preflight.verdicts import Judgement, Verdict, is_lost
from conformance.util.exit_codes import ExitCode
from conformance.util.versions import minor_version

VERSIONS = ("python", "datafusion", "cloudpickle", "pyarrow")
FRAMES = ("python", "datafusion", "cloudpickle")
"""Versions that determine the frame format."""

EXPECTED = {
    ("inline", False): "right",
    ("inline", True): "refused",
    ("by name", False): "right",
    ("by name", True): "right",
}

NodeReport = Mapping[str, Any]


@dataclass
class PayloadResult:
    """The outcomes of the payloads of one kind on one session of a node."""

    origin: str
    form: str
    strict: bool
    counts: dict[str, int] = field(default_factory=dict)
    reasons: dict[str, int] = field(default_factory=dict)
    """The reasons of outcomes, where they are not obvious, with the number of payloads."""

    @property
    def as_expected(self) -> bool:
        """Return whether every payload had the expected outcome."""
        return set(self.counts) == {EXPECTED[self.form, self.strict]}


def payload_results(report: NodeReport) -> list[PayloadResult]:
    """Return the results of a node by kind of payload, in the order of the report."""
    found: dict[tuple[str, str, bool], PayloadResult] = {}
    for one in report.get("outcomes", ()):
        key = (one["origin"], one["form"], one["strict"])
        line = found.setdefault(key, PayloadResult(*key))
        line.counts[one["outcome"]] = line.counts.get(one["outcome"], 0) + 1
        if why := one["why"]:
            line.reasons[why] = line.reasons.get(why, 0) + 1
    return list(found.values())


def node_reads_driver(report: NodeReport) -> bool:
    """Return whether the node reads the samples that this driver encodes now.

    Results for older goldens are shown but never fail the preflight.
    """
    sent = [line for line in payload_results(report) if line.origin == "driver"]
    return not report.get("error") and bool(sent) and all(line.as_expected for line in sent)


def advice(driver: Mapping[str, str], reports: Sequence[NodeReport]) -> Iterator[str]:
    """Yield a sentence for each difference from the driver, and for each failure."""
    for name in FRAMES:
        others: dict[str, list[NodeReport]] = {}
        cut = minor_version if name == "python" else str
        for report in reports:
            if report.get(name) and cut(report[name]) != cut(driver[name]):
                others.setdefault(cut(report[name]), []).append(report)
        for seen, nodes in sorted(others.items()):
            who = ", ".join(str(report["node"]) for report in nodes)
            verb = "runs" if len(nodes) == 1 else "run"
            yield f"{who} {verb} {name} {seen}, this driver {cut(driver[name])}: " + (
                "inline frames are refused there; send by name and register the functions, "
                "or use one Python."
                if name == "python"
                else f"{_count_readers(nodes)} of {len(nodes)} read this driver's bytes."
            )
    for report in reports:
        if why := report.get("error"):
            yield f"{report['node']} did not answer: {why}."
    verb = "reads" if len(reports) == 1 else "read"
    yield (
        f"{_count_readers(reports)} of {_number(reports)} {verb} this tool's own sample UDFs; "
        "give --expr MODULE:NAME for yours."
    )


def node_verdict(report: NodeReport) -> Verdict:
    """Return what is known of a node and the samples."""
    if is_lost(report):
        return Verdict.UNJUDGED
    return Verdict.READS if node_reads_driver(report) else Verdict.REFUSES


def advice_on_shipments(judgements: Sequence[Sequence[Judgement]]) -> Iterator[str]:
    """Yield a sentence for each shipment, from the judgements of each node."""
    for row in zip(*judgements, strict=True):
        counts = Counter(one.verdict for one in row)
        verb = "reads" if len(row) == 1 else "read"
        others = {Verdict.DIFFERS: "not the same", Verdict.UNJUDGED: "not judged"}
        rest = [f", {counts[one]} {what}" for one, what in others.items() if counts[one]]
        read = counts[Verdict.READS]
        yield f"{row[0].label}: {read} of {_number(row)} {verb} it{''.join(rest)}."


def overall(verdicts: Sequence[Verdict]) -> ExitCode:
    """Return the exit code for all verdicts; nothing judged is no success."""
    if any(one in (Verdict.REFUSES, Verdict.DIFFERS) for one in verdicts):
        return ExitCode.FAILED
    return ExitCode.UNJUDGED if not verdicts or Verdict.UNJUDGED in verdicts else ExitCode.OK


def _count_readers(reports: Sequence[NodeReport]) -> int:
    return sum(map(node_reads_driver, reports))


def _number(reports: Sequence[object]) -> str:
    return "1 node" if len(reports) == 1 else f"{len(reports)} nodes"
