"""``python -m tasks.outputs``: what the reproductions print on the installed engine."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from difflib import unified_diff
from importlib.metadata import version
from platform import python_version

import click

from conformance.cli import output
from conformance.cli.progress import progress
from conformance.explain.issue import run_script
from conformance.spec import DIVERGENCES
from conformance.spec.outputs import Outputs, read_outputs
from conformance.util.exit_codes import ExitCode
from conformance.util.versions import minor_version
from tasks.outputs.shape import shape, without_folders

SHOWN = "(exit code 1)"
"""The last line of a script that showed its divergence; it lacked a package if it has another."""


@click.command(
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=output.example_lines("nox -s outputs", "nox -s outputs -- --update"),
)
@click.option("--update", is_flag=True, help="Record what they print now.")
def main(*, update: bool) -> None:
    """Run the reproductions of this engine's divergences; compare with what was recorded.

    Made-up names, addresses and measured numbers may differ. Exit code 1: something else does.
    """
    engine = version("datafusion")
    now = _outputs_here(engine)
    recorded = read_outputs().get(engine, Outputs("", "", {}))
    changed = [
        id_
        for id_ in sorted({*now.texts, *recorded.texts})
        if shape(now.texts.get(id_, "")) != shape(recorded.texts.get(id_, ""))
    ]
    for id_ in changed:
        old, new = (one.texts.get(id_, "").splitlines() for one in (recorded, now))
        click.echo("\n".join([f"{id_}:", *unified_diff(old, new, lineterm="", n=1)]))
    if update and changed:
        same = {id_: recorded.texts[id_] for id_ in now.texts if id_ not in changed}
        replace(now, texts={**now.texts, **same}).write(engine)
    done = "recorded" if update else "changed"
    click.echo(f"datafusion {engine}: {len(now.texts)} outputs, {len(changed)} {done}")
    if changed and not update:
        output.exit_with_error(
            "the engine prints something else; look at it, then: nox -s outputs -- --update",
            ExitCode.FAILED,
        )


def _outputs_here(engine: str) -> Outputs:
    cell = {
        "engine": engine,
        "python": python_version(),
        "cloudpickle": version("cloudpickle"),
    }
    known = [one for one in DIVERGENCES.values() if one.in_cell(cell)]
    with ThreadPoolExecutor() as threads, progress(scripts=len(known)) as done:
        texts = {}
        found = threads.map(lambda one: run_script(one, errors=False), known)
        for one, text in zip(known, found, strict=True):
            done("scripts", note=one.id)
            if text.endswith(SHOWN):
                texts[one.id] = without_folders(text)
    return Outputs(minor_version(cell["python"]), cell["cloudpickle"], texts)


if __name__ == "__main__":
    main()
