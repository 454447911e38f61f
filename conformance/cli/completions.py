"""Completions of arguments, for a shell."""

from __future__ import annotations

from collections.abc import Iterable

import click


def names(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Return the clauses and the known divergences that begin with ``incomplete``."""
    del context, parameter
    from conformance.spec import CLAUSES, DIVERGENCES

    return _beginning([*CLAUSES, *DIVERGENCES], incomplete)


def chapters(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Return the chapters that begin with ``incomplete``."""
    del context, parameter
    from conformance.spec import CHAPTERS

    return _beginning(CHAPTERS, incomplete)


def engines(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Return the released engines that begin with ``incomplete``."""
    del context, parameter
    from conformance.matrix import read

    return _beginning(read().engines, incomplete)


def capabilities(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Return the capabilities that begin with ``incomplete``."""
    del context, parameter
    return _beginning(known_capabilities(), incomplete)


def known_capabilities() -> dict[str, str]:
    """Return what clauses need of a subject or of its environment, by their spelling."""
    from conformance.spec import CLAUSES
    from conformance.subjects.codec import OPERATIONS, spelled

    needed = {clause.needs for clause in CLAUSES.values() if clause.needs}
    return {spelled(one): one for one in (*OPERATIONS, *sorted(needed.difference(OPERATIONS)))}


def schemas(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Return the names of JSON Schemas that begin with ``incomplete``."""
    del context, parameter
    from conformance.cli.schema import IN_PACKAGE, IN_STORE

    return _beginning([*IN_STORE, *IN_PACKAGE], incomplete)


def suite_options(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Return the chapters after ``--chapter``, which `run` hands to pytest."""
    before = context.params.get("pytest_options") or ()
    if before[-1:] == ("--chapter",):
        return chapters(context, parameter, incomplete)
    return []


def _beginning(known: Iterable[str], incomplete: str) -> list[str]:
    return [name for name in known if name.lower().startswith(incomplete.lower())]
