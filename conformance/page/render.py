"""Write the page: templates, styles and script in one file, and texts that cannot break out."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conformance.interop.grid import Grid
from conformance.page import cards, table
from conformance.page.cases import case_data
from conformance.page.heat_map import heat_maps
from conformance.report import diff_text
from conformance.report.counts import counts
from conformance.report.diff import Diff
from conformance.report.gather import Gathered
from conformance.report.problems import verdict
from conformance.report.sentences import sentences
from conformance.report.summary import Summary
from conformance.spec import CLAUSES
from conformance.spec.clauses import SEVERITIES
from conformance.util.exit_codes import ExitCode

if TYPE_CHECKING:
    from markupsafe import Markup

TEMPLATES = Path(__file__).parent / "template"
COSTS = Path(__file__).parents[2] / "docs" / "costs.svg"
"""The drawing of what the format costs, which `nox -s bench` measured; the wheel lacks the file."""

STATES = {ExitCode.OK: "passed", ExitCode.PARTIAL: "partial"}


def render(
    summary: Summary, found: Gathered, since: Diff | None = None, grid: Grid | None = None
) -> str:
    """Return the page. ``since`` is what changed since an earlier run.

    Needs jinja2: raises ``ImportError`` where it is missing.
    """
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["code"] = _mark_code
    environment.filters["link"] = _link
    script = (TEMPLATES / "page.js").read_text(encoding="utf-8")

    state, _, sentence = verdict(summary).partition(": ")
    return environment.get_template("page.html").render(
        title=f"{state}: {', '.join(one.title for one in table.engines(summary))}".rstrip(": "),
        verdict=state,
        sentence=sentence,
        state=STATES.get(summary.code, "failed"),
        sentences=list(sentences(summary)),
        notes=list(summary.notes()),
        engines=table.engines(summary),
        chapters=list(table.chapters(summary)),
        columns=len(summary.columns),
        words=table.WORDS,
        clauses={id_: CLAUSES[id_] for id_ in summary.judged},
        severities=[
            one for one in SEVERITIES if one in {CLAUSES[id_].severity for id_ in summary.judged}
        ],
        verdicts=[one for one in table.WORST_FIRST if one],
        failures=list(cards.failures(summary, found)),
        warnings=list(summary.warnings()),
        divergences=cards.divergences(summary),
        counts=list(counts(summary)),
        since=since,
        changes=diff_text,
        grid=heat_maps(grid) if grid else None,
        costs=_image(COSTS) if COSTS.is_file() else None,
        style=(TEMPLATES / "page.css").read_text(encoding="utf-8"),
        script=script,
        script_hash=digest(script),
        data=island(case_data(summary, found)),
    )


def island(values: Mapping[str, Any]) -> str:
    """Return ``values`` as JSON that no text in it can end: it is put into a script element."""
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def _image(path: Path) -> str:
    """Return a drawing as an address that holds it."""
    return f"data:image/svg+xml;base64,{base64.b64encode(path.read_bytes()).decode()}"


def _mark_code(text: str) -> Markup:
    """Return ``text`` as markup, with the parts between backticks as code."""
    from markupsafe import Markup, escape

    parts = [
        Markup("<code>{}</code>").format(part) if index % 2 else escape(part)
        for index, part in enumerate(text.split("`"))
    ]
    return Markup("").join(parts)


def _link(text: str) -> Markup:
    """Return ``text`` as a link if it is an address."""
    from markupsafe import Markup, escape

    if not text.startswith("https://"):
        return escape(text)
    return Markup('<a href="{0}">{0}</a>').format(text)


def digest(script: str) -> str:
    """Return the source of the one script that a browser may run, for the page's policy."""
    digest = hashlib.sha256(script.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"
