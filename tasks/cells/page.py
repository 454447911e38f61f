"""The page of a run, beside its reports."""

from __future__ import annotations

import os
from collections.abc import Sequence

import nox
from nox.command import CommandFailed

from tasks.cells.paths import REPORTS

NAME = "page.html"


def leave_page(session: nox.Session, reports: Sequence[str], *options: str) -> None:
    """Make the page of these reports, and say where it is or that there is none.

    The verdict of the run does not depend on it.
    """
    page = REPORTS / NAME
    command = ("python", "-m", "conformance", "report", "html", *reports, *options)
    try:
        session.run(*command, "-o", str(page), silent=True, log=False)
    except CommandFailed:
        session.warn("The page could not be made, see above; the verdict does not depend on it.")
    else:
        print(f"The page of this run: {os.path.relpath(page)}; open it in a browser", flush=True)
