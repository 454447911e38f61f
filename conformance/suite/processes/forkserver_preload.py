"""What a process imports before it forks workers: it creates the subject once for all of them."""

import pyarrow.compute  # noqa: F401 - the UDFs use it

from conformance.subjects.current import subject
from conformance.suite.processes import failure_scenarios, round_trips  # noqa: F401

subject()
