"""The specification: a page for each chapter of clauses, and its table of contents."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from conformance.explain import index, verdicts
from conformance.spec import CHAPTERS, CLAUSES, RETIRED, Chapter, Clause
from tasks.site.links import in_repository
from tasks.site.text import anchor, badge, escape, page_of

_SHOWN = 25
"""The number of vectors and of folders that a clause lists; the rest is counted."""


def chapter(found: Chapter, repository: str) -> str:
    """Return the page of a chapter: its introduction, and each clause with what guards it."""
    return "\n".join(_chapter_lines(found, repository)) + "\n"


def contents() -> str:
    """Return the table of chapters, with the number of clauses and of broken ones."""
    engines = [engine for engine, _ in verdicts.by_engine(next(iter(CLAUSES.values())))]
    rows = [f"| Chapter | About | Clauses | {' | '.join(f'broken on {one}' for one in engines)} |"]
    rows.append("| --- | --- | ---: |" + " ---: |" * len(engines))
    for one in CHAPTERS.values():
        clauses = _clauses(one)
        broken = dict.fromkeys(engines, 0)
        for clause in clauses:
            for engine, how in verdicts.by_engine(clause):
                broken[engine] += how == "diverges"
        counts = " | ".join(str(broken[engine] or "") for engine in engines)
        name = f"[{one.id}]({one.id.lower()}.md)"
        rows.append(f"| {name} | {escape(one.title)} | {len(clauses)} | {counts} |")
    retired = ["| Retired id | Replaced by | Why |", "| --- | --- | --- |"]
    for gone in RETIRED.values():
        new = ", ".join(f"[{id_}]({page_of(id_)}#{id_})" for id_ in gone.replaced_by)
        retired.append(f"| {gone.id} | {new} | {escape(gone.reason)} |")
    return "\n".join([*rows, "", "## Retired ids", "", *retired]) + "\n"


def _clauses(found: Chapter) -> list[Clause]:
    return [clause for clause in CLAUSES.values() if clause.chapter == found.id]


def _chapter_lines(found: Chapter, repository: str) -> Iterator[str]:
    yield from (f"# {found.id}: {escape(found.title)}", "")
    yield from (escape(" ".join(found.introduction.split())), "")
    for clause in _clauses(found):
        yield from _clause_lines(clause, repository)


def _clause_lines(clause: Clause, repository: str) -> Iterator[str]:
    yield from (f"## {clause.id}: {escape(clause.title)}", "")
    text = escape(clause.requirement)
    for level in ("MUST", "SHOULD"):
        text = text.replace(level, f"**{level}**")
    yield from ("{.requirement}", text, "")
    if clause.rationale:
        yield from (f"*Why.* {escape(clause.rationale)}", "")
    yield from _facts(clause, repository)
    yield from _sources("case", index.cases_of(clause.id), repository)
    yield from _names("negative vector", index.vectors_of(clause.id))
    folders = (file.rpartition("/")[0] for file in index.goldens_of(clause.id))
    yield from _names("golden folder", [*dict.fromkeys(folders)])
    yield from _sources("fault", index.faults_of(clause.id), repository)


def _facts(clause: Clause, repository: str) -> Iterator[str]:
    source = escape(clause.source)
    how = (f"{engine} {badge(word, word)}" for engine, word in verdicts.by_engine(clause))
    needs = f", needs {clause.needs}" if clause.needs else ""
    yield f":Level: {clause.level}, {clause.basis}, since {clause.since}"
    yield f":Severity: {badge(clause.severity, clause.severity)}"
    yield f":Profile: {clause.profile}{needs}"
    yield f":Source: {f'[{source}]({clause.link})' if clause.link else source}"
    yield f":Engines: {', '.join(how)}"
    if script := clause.snippet:
        yield f":Snippet: [`{script.name}`]({in_repository(script, repository)})"
    known = verdicts.divergences_of(clause.id)
    if known:
        links = (f"[{one.id}](../findings.md#{anchor(one.id)})" for one in known)
        yield f":Known divergences: {', '.join(links)}"
    yield ""


def _sources(kind: str, sources: Sequence[index.Source], repository: str) -> Iterator[str]:
    """Yield the cases that judge a clause, or the faults by which they are judged."""
    if not sources:
        return
    yield from _folded(_count(len(sources), kind))
    for one in sources:
        address = in_repository(one.file, repository, one.line)
        yield f"- [`{one.name}`]({address}): {escape(one.about)}"
    yield from ("", "</details>", "")


def _names(kind: str, names: Sequence[str]) -> Iterator[str]:
    """Yield the first of the vectors of a clause, or of the folders of its goldens."""
    if not names:
        return
    yield from _folded(_count(len(names), kind))
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    yield ", ".join(f"`{one}`" for one in names[:_SHOWN]) + more
    yield from ("", "</details>", "")


def _folded(summary: str) -> Iterator[str]:
    yield from ("<details>", f"<summary>{summary}</summary>", "")


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"
