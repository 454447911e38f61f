"""Create the subject of a run, and check that it is the required one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.util import find_spec
from typing import NoReturn

import pytest
from packaging.version import InvalidVersion, Version

from conformance.processes.child import ChildError
from conformance.runner.isolation import IsolatedRunner
from conformance.runner.options import collects_suite
from conformance.runner.selection import PACKAGES
from conformance.subjects import external
from conformance.util.exit_codes import ExitCode
from conformance.util.versions import mismatches, with_platform


@dataclass(frozen=True)
class Opened:
    """A subject that can be judged: its name, its versions, what it and its environment offer.

    ``engine`` is the version of a released engine. Another subject has none: it is judged by all
    clauses, whatever its version.
    """

    name: str
    is_engine: bool
    cell: Mapping[str, str]
    capabilities: frozenset[str]
    engine: Version | None


def open_subject(config: pytest.Config, spec: str, runner: IsolatedRunner) -> Opened:
    """Create the subject; end the run if it cannot be judged or is not the required one."""
    try:
        with ThreadPoolExecutor(1) as beside:
            opening = beside.submit(runner.open)
            wrong = _store_problems(config)
            info = opening.result()
        # A program of this name is another implementation.
        is_engine = info.name == "datafusion" and spec != external.SPEC
        released = (info.versions or {}).get("engine") if is_engine else None
        engine = Version(released) if released else None
    except ChildError as error:
        _exit(f"--subject {spec}: {error}\n{error.stacks}")
    except InvalidVersion as error:
        _exit(f"--subject {spec}: versions(): engine: {error}")
    if info.refusal:
        pytest.exit(info.refusal, info.code)
    if wrong:
        shown = "\n  ".join(wrong)
        pytest.exit(f"The golden store is damaged:\n  {shown}", ExitCode.DAMAGED_STORE)
    cell = with_platform(info.versions or {})
    capabilities = frozenset((*info.capabilities, *filter(find_spec, PACKAGES)))
    _check_cell(config, cell, capabilities)
    return Opened(info.name, is_engine, cell, capabilities, engine)


def _exit(message: str) -> NoReturn:
    pytest.exit(message.rstrip(), pytest.ExitCode.USAGE_ERROR)


def _store_problems(config: pytest.Config) -> Sequence[str]:
    """Return the first problems of the golden store, if a case of this run may read it."""
    if hasattr(config, "workerinput") or not collects_suite(config):
        return []
    from conformance.golden.check import first_problems

    return first_problems()


def _check_cell(
    config: pytest.Config, cell: Mapping[str, str], capabilities: frozenset[str]
) -> None:
    for capability in config.getoption("--needs"):
        if capability not in capabilities:
            message = f"The cell must have {capability}, which is missing."
            if config.getoption("--subject-command"):
                message = f"The program must offer {capability}, and does not."
            pytest.exit(message, ExitCode.WRONG_CELL)
    required = {}
    for pair in filter(None, config.getoption("--cell").split(",")):
        name, _, version = pair.partition("=")
        if not (name and version):
            _exit(f"--cell: expected NAME=VERSION, such as engine=55.0.0, found {pair!r}")
        required[name] = version
    for name, version, found in mismatches(required, cell):
        message = f"The cell requires {name} {version}; installed is {found}."
        pytest.exit(message, ExitCode.WRONG_CELL)
