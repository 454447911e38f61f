"""The pytest plugin: options, cases in a child process, divergences, the report.

A case is a test function with the marker ``clause``. It runs in a child process, so that a
crash or a hang fails this case alone.
"""

from __future__ import annotations

import pytest

from conformance.runner import progress_hooks
from conformance.runner.collection import Collection
from conformance.runner.execution import Execution
from conformance.runner.isolation import CASE_TIMEOUT
from conformance.runner.judging import Judging
from conformance.runner.options import add_options, check_options
from conformance.runner.report_file import prepare
from conformance.runner.run import Run


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the suite's options."""
    add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Register the markers and start a run."""
    config.addinivalue_line("markers", "clause(id): the clause that the case shows")
    config.addinivalue_line("markers", "needs(capability): a capability that the subject must have")
    config.addinivalue_line("markers", "since(version): the first engine on which the case applies")
    config.addinivalue_line("markers", "not_applicable(reason): the case cannot run here")
    config.addinivalue_line("markers", "deadly: the case may kill its process; it runs last")
    config.addinivalue_line("markers", f"deadline(seconds): timeout (default: {CASE_TIMEOUT:g})")
    config.addinivalue_line("markers", "cpu_deadline(seconds): timeout in time of the processor")
    spec, known = check_options(config)
    prepare(config)
    progress_hooks.register(config)
    run = Run(config, spec, known)
    judging = Judging(run)
    hooks = {
        "collection": Collection(run),
        "execution": Execution(run, judging.judge),
        "judging": judging,
        "failures": judging.failures,
    }
    for name, part in hooks.items():
        config.pluginmanager.register(part, f"conformance-{name}")
    if not config.option.collectonly:
        run.runner.start()
        # Workers cannot end the run: do not start them for a subject that cannot be judged.
        if run.distributes:
            run.open()


@pytest.fixture(scope="session")
def subject() -> None:
    """Stand in for the subject, which the case gets in the child process."""
