"""The conditions under which a change on the wire happens."""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from conformance import wire
from conformance.wire import Family, Found
from tasks.mutants.wire_changes import Select

KIB = 1024


@dataclass
class State:
    """The memory of one site: its calls, the values seen, failed calls."""

    pid: int = field(default_factory=os.getpid)
    calls: int = 0
    failed: bool = False
    times: Counter[Any] = field(default_factory=Counter)
    kept: list[Any] = field(default_factory=list)


@dataclass(frozen=True)
class Call:
    """One call of a site: its bytes, what identifies the value, the session given."""

    data: bytes
    key: Any
    session: Any
    state: State

    @property
    def time(self) -> int:
        """How many times the site has been called with this value, with this call."""
        return self.state.times[self.key]

    def frames(self) -> int:
        """Return the number of frames."""
        return len(wire.find(self.data))


Condition = Callable[[Call], bool]

CONDITIONS: Mapping[str, Condition] = {
    "always": lambda _: True,
    "from-second-time": lambda call: call.time >= 2,
    "second-time": lambda call: call.time == 2,
    "from-17th-time": lambda call: call.time >= 17,
    "every-17th-call": lambda call: call.state.calls % 17 == 0,
    "from-4-kib": lambda call: len(call.data) >= 4 * KIB,
    "from-64-kib": lambda call: len(call.data) >= 64 * KIB,
    "from-1-mib": lambda call: len(call.data) >= KIB * KIB,
    "off-main-thread": lambda _: threading.current_thread() is not threading.main_thread(),
    "in-child-process": lambda call: os.getpid() != call.state.pid,
    "several-frames": lambda call: call.frames() > 1,
    "from-5-frames": lambda call: call.frames() >= 5,
    "from-17-frames": lambda call: call.frames() >= 17,
    "with-session": lambda call: call.session is not None,
    "without-session": lambda call: call.session is None,
    "after-an-error": lambda call: call.state.failed,
}

FAMILIES: Mapping[str, Family] = {f"only-{one.name.lower()}": one for one in Family}
"""The conditions that choose frames."""


def all_frames(_: Found) -> bool:
    """Select every frame."""
    return True


def of_family(family: Family) -> Select:
    """Select the frames of one family."""
    return lambda found: found.data.startswith(family.value)
