"""The option ``--version``: the versions of what is installed."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import click

from conformance.util import packages

NOT_INSTALLED = "not installed"


def versions() -> Mapping[str, str]:
    """Return the versions of the suite, the engine and its libraries, Python and the goldens."""
    from importlib.metadata import PackageNotFoundError, version
    from platform import python_version

    from conformance import __version__
    from conformance.golden.store import digest

    found = {"dfpy-conformance": __version__}
    for name in packages.ENGINE:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = NOT_INSTALLED
    return {**found, "python": python_version(), "goldens": digest() or "cannot be read"}


def version_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--version``, and ``--json`` for it."""
    for option in (
        click.option(
            "--version",
            is_flag=True,
            expose_value=False,
            callback=_print,
            help="Print the versions of what is installed, and the digest of the goldens.",
        ),
        click.option(
            *("--json", "as_json"),
            is_flag=True,
            is_eager=True,
            expose_value=False,
            callback=_remember,
            help="With --version: print JSON, a version for each name.",
        ),
    ):
        command = option(command)
    return command


def _remember(context: click.Context, parameter: click.Parameter, value: bool) -> None:
    del parameter
    context.meta[__name__] = value


def _print(context: click.Context, parameter: click.Parameter, value: bool) -> None:
    del parameter
    if not value:
        if context.meta[__name__]:
            raise click.UsageError("--json: expected --version with it, or a command before it.")
        return
    found = versions()
    if context.meta[__name__]:
        click.echo(json.dumps(found, indent=2))
    else:
        for name, version in found.items():
            click.echo(f"{name} {version}")
    context.exit()
