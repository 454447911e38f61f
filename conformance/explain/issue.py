"""A known divergence as an issue for the engine's maintainers, in Markdown."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from conformance.explain.verdicts import since_when
from conformance.spec import CLAUSES, Divergence
from conformance.spec.outputs import read_outputs

TIMEOUT = 60.0
"""Seconds that a script has on the engine that is installed here."""


def markdown(divergence: Divergence, output: str = "") -> str:
    """Return the issue: what happens, what was promised, the script, and where it shows.

    ``output`` is what the script printed on the engine that is installed here.
    """
    return "\n".join(_lines(divergence, output)) + "\n"


def _lines(divergence: Divergence, output: str) -> Iterator[str]:
    clause = CLAUSES[divergence.clause]
    yield from (f"# {title(divergence)}", "")
    yield from (divergence.reason, "")
    yield from ("## What was promised", "")
    promised = f"{clause.source}: {clause.link}" if clause.link else clause.source
    yield from (f"> {clause.requirement}", "", promised, "")
    yield from ("## To reproduce", "", "```python", _script(divergence.reproduction), "```", "")
    if output:
        yield from ("It prints here", "", "```text", output, "```", "")
    for (text, versions), engines in _engines_by_output(divergence).items():
        yield from (f"On datafusion {', '.join(engines)} with {versions} it prints", "")
        yield from ("```text", text, "```", "")
    yield from ("## Where it shows", "")
    limits = [f"Python {divergence.python}" if divergence.python else ""]
    limits.append(f"cloudpickle {divergence.cloudpickle}" if divergence.cloudpickle else "")
    more = "".join(f", with {limit}" for limit in limits if limit)
    yield f"- datafusion {', '.join(since_when(divergence))}{more}"
    yield f"- severity: {clause.severity}"
    yield f"- clause {clause.id} of dfpy-conformance, known divergence `{divergence.id}`"
    if divergence.introduced_by:
        yield f"- introduced by {divergence.introduced_by}"


def _engines_by_output(divergence: Divergence) -> Mapping[tuple[str, str], Sequence[str]]:
    """Return the released engines by what the script prints on them, and beside which versions."""
    found: dict[tuple[str, str], list[str]] = {}
    for engine, recorded in read_outputs().items():
        if text := recorded.texts.get(divergence.id):
            versions = f"Python {recorded.python} and cloudpickle {recorded.cloudpickle}"
            found.setdefault((text, versions), []).append(engine)
    return found


def title(divergence: Divergence) -> str:
    """Return the first sentence of the reason, without its full stop."""
    return divergence.reason.partition(". ")[0].removesuffix(".")


def _script(path: Path) -> str:
    return path.read_text(encoding="utf-8").strip()


def run_script(divergence: Divergence, *, errors: bool = True) -> str:
    """Return what the script prints on the engine that is installed here, as far as it comes.

    Its last line is the exit code. What goes to stderr belongs to it if ``errors`` is true.
    """
    try:
        done = subprocess.run(
            [sys.executable, str(divergence.reproduction)],
            capture_output=True,
            text=True,
            check=False,
            timeout=TIMEOUT,
        )
    except subprocess.TimeoutExpired:
        return f"no end after {TIMEOUT:g} s"
    ended = f"(exit code {done.returncode})"
    text = done.stdout + done.stderr if errors else done.stdout
    return "\n".join([text.strip()[-3_000:], ended]).strip()
