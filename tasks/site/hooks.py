"""The Sphinx extension of the site: links to the repository, anchors that are ids, colours."""

from __future__ import annotations

from typing import Any

from docutils import nodes

from tasks.site.links import SCHEME
from tasks.site.text import anchor

_STATUSES = ("yes", "no", "part", "WRONG")


def name_sections(app: Any, doctree: nodes.document) -> None:
    """Give the sections of clauses and divergences their id as the first anchor."""
    del app
    for section in doctree.findall(nodes.section):
        title = section.next_node(nodes.title)
        id_ = anchor(title.astext()) if title is not None else ""
        if id_ and id_ not in section["ids"]:
            section["ids"].insert(0, id_)


def colour_statuses(app: Any, doctree: nodes.document) -> None:
    """Give the cells of a table that hold a status of the grid its class."""
    if app.env.docname != "interop":
        return
    for entry in doctree.findall(nodes.entry):
        words = entry.astext().replace(",", " ").split()
        if words and words[0] in _STATUSES:
            entry["classes"].append("part" if len({*words} & {*_STATUSES}) > 1 else words[0])


def link_repository(app: Any, doctree: nodes.document) -> None:
    """Replace the scheme of links to the repository by its address."""
    for reference in doctree.findall(nodes.reference):
        link = reference.get("refuri", "")
        if link.startswith(SCHEME):
            reference["refuri"] = app.config.repository + link.removeprefix(SCHEME)


def setup(app: Any) -> dict[str, bool]:
    """Connect the hooks."""
    app.add_config_value("repository", "", "env", str)
    app.connect("doctree-read", link_repository)
    app.connect("doctree-read", name_sections)
    app.connect("doctree-read", colour_statuses)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
