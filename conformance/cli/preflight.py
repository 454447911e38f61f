"""The command ``preflight``."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

import click

from conformance.cli import output
from conformance.cli.progress import Advance, progress
from conformance.util.exit_codes import ExitCode

if TYPE_CHECKING:
    from conformance.preflight.answers import Count
    from conformance.preflight.ask import Answer

_KNOWN = ("SurveyError: ", "NoFrames: ", "ModuleNotFoundError: ", "ShipmentError: ")
"""Errors whose text says all that a person needs."""


@click.command(
    short_help="Ask the nodes of a cluster what they read.",
    epilog=output.examples(
        "preflight --ray 10.0.0.5:6379 --expr features:score",
        "preflight --dask tcp://10.0.0.5:8786 --expr job.py:query --json",
        "preflight --dask local --bytes plan:query.bin --session node:context",
        "preflight --python old=venvs/old/bin/python --expr features:score",
    ),
)
@click.option(
    "--ray", metavar="ADDRESS", help="Address for ray.init: HOST:6379, auto, ray://HOST:10001."
)
@click.option("--dask", metavar="ADDRESS", help="Address of the scheduler: tcp://HOST:8786.")
@click.option(
    "--python",
    "pythons",
    metavar="NAME=PATH",
    multiple=True,
    help="An interpreter of this machine as a node, with its own packages; several are allowed.",
)
@click.option(
    "--expr",
    "objects",
    metavar="MODULE:NAME",
    multiple=True,
    help="Send this object of yours: an Expr, a UDF, a DataFrame or a plan, or each in a list, "
    "tuple or dict. FILE.py:NAME runs FILE as a script, without its block for __main__. Several "
    "are allowed.",
)
@click.option(
    "--bytes",
    "files",
    metavar="[KIND:]FILE",
    multiple=True,
    help="Send the bytes in FILE: a pickle, or with KIND expression, plan or execution-plan "
    "protobuf. The nodes unpickle it: give only bytes that you trust. Several are allowed.",
)
@click.option(
    "--session",
    metavar="MODULE:NAME",
    default="",
    help="The SessionContext that nodes decode --expr and --bytes with, or a function of a module "
    "of theirs that returns it. Without it they use a new session.",
)
@click.option(
    "--form",
    type=click.Choice(["all", "inline", "by-name"]),
    default="all",
    show_default=True,
    help="How the driver will send; a fleet with several Pythons can only send by name. With "
    "--expr, all means inline.",
)
@click.option("--all", "every", is_flag=True, help="Send every golden: seven megabytes per node.")
@output.json_option
@click.option(
    "--deadline",
    type=click.FloatRange(min=1),
    default=180,
    show_default=True,
    metavar="SECONDS",
    help="Time limit for the survey. A node that is late is not judged; other answers are kept.",
)
def preflight(
    ray: str | None,
    dask: str | None,
    pythons: Sequence[str],
    objects: Sequence[str],
    files: Sequence[str],
    session: str,
    form: str,
    every: bool,
    as_json: bool,
    deadline: float,
) -> None:
    """Ask every node of a cluster whether it reads what you send.

    ADDRESS may be "local": this starts a cluster on this machine for the run. Nodes do not need
    this package; this machine needs the driver's engine, and ray or distributed in the cluster's
    version.

    With --expr or --bytes, a process on each node decodes your object and evaluates nothing. The
    answer is "reads", or one sentence with the reason and the remedy: a module that the node does
    not have, a name of the driver's __main__, another Python, a UDF that travels by name and is not
    registered. "Reads, but not the same": a module that the bytes need is another edition there, by
    its version or the hash of its source. What a function imports when it runs counts, too.

    Without them, each node gets this tool's own sample UDFs, inline and by name, and goldens of its
    Python. They are decoded and evaluated on an inlining and on a strict session. This says nothing
    of your own UDFs. Results for goldens of other engines are shown and never fail the preflight.

    Exit code 1: a node does not read what you send, or not the same. Exit code 2: the cluster
    cannot be asked, what you send cannot be encoded, or --python names no program. Exit code 18: a
    node cannot be judged.
    """
    from conformance.preflight.ask import Request, ask
    from conformance.processes.child import ChildError, Hung

    library, address = _nodes(ray, dask, pythons)
    labels = [*objects, *files]
    if repeated := {one for one in labels if labels.count(one) > 1}:
        output.exit_with_error(f"{min(repeated)}: expected once, found twice")
    if every and labels:
        output.exit_with_error("--all sends goldens; expected no --expr and no --bytes with it")
    if session and not labels:
        output.exit_with_error("--session is for --expr and --bytes; expected one of them")
    if session and not re.fullmatch(r"[^:]+:[^:]+", session):
        output.exit_with_error(f"{session}: expected MODULE:NAME")
    for one in pythons:
        if not shutil.which(one.partition("=")[2]):
            output.exit_with_error(f"--python {one}: expected a program at PATH, found none")
    forms = ["inline", "by name"] if form == "all" else [form.replace("-", " ")]
    request = Request(library, address, forms, every, objects, files, session, deadline)
    try:
        with _counting() as count:
            answer = ask(request, lambda line: click.echo(line, err=True), count)
    except ChildError as error:
        said = str(error)
        known = said.startswith(_KNOWN)
        if not known and not isinstance(error, Hung):
            click.echo(error.stacks, err=True)
        output.exit_with_error(said.partition(": ")[2] if known else f"{address}: {said}")
    _show(answer, as_json)


@contextmanager
def _counting() -> Iterator[Count]:
    """Yield a function that shows how many nodes have answered."""
    with ExitStack() as stack:
        advance: Advance | None = None

        def count(answered: int, of: int, node: str) -> None:
            nonlocal advance
            if advance is None:
                advance = stack.enter_context(progress(nodes=of))
            if answered:
                advance("nodes", note=node)

        yield count


def _nodes(ray: str | None, dask: str | None, pythons: Sequence[str]) -> tuple[str, str]:
    """Return the library and the address."""
    if sum(map(bool, (ray, dask, pythons))) != 1:
        output.exit_with_error(
            "expected either --ray ADDRESS or --dask ADDRESS or --python NAME=PATH; "
            "see preflight --help"
        )
    names: set[str] = set()
    for one in pythons:
        if not re.fullmatch(r"[^=\n]+=[^\n]+", one):
            output.exit_with_error(f"--python {one}: expected NAME=PATH")
        name = one.partition("=")[0]
        if name in names:
            output.exit_with_error(f"--python {one}: expected each NAME once, found {name} twice")
        names.add(name)
    return ("ray", ray) if ray else ("dask", dask) if dask else ("python", "\n".join(pythons))


def _show(answer: Answer, as_json: bool) -> None:
    """Print the answer and end with its exit code."""
    from conformance.preflight import report, show
    from conformance.util.versions import with_platform

    driver = with_platform(answer.versions)
    driver["datafusion"] = driver.pop("engine")
    mine = bool(answer.shipments)
    verdicts = (
        [one.verdict for row in answer.judgements for one in row]
        if mine
        else [*map(report.node_verdict, answer.reports)]
    )
    advice = (
        report.advice_on_shipments(answer.judgements)
        if mine
        else report.advice(driver, answer.reports)
    )
    if as_json:
        nodes: list[dict[str, Any]] = []
        for node, row in zip(answer.reports, answer.judgements, strict=True):
            here = [one.verdict for one in row] or [report.node_verdict(node)]
            judged = [
                {"label": one.label, "verdict": one.verdict.value, "why": one.why} for one in row
            ]
            shown = {**node, "good": report.overall(here) == ExitCode.OK}
            nodes.append({**shown, "judgements": judged} if mine else shown)
        output.print_json(
            {
                "driver": driver,
                "sent": list(answer.shipments),
                "nodes": nodes,
                "advice": list(advice),
            }
        )
    elif mine:
        show.show_shipments(driver, answer.reports, answer.judgements, output.console())
    else:
        show.show(driver, answer.reports, output.console())
    sys.exit(report.overall(verdicts))
