"""Modules that a process imports before it forks workers; the subject, created once for all."""

import pyarrow.compute  # noqa: F401 - the UDFs use it

from conformance.subjects.current import subject
from conformance.suite.processes import failure_scenarios, forks, round_trips  # noqa: F401

subject()
