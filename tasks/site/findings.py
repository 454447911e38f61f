"""The findings: what released engines are known to break, the worst first."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.explain import verdicts
from conformance.explain.issue import title
from conformance.spec import CLAUSES, DIVERGENCES, Divergence
from conformance.spec.clauses import SEVERITIES
from tasks.site.links import in_repository
from tasks.site.text import badge, escape, fenced, link_clause

COSTS = {
    "code-execution": "Code from untrusted bytes runs where it must not.",
    "wrong-result": "A query gives another result, without an error.",
    "data-loss": "Something that was sent does not arrive, without an error.",
    "hang": "A process waits and never ends.",
    "crash": "A process ends, or panics.",
    "interop": "One release does not read what another wrote.",
    "diagnostics": "An error lacks what a person needs to act on it.",
}
"""The damage to a user, by severity."""


def findings(repository: str) -> str:
    """Return the page: a table of contents, then each divergence with its script."""
    return "\n".join(_lines(repository)) + "\n"


def _lines(repository: str) -> Iterator[str]:
    found = verdicts.by_severity([*DIVERGENCES.values()])
    yield from ("# Findings in released engines", "")
    yield f"The suite knows {len(found)} ways in which a released engine breaks a clause. The"
    yield "main job fails if one of them goes away or fails otherwise, or if another comes. Each"
    yield "has a script that shows it with plain datafusion: exit code 1 where it shows, else 0."
    yield from ("", "| Severity | What it costs a user | Findings |", "| --- | --- | ---: |")
    grouped = {one: [each for each in found if _severity(each) == one] for one in SEVERITIES}
    for severity, members in grouped.items():
        name = f"[{severity}](#{severity})" if members else severity
        yield f"| {name} | {COSTS[severity]} | {len(members)} |"
    for severity, members in grouped.items():
        if members:
            yield from ("", f"## {severity}", "", COSTS[severity], "")
        for one in members:
            yield from _finding(one, repository)


def _severity(divergence: Divergence) -> str:
    return CLAUSES[divergence.clause].severity


def _finding(divergence: Divergence, repository: str) -> Iterator[str]:
    clause = CLAUSES[divergence.clause]
    yield from (f"### {divergence.id}: {escape(title(divergence))}", "")
    rest = divergence.reason.removeprefix(title(divergence)).removeprefix(".").strip()
    yield from ((escape(rest), "") if rest else ())
    promised = escape(clause.source)
    source = f"[{promised}]({clause.link})" if clause.link else promised
    yield f":Severity: {badge(clause.severity, clause.severity)}"
    yield f":Promised: {link_clause(clause.id)}: {escape(clause.requirement)} ({source})"
    released = verdicts.since_when(divergence)
    where = f"datafusion {', '.join(released)}" if released else "no release in the main job"
    for name in ("python", "cloudpickle"):
        limit = getattr(divergence, name)
        where += f", {name} `{limit}`" if limit else ""
    yield f":Shows on: {where}"
    more = {"Introduced by": divergence.introduced_by, "Reported": divergence.reported_as}
    for name, text in more.items():
        if text:
            yield f":{name}: {f'<{text}>' if text.startswith('https:') else escape(text)}"
    yield f":Fails as: `{divergence.kind}`"
    script = divergence.reproduction
    yield f":Script: [`{script.name}`]({in_repository(script, repository)})"
    yield from ("", "<details>", "<summary>The script</summary>", "")
    yield fenced(script.read_text(encoding="utf-8"), "python")
    yield from ("</details>", "")
