"""Summarize a grid: one table per form, equivalent peers as one, each reason once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from packaging.version import Version

from conformance.interop.grid import Grid, equivalence_classes
from conformance.interop.rules import FORMS, MODES, Form, Layer, Mode, rule
from conformance.util.versions import minor_version

TITLES = {"inline": "Inline", "by name": "By name", "chain": "Inline, through an extension codec"}
FORM_PHRASES = {"inline": "inline", "by name": "by name", "chain": "through an extension codec"}
LAYER_NAMES = {
    "expression": "expressions",
    "logical": "logical plans",
    "physical": "physical plans",
}


@dataclass(frozen=True)
class Group:
    """Peers of one Python with equal outcomes: the first represents all."""

    names: tuple[str, ...]
    title: str
    python: str

    @property
    def first(self) -> str:
        """The peer whose results represent the group."""
        return self.names[0]


@dataclass(frozen=True)
class Table:
    """A table of statuses: senders in rows, receivers in columns; equal for all ``pythons``."""

    title: str
    pythons: tuple[str, ...]
    titles: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def groups(grid: Grid) -> list[Group]:
    """Return the groups, by Python and then by engine and cloudpickle, oldest first."""

    def age(name: str) -> tuple[Version, ...]:
        keys = ("engine", "cloudpickle", "pyarrow")
        return tuple(Version(grid.peers[name][key]) for key in keys)

    found = [
        Group(
            tuple(sorted(names, key=age)),
            _title(grid, names),
            minor_version(grid.peers[names[0]]["python"]),
        )
        for names in equivalence_classes(grid, by=lambda result: result.status)
    ]
    return sorted(found, key=lambda group: (Version(group.python), age(group.first)))


def _title(grid: Grid, names: Sequence[str]) -> str:
    """Return the versions of the peers, and the names of peers not named by their versions.

    Example: ``datafusion 54.0.0, 55.0.0; cloudpickle 3.0.0 to 3.1.2 (and candidate)``.
    """
    partial_results = []
    for key, title in (("engine", "datafusion"), ("cloudpickle", "cloudpickle")):
        versions = sorted({grid.peers[name][key] for name in names}, key=Version)
        most = versions if len(versions) < 3 else [f"{versions[0]} to {versions[-1]}"]
        partial_results.append(f"{title} {', '.join(most)}")
    called = {re.sub(r"-py3\.\d+-.*|-py3\.\d+$", "", name): name for name in names}
    own = [each for each, name in called.items() if each != grid.peers[name]["engine"]]
    rest = "and " if len(own) < len(called) else ""
    return "; ".join(partial_results) + (f" ({rest}{', '.join(own)})" if own else "")


def tables(grid: Grid) -> list[Table]:
    """Return one table per form and Python; Pythons with equal tables share one."""
    found: dict[tuple[object, ...], Table] = {}
    everyone = groups(grid)
    for form in FORMS:
        for python in dict.fromkeys(group.python for group in everyone):
            mine = [group for group in everyone if group.python == python]
            titles = tuple(group.title for group in mine)
            rows = tuple(tuple(format_status(grid, a, b, form) for b in mine) for a in mine)
            known = found.get((form, titles, rows))
            pythons = (*known.pythons, python) if known else (python,)
            found[form, titles, rows] = Table(TITLES[form], pythons, titles, rows)
    return [table for table in found.values() if any(set(row) != {"-"} for row in table.rows)]


def cross_python_summary(grid: Grid) -> Iterator[str]:
    """Yield one sentence per form: the statuses between peers of different Pythons."""
    pythons = {name: minor_version(versions["python"]) for name, versions in grid.peers.items()}
    seen: dict[Form, dict[Layer, set[str]]] = {form: {} for form in FORMS}
    for (sender, receiver, (form, layer)), result in grid.results.items():
        if pythons[sender] != pythons[receiver] and (status := result.status) != "-":
            seen[form].setdefault(layer, set()).add(status)
    for form, of_form in seen.items():
        if of_form:
            phrases = ", ".join(
                f"{LAYER_NAMES[layer]} {_words(statuses)}" for layer, statuses in of_form.items()
            )
            yield f"{TITLES[form]}: {phrases}"


def _words(statuses: set[str]) -> str:
    order = [status for status in ("yes", "part", "no", "WRONG") if status in statuses]
    return " or ".join(order)


def status_of_layers(grid: Grid, sender: Group, receiver: Group, form: Form) -> Mapping[Layer, str]:
    """Return the status of each layer that was exchanged."""
    return {
        layer: result.status
        for its, layer in MODES
        if its == form
        and (result := grid.results.get((sender.first, receiver.first, (its, layer))))
    }


def format_status(grid: Grid, sender: Group, receiver: Group, form: Form) -> str:
    """Return the status of all layers, or the most common one and the exceptions."""
    statuses = status_of_layers(grid, sender, receiver, form)
    if len(set(statuses.values())) <= 1:
        return next(iter(statuses.values()), "-")
    most = max(statuses.values(), key=[*statuses.values()].count)
    others = (f"{layer} {status}" for layer, status in statuses.items() if status != most)
    return f"{most}, {', '.join(others)}"


def reasons(grid: Grid) -> Mapping[str, str]:
    """Return the reasons why peers cannot talk, by remedy, with the versions of one example."""
    found: dict[str, str] = {}
    for (sender, receiver, mode), result in grid.results.items():
        if result.status == "yes":
            continue
        expected = rule(grid.peers[sender], grid.peers[receiver], mode)
        if expected.reason:
            found.setdefault(expected.remedy, expected.reason)
    return found


def partial_results(grid: Grid) -> Iterator[str]:
    """Yield the items that fail where others work, a line for each form and layer."""
    found: dict[Mode, dict[str, None]] = {}
    for (_, _, mode), result in grid.results.items():
        if result.status == "part":
            found.setdefault(mode, {}).update(dict.fromkeys(result.failing))
    for (form, layer), items in found.items():
        works = f"all items but {truncate_list(items)} work"
        yield f"{TITLES[form].lower()}, {LAYER_NAMES[layer]}: {works}"


def truncate_list(items: Iterable[str], most: int = 5) -> str:
    """Return the first ``most`` of the items, and how many more there are."""
    first = [*items]
    more = f" and {len(first) - most} more" if len(first) > most else ""
    return ", ".join(first[:most]) + more


def surprises(grid: Grid) -> Iterator[str]:
    """Yield the unexplained outcomes, one line per form, layer, outcome and text."""
    found: dict[tuple[str, str, str, str], list[tuple[str, str, str]]] = {}
    for (sender, receiver, mode), result in grid.results.items():
        for item, outcome, text in result.surprises:
            found.setdefault((*mode, outcome, text), []).append((sender, receiver, item))
    for kind, where in found.items():
        form, layer, outcome, text = kind
        sender, receiver, item = where[0]
        more = f", and {len(where) - 1} more" if len(where) > 1 else ""
        yield f"{form}, {layer}: {outcome}: {text} ({item} from {sender} to {receiver}{more})"
