"""A snapshot of what a process has only one of, and decoding must not change."""

from __future__ import annotations

import builtins
import copyreg
import decimal
import faulthandler
import gc
import locale
import logging
import os
import random
import signal
import socket
import sys
import threading
import time
import warnings
from collections.abc import Mapping
from functools import partial
from itertools import pairwise
from typing import Any

from conformance.runner.assertions import assert_raises
from conformance.subjects import current
from conformance.suite.helpers.codec import decode_by_route, encode_for_route
from conformance.suite.helpers.samples import strict_session

WORK = ("decode", "encode", "refuse")


def process_state() -> Mapping[str, Any]:
    """Return the state by name; two snapshots are equal if nothing changed."""
    return {
        "the names in __main__": sorted(vars(sys.modules["__main__"])),
        "the built-in names": sorted(vars(builtins)),
        "sys.path": [*sys.path],
        "sys.argv": [*sys.argv],
        "sys.meta_path": [*sys.meta_path],
        "sys.path_hooks": [*sys.path_hooks],
        "the recursion limit": sys.getrecursionlimit(),
        "the switch interval": sys.getswitchinterval(),
        "the hooks": (sys.excepthook, sys.displayhook, sys.unraisablehook, threading.excepthook),
        "the standard streams": (sys.stdin, sys.stdout, sys.stderr),
        "the trace and profile functions": (sys.gettrace(), sys.getprofile()),
        "the state of the garbage collector": (gc.isenabled(), gc.get_threshold(), gc.get_debug()),
        "the handlers of signals": [signal.getsignal(one) for one in signal.valid_signals()],
        "the pending alarm": signal.getitimer(signal.ITIMER_REAL),
        "the warning filters": [*warnings.filters],
        "the reducers in copyreg": dict(copyreg.dispatch_table),
        "the environment": dict(os.environ),
        "the working directory": os.getcwd(),
        "the file mode mask": _umask(),
        "the locale": locale.setlocale(locale.LC_ALL),
        "the time zone": time.tzname,
        "the random state": random.getstate(),
        "the decimal context": repr(decimal.getcontext()),
        "the socket timeout": socket.getdefaulttimeout(),
        "the root logger": (logging.root.level, [*logging.root.handlers], logging.root.disabled),
        "whether faulthandler is enabled": faulthandler.is_enabled(),
        "what was printed": _printed(),
        "the threads of Python": sorted(thread.name for thread in threading.enumerate()),
    }


def changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Return the names of what differs between two snapshots."""
    return [name for name in before if before[name] != after[name]]


def _printed() -> list[int]:
    """Return the sizes of the files to which this process prints."""
    sys.stdout.flush()
    sys.stderr.flush()
    return [os.fstat(descriptor).st_size for descriptor in (1, 2)]


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def changes_of_work(
    written: Mapping[tuple[str, str], bytes],
) -> dict[tuple[str, str, str], list[str]]:
    """Encode, decode and refuse in this process; return what each changed.

    ``written`` are encoded samples by family and route; the keys of the result have the work
    as a third part.
    """
    engine, found = current.subject(), {}
    session, strict = engine.session(), strict_session(engine)
    for (family, route), data in written.items():
        states = [process_state()]
        expr = decode_by_route(engine, route, data, session)
        states.append(process_state())
        encode_for_route(engine, route, expr)
        engine.to_bytes(expr, strict)
        states.append(process_state())
        assert_raises(partial(decode_by_route, engine, route, data, strict), "a strict session")
        states.append(process_state())
        for work, (before, after) in zip(WORK, pairwise(states), strict=True):
            found[family, route, work] = changed(before, after)
    return found
