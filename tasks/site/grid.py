"""The interop grid as heat maps: every group of peers as sender and as receiver."""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence

from conformance.interop.grid import Grid
from conformance.interop.rules import FORMS, Form
from conformance.interop.summary import FORM_PHRASES, TITLES, Group, groups, status_of_layers
from tasks.cells.paths import BUNDLED_GRID

_SIGNS = {"yes": "●", "part": "◐", "no": "·", "WRONG": "!", "-": ""}
"""A sign for each status, for those who do not see the colours."""


def heat_maps() -> str:
    """Return the page: a map for each form, and the list of groups that it numbers."""
    return "\n".join(_lines(Grid.read(BUNDLED_GRID))) + "\n"


def _lines(grid: Grid) -> Iterator[str]:
    found = groups(grid)
    yield from ("# The grid at a glance", "")
    yield f"All {len(grid.peers)} cells of the version table as senders (rows) and receivers "
    yield "(columns). Cells with equal outcomes are one group; the groups are numbered below. "
    yield "[Who can talk to whom](interop.md) has the same as tables, with the reasons."
    yield from ("", _legend(), "")
    for form in FORMS:
        yield from (f"## {TITLES[form]}", "", _map(grid, found, form), "")
    yield from ("## The groups", "", "| Group | Python | Versions |", "| ---: | --- | --- |")
    for number, group in enumerate(found, 1):
        yield f"| {number} | {group.python} | {group.title} |"


def _legend() -> str:
    meanings = {
        "yes": "all items work",
        "part": "some items work",
        "no": "no item works, and each is refused with a reason",
        "WRONG": "neither what the clauses demand nor a known divergence",
    }
    marks = (
        f'<span class="heat {status}">{_SIGNS[status]}</span> {status}: {meaning}'
        for status, meaning in meanings.items()
    )
    return f'<p class="legend">{"<br>".join(marks)}</p>'


def _map(grid: Grid, found: Sequence[Group], form: Form) -> str:
    numbers = "".join(f'<th scope="col">{number}</th>' for number in range(1, len(found) + 1))
    rows = "".join(
        f'<tr><th scope="row">{number}</th>'
        + "".join(_square(grid, sender, receiver, form) for receiver in found)
        + "</tr>"
        for number, sender in enumerate(found, 1)
    )
    caption = f"Bytes {FORM_PHRASES[form]}: senders in rows, receivers in columns"
    return (
        f'<div class="heat-map" tabindex="0" role="region" aria-label="{caption}"><table>'
        f"<caption>{caption}</caption><thead><tr><td></td>{numbers}</tr></thead>"
        f"<tbody>{rows}</tbody></table></div>"
    )


def _square(grid: Grid, sender: Group, receiver: Group, form: Form) -> str:
    statuses = status_of_layers(grid, sender, receiver, form)
    worst = next((one for one in ("WRONG", "part") if one in statuses.values()), "")
    kinds = set(statuses.values()) or {"-"}
    status = worst or ("part" if {"yes", "no"} <= kinds else next(iter(sorted(kinds))))
    layers = ", ".join(f"{layer} {how}" for layer, how in statuses.items())
    pair = f"{sender.title} on Python {sender.python} to {receiver.title} on {receiver.python}"
    title = html.escape(f"{pair}: {layers}")
    kind = "none" if status == "-" else status
    return f'<td class="heat {kind}" title="{title}">{_SIGNS[status]}</td>'
