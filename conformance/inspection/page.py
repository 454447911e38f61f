"""One self-contained HTML page for files: annotated bytes beside their meaning."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import resources

from conformance.inspection.annotated import spans
from conformance.inspection.summary import summary
from conformance.inspection.udf import Values

TEMPLATE = "page.html.j2"
"""The template, beside this module."""


def page(files: Sequence[tuple[Values, bytes]]) -> str:
    """Return the page for files: what ``inspect`` describes of each, with opcodes, and its bytes.

    Whatever is in the bytes is shown as text.
    """
    import jinja2  # of the extra `page`

    text = resources.files("conformance.inspection").joinpath(TEMPLATE).read_text(encoding="utf-8")
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    shown = [
        {
            "values": values,
            "summary": summary(values, values["file"]),
            "spans": list(spans(data, values)),
        }
        for values, data in files
    ]
    return environment.from_string(text).render(files=shown)
