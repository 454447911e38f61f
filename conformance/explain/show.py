"""Print what is known of a clause, a divergence, a case or a vector."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from conformance.explain.side_by_side import side_by_side
from conformance.negative.description import bytes_lines
from conformance.subjects.codec import OPERATIONS

Document = Mapping[str, Any]
_SHOWN = 12
"""The number of cases, faults and failures that are listed; the rest is counted."""
_DUMPED = 64
"""The number of lines of a hex dump that are printed."""


def lines(document: Document, width: int) -> Iterator[str]:
    """Yield the lines of a document. ``width`` is that of the terminal, in columns."""
    parts = {
        "divergence": _divergence_lines,
        "case": _case_lines,
        "clause": _clause_lines,
        "vector": _vector_lines,
    }
    kind = next(kind for kind in parts if kind in document)
    yield from parts[kind](document, width)
    yield from _reports(document["reports"], width)


def _clause_lines(document: Document, width: int) -> Iterator[str]:
    yield f"{document['clause']}: {document['title']}"
    yield ""
    yield from _wrap(document["requirement"], width)
    if document["rationale"]:
        yield from _wrap(f"Why: {document['rationale']}", width)
    yield ""
    yield f"level     {document['level']}, {document['basis']}, since {document['since']}"
    yield f"severity  {document['severity']}"
    needs = f", needs {document['needs']}" if document["needs"] else ""
    yield f"profile   {document['profile']}{needs}"
    yield f"source    {document['source']}"
    yield f"          {document['link']}" if document["link"] else ""
    engines = (f"{engine} {how}" for engine, how in document["engines"].items())
    program = document["needs"] in OPERATIONS
    yield f"engines   {', '.join(engines)}" + ("; it judges programs, no engine" if program else "")
    if document["snippet"]:
        yield f"snippet   python {document['snippet']}  # ends with 0 where the clause holds"
    for one in document["divergences"]:
        yield ""
        yield from _known(one, width)
    yield from _list("cases", document["cases"])
    yield from _list("faults that it notices", document["faults"])
    for kind in ("vectors", "goldens"):
        if document[kind]:
            yield ""
            yield f"{kind}   {len(document[kind])}, such as {document[kind][0]}"


def _divergence_lines(document: Document, width: int) -> Iterator[str]:
    yield from _known(document, width)
    yield ""
    yield f"clause    {document['clause']} ({document['severity']}): {document['title']}"
    yield from _wrap(document["requirement"], width, "          ")
    yield f"source    {document['source']}"
    yield f"          {document['link']}" if document["link"] else ""
    says = f"; the engine says {document['seen']!r}" if document["seen"] else ""
    yield f"fails     as {document['kind']}{says}"
    for pattern in document["cases"]:
        yield f"case      {pattern}"


def _case_lines(document: Document, width: int) -> Iterator[str]:
    yield document["case"]
    yield from _wrap(document["about"], width)
    yield f"in {document['place']}"
    if "[" in document["case"] and not document["reports"]:
        yield "Its parameters are not checked: a report (--report) lists the cases that there are."
    for id_, requirement in list(document["clauses"].items())[:_SHOWN]:
        yield ""
        yield from _wrap(f"{id_}: {requirement}", width)
    for one in document["divergences"]:
        yield ""
        yield from _known(one, width)


def _vector_lines(document: Document, width: int) -> Iterator[str]:
    yield document["vector"]
    yield from _wrap(document["note"], width)
    yield ""
    yield f"bytes     of an artifact of the kind {document['artifact']}, since {document['since']}"
    yield f"session   {document['session']}"
    yield f"decision  {document['do']}"
    for demand in document["demands"]:
        kind = [f'the kind "{demand["kind"]}"'] if demand["kind"] else []
        words = [f'the words "{word}"' for word in demand["words"]]
        wanted = ", ".join([*kind, *words]) if demand["unpickles"] else "nothing is unpickled"
        yield f"  {demand['clause']}: {wanted or demand['title']}"
    yield ""
    dump = bytes_lines(bytes.fromhex(document["data"])).splitlines()
    yield from dump[:_DUMPED]
    if len(dump) > _DUMPED:
        yield f"... {len(dump) - _DUMPED} more lines; --json has all bytes"
    yield ""
    yield f"request   {json.dumps(document['request'])}"


def _known(document: Document, width: int) -> Iterator[str]:
    released = ", ".join(document["released"]) or "no release in the version table"
    yield f"known divergence {document['divergence']}: datafusion {released}"
    yield from _wrap(document["reason"], width, "  ")
    yield f"  {document['reported_as'] or document['introduced_by']}"
    yield f"  reproduce: python {document['reproduction']}"


def _list(title: str, sources: Sequence[Document]) -> Iterator[str]:
    if not sources:
        return
    yield ""
    yield f"{title}:"
    for one in sources[:_SHOWN]:
        yield f"  {one['name']}  {one['about']}"
    if len(sources) > _SHOWN:
        yield f"  and {len(sources) - _SHOWN} more"


def _reports(reports: Sequence[Document], width: int) -> Iterator[str]:
    for report in reports:
        cell = ", ".join(f"{name} {value}" for name, value in report["cell"].items())
        yield ""
        yield f"{report['report']} ({cell})"
        counts = {"passed": "passed", "known": "diverged as known", "failed": "failed"}
        found = (f"{report[name]} {words}" for name, words in counts.items() if report[name])
        yield f"  {', '.join(found)}"
        for failure in report["failures"][:_SHOWN]:
            yield f"  {failure['outcome']} of {failure['case']} ({failure['kind']})"
            yield from _wrap(failure["message"].splitlines()[0], width, "    ")
            yield from (
                f"    {line}"
                for line in side_by_side(failure["expected"], failure["seen"], width - 4)
            )
            if failure["reproduce"]:
                yield f"    reproduce: {failure['reproduce']}"


def _wrap(text: str, width: int, indent: str = "") -> list[str]:
    return textwrap.wrap(
        text, width, initial_indent=indent, subsequent_indent=indent, break_long_words=False
    )
