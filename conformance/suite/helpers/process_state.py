"""A snapshot of what a process has only one of, and decoding must not change."""

from __future__ import annotations

import builtins
import contextvars
import copyreg
import csv
import decimal
import faulthandler
import gc
import linecache
import locale
import logging
import multiprocessing
import multiprocessing.spawn
import os
import pickle
import random
import resource
import signal
import socket
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Mapping
from functools import partial
from importlib import import_module
from itertools import pairwise
from typing import Any

import pyarrow as pa

from conformance import wire
from conformance.catalogue.nodes import Family
from conformance.runner.assertions import assert_raises
from conformance.subjects import current
from conformance.suite.helpers.artifacts import Artifact, from_bytes, to_bytes
from conformance.suite.helpers.samples import strict_session
from conformance.wire import Frame

WORK = ("decode", "encode", "refuse", "fail")
SETTINGS = ("default", "changed")


_LIMITS = (
    resource.RLIMIT_AS,
    resource.RLIMIT_CORE,
    resource.RLIMIT_CPU,
    resource.RLIMIT_NOFILE,
    resource.RLIMIT_STACK,
)


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
        "the trace and profile functions of new threads": (
            threading.gettrace(),
            threading.getprofile(),
        ),
        "the hooks of coroutines": (
            sys.get_asyncgen_hooks(),
            sys.get_coroutine_origin_tracking_depth(),
        ),
        "the state of the garbage collector": (gc.isenabled(), gc.get_threshold(), gc.get_debug()),
        "the handlers of signals": [signal.getsignal(one) for one in signal.valid_signals()],
        "the blocked signals": sorted(signal.pthread_sigmask(signal.SIG_BLOCK, [])),
        "the wakeup descriptor of signals": _wakeup_descriptor(),
        "the pending alarm": signal.getitimer(signal.ITIMER_REAL),
        "the warning filters": [*warnings.filters],
        "the function that shows warnings": warnings.showwarning,
        "the modules that were not imported": _made_modules(),
        "whether bytecode is written": not sys.dont_write_bytecode,
        "how libraries are opened": sys.getdlopenflags(),
        "the sources of cells": sorted(
            name for name in linecache.cache if name.startswith("<cell")
        ),
        "the reducers in copyreg": dict(copyreg.dispatch_table),
        "the extensions in copyreg": dict(vars(copyreg)["_extension_registry"]),
        "the settings of cloudpickle": _settings_of_cloudpickle(),
        "the context variables": dict(contextvars.copy_context().items()),
        "the environment": dict(os.environ),
        "the working directory": os.getcwd(),
        "the file mode mask": _umask(),
        "the locale": locale.setlocale(locale.LC_ALL),
        "the time zone": time.tzname,
        "the random state": random.getstate(),
        "the decimal context": repr(decimal.getcontext()),
        "the largest number of digits": sys.get_int_max_str_digits(),
        "the start method of multiprocessing": multiprocessing.get_start_method(allow_none=True),
        "the interpreter of multiprocessing": multiprocessing.spawn.get_executable(),
        "the temporary directory": tempfile.gettempdir(),
        "the threads of pyarrow": (pa.cpu_count(), pa.io_thread_count()),
        "the stack size of new threads": threading.stack_size(),
        "the largest field of a CSV file": csv.field_size_limit(),
        "the open files": sorted(os.listdir("/dev/fd")) if os.path.isdir("/dev/fd") else [],
        "the socket timeout": socket.getdefaulttimeout(),
        "the root logger": (logging.root.level, [*logging.root.handlers], logging.root.disabled),
        "the levels of the loggers": {logger.name: logger.level for logger in _loggers()},
        "the level up to which logging is off": logging.root.manager.disable,
        "the class of new loggers": logging.getLoggerClass(),
        "the memory pool of pyarrow": pa.default_memory_pool().backend_name,
        "the limits of resources": [resource.getrlimit(one) for one in _LIMITS],
        "whether faulthandler is enabled": faulthandler.is_enabled(),
        "what was printed": _printed(),
        "the threads of Python": sorted(thread.name for thread in threading.enumerate()),
    }


def changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Return the names of what differs between two snapshots."""
    return [name for name in before if before[name] != after[name]]


def _loggers() -> list[logging.Logger]:
    """Return the loggers whose level was set."""
    known = logging.root.manager.loggerDict.values()
    return [one for one in known if isinstance(one, logging.Logger) and one.level]


def _settings_of_cloudpickle() -> tuple[Any, ...]:
    """Return the protocol and the modules that go by value, nothing without cloudpickle."""
    try:
        cloudpickle = import_module("cloudpickle")
    except ImportError:
        return ()
    protocol = cloudpickle.cloudpickle.DEFAULT_PROTOCOL
    return protocol, sorted(cloudpickle.list_registry_pickle_by_value())


def _made_modules() -> list[str]:
    """Return the names in ``sys.modules`` of what no import put there."""
    modules = [*sys.modules.items()]
    return sorted(name for name, one in modules if getattr(one, "__spec__", None) is None)


def _printed() -> list[int]:
    """Return the sizes of the files to which this process prints."""
    sys.stdout.flush()
    sys.stderr.flush()
    return [os.fstat(descriptor).st_size for descriptor in (1, 2)]


def _wakeup_descriptor() -> int:
    descriptor = signal.set_wakeup_fd(-1)
    signal.set_wakeup_fd(descriptor)
    return descriptor


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def changes_of_work(
    written: Mapping[tuple[Family, Artifact], bytes], large: Mapping[Family, bytes], settings: str
) -> dict[tuple[Family, Artifact, str], list[str]]:
    """Decode, encode, refuse and fail in this process; return what each changed.

    ``written`` are encoded calls by family and artifact; the keys of the result have the work
    as a third part. ``large`` are encoded expressions with callables of 100 kB. ``settings``
    says whether a program has changed those of Python before.
    """
    if settings == "changed":
        _change_settings()
    engine, found = current.subject(), {}
    session, strict = engine.session(), strict_session(engine)
    for (family, artifact), data in written.items():
        states = [process_state()]
        decoded = from_bytes(engine, artifact, data, session)
        for _ in range(2):  # decodes in odd number, in case that each flips a setting
            from_bytes(engine, "expression", large[family], session)
        states.append(process_state())
        for given in (session, strict):
            to_bytes(engine, artifact, decoded, given)
        states.append(process_state())
        decode = partial(from_bytes, engine, artifact)
        assert_raises(partial(decode, data, strict), "a strict session")
        states.append(process_state())
        for payload in (pickle.dumps("no tuple"), pickle.dumps("cut short")[:-1]):
            assert_raises(partial(decode, _with(payload, data), session), "a broken frame")
        states.append(process_state())
        for work, (before, after) in zip(WORK, pairwise(states), strict=True):
            found[family, artifact, work] = changed(before, after)
    return found


def _change_settings() -> None:
    """Change what a program may change, so that a restored default is noticed."""
    gc.disable()
    sys.setswitchinterval(0.004)
    sys.setrecursionlimit(sys.getrecursionlimit() + 9)
    warnings.simplefilter("always")
    threading.settrace(lambda *_: None)
    sys.setprofile(lambda *_: None)
    sys.excepthook = lambda *_: None
    csv.field_size_limit(1 << 20)
    linecache.cache["<cell 1>"] = (1, None, ["1"], "<cell 1>")
    decimal.getcontext().prec = 11
    socket.setdefaulttimeout(60)
    signal.signal(signal.SIGINT, lambda *_: None)
    os.set_blocking(writing := os.pipe()[1], False)
    signal.set_wakeup_fd(writing)
    sys.set_int_max_str_digits(5000)
    pa.set_cpu_count(3)
    os.umask(0o027)


def _with(payload: bytes, data: bytes) -> bytes:
    """Return ``data`` with another payload in each frame."""
    size = Frame.HEADER_SIZE
    return wire.replace(data, {one.path: one.data[:size] + payload for one in wire.find(data)})
