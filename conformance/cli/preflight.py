"""The command ``preflight``."""

from __future__ import annotations

import sys
from typing import Any

import click

from conformance.cli import output

UNREADABLE = 1
"""Exit code where a node does not read what this driver sends."""


@click.command(
    short_help="Ask the nodes of a cluster what they read.",
    epilog="\b\nExamples:\n"
    "  python -m conformance preflight --ray 10.0.0.5:6379\n"
    "  python -m conformance preflight --dask tcp://10.0.0.5:8786 --json > fleet.json\n"
    "  python -m conformance preflight --dask local --form by-name",
)
@click.option(
    "--ray", metavar="ADDRESS", help="What ray.init takes: HOST:6379, auto, ray://HOST:10001."
)
@click.option("--dask", metavar="ADDRESS", help="The scheduler: tcp://HOST:8786.")
@click.option(
    "--form",
    type=click.Choice(["all", "inline", "by-name"]),
    default="all",
    show_default=True,
    help="How the job's driver will send; a fleet of several Pythons sends by name only.",
)
@click.option("--all", "every", is_flag=True, help="Ship every golden, seven megabytes to a node.")
@click.option("--json", "as_json", is_flag=True, help="Tell it as JSON.")
@click.option(
    "--deadline",
    type=click.FloatRange(min=1),
    default=180,
    show_default=True,
    metavar="SECONDS",
    help="For the survey, once all is encoded; a node has 60 of them.",
)
def preflight(
    ray: str | None, dask: str | None, form: str, every: bool, as_json: bool, deadline: float
) -> None:
    """Ask every node of a cluster whether it reads what this driver sends.

    ADDRESS may be "local": a cluster is started on this machine for the run.
    Each node gets expressions that this driver's engine encodes now, inline
    and by name, and the goldens of its Python: one for each family, and for
    each form that released engines and cloudpickles gave it. In a process of
    its own it decodes and evaluates them, on a session that inlines and on a
    strict one. Of this package, nodes need nothing; this machine needs the
    engine of the driver, and ray or distributed in the cluster's version.

    Exit code 1 where a node does not read what this driver sends; old bytes
    are told, and no failure. Exit code 2 where the cluster cannot be asked.
    """
    from conformance.preflight.report import advice, good
    from conformance.processes.child import Child, ChildError, Hung
    from conformance.util.versions import installed

    if bool(ray) == bool(dask):
        output.fail("say either --ray ADDRESS or --dask ADDRESS, not both; see preflight --help")
    library, address = ("ray", ray) if ray else ("dask", dask)
    child = Child()
    try:
        child.call("conformance.preflight.survey:must_have", library, deadline=60)
        click.echo("encoding ...", err=True)
        forms = ["inline", "by name"] if form == "all" else [form.replace("-", " ")]
        made, versions = child.call(
            "conformance.preflight.payloads:made", forms, every, deadline=60
        )
        click.echo(f"asking the nodes of {address} ...", err=True)
        reports: list[dict[str, Any]] = child.call(
            "conformance.preflight.survey:survey", library, address, made, deadline=deadline
        )
    except ChildError as error:
        said = str(error)
        known = said.startswith(("FleetError: ", "NoFrames: ", "ModuleNotFoundError: "))
        if not known and not isinstance(error, Hung):
            click.echo(error.stacks, err=True)
        output.fail(said.partition(": ")[2] if known else f"{address}: {said}")
    finally:
        child.close()
    driver = installed(versions)
    driver["datafusion"] = driver.pop("engine")
    if as_json:
        told = {"driver": driver, "nodes": [{**one, "good": good(one)} for one in reports]}
        told["advice"] = list(advice(driver, reports))
        output.as_json(told)
    else:
        from conformance.preflight.show import show

        show(driver, reports, output.console())
    sys.exit(0 if reports and all(map(good, reports)) else UNREADABLE)
