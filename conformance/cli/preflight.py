"""The command ``preflight``."""

from __future__ import annotations

import sys
from typing import Any

import click

from conformance.cli import output
from conformance.util.exit_codes import ExitCode


@click.command(
    short_help="Ask the nodes of a cluster what they read.",
    epilog="\b\nExamples:\n"
    "  dfpy-conformance preflight --ray 10.0.0.5:6379\n"
    "  dfpy-conformance preflight --dask tcp://10.0.0.5:8786 --json > fleet.json\n"
    "  dfpy-conformance preflight --dask local --form by-name",
)
@click.option(
    "--ray", metavar="ADDRESS", help="Address for ray.init: HOST:6379, auto, ray://HOST:10001."
)
@click.option("--dask", metavar="ADDRESS", help="Address of the scheduler: tcp://HOST:8786.")
@click.option(
    "--form",
    type=click.Choice(["all", "inline", "by-name"]),
    default="all",
    show_default=True,
    help="How the driver will send; a fleet with several Pythons can only send by name.",
)
@click.option("--all", "every", is_flag=True, help="Send every golden: seven megabytes per node.")
@output.json_option
@click.option(
    "--deadline",
    type=click.FloatRange(min=1),
    default=180,
    show_default=True,
    metavar="SECONDS",
    help="Time limit for the survey; each node has 60 seconds.",
)
def preflight(
    ray: str | None, dask: str | None, form: str, every: bool, as_json: bool, deadline: float
) -> None:
    """Ask every node of a cluster whether it reads what this driver sends.

    ADDRESS may be "local": this starts a cluster on this machine for the run. Each node gets
    expressions that this driver's engine encodes now, inline and by name, and goldens of its
    Python. A process on the node decodes and evaluates them, on an inlining and on a strict
    session. Nodes do not need this package; this machine needs the driver's engine, and ray or
    distributed in the cluster's version.

    Exit code 1: a node does not read what this driver sends. Results for goldens of other
    engines are shown and never fail the preflight. Exit code 2: the cluster cannot be asked.
    """
    from conformance.preflight.report import advice, node_reads_driver
    from conformance.processes.child import Child, ChildError, Hung
    from conformance.util.versions import with_platform

    if bool(ray) == bool(dask):
        output.exit_with_error(
            "expected either --ray ADDRESS or --dask ADDRESS; see preflight --help"
        )
    library, address = ("ray", ray) if ray else ("dask", dask)
    child = Child()
    try:
        child.call("conformance.preflight.survey:require_installed", library, deadline=60)
        click.echo("encoding ...", err=True)
        forms = ["inline", "by name"] if form == "all" else [form.replace("-", " ")]
        made, versions = child.call(
            "conformance.preflight.payloads:build_payloads", forms, every, deadline=60
        )
        click.echo(f"asking the nodes of {address} ...", err=True)
        reports: list[dict[str, Any]] = child.call(
            "conformance.preflight.survey:survey", library, address, made, deadline=deadline
        )
    except ChildError as error:
        said = str(error)
        known = said.startswith(("SurveyError: ", "NoFrames: ", "ModuleNotFoundError: "))
        if not known and not isinstance(error, Hung):
            click.echo(error.stacks, err=True)
        output.exit_with_error(said.partition(": ")[2] if known else f"{address}: {said}")
    finally:
        child.close()
    driver = with_platform(versions)
    driver["datafusion"] = driver.pop("engine")
    if as_json:
        told = {
            "driver": driver,
            "nodes": [{**one, "good": node_reads_driver(one)} for one in reports],
        }
        told["advice"] = list(advice(driver, reports))
        output.print_json(told)
    else:
        from conformance.preflight.show import show

        show(driver, reports, output.console())
    sys.exit(ExitCode.OK if reports and all(map(node_reads_driver, reports)) else ExitCode.FAILED)
