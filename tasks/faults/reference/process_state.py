"""Faults of ALIVE: what decoding leaves behind in the process."""

from __future__ import annotations

import gc
import json
import linecache
import logging
import resource
import signal
import sys
from contextvars import ContextVar
from importlib import import_module
from types import ModuleType
from typing import Any

import pyarrow as pa

from conformance.subjects.reference import codec
from tasks.faults.fault import breaks
from tasks.faults.reference.parts import Parts


@breaks("ALIVE-04")
class SignalsStayBlockedOnErrors(Parts):
    """Block interrupts while a payload is unpickled, and leave them so where that fails."""

    class Codec(codec.Codec):
        def unpickle(self, payload: bytes) -> Any:
            before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
            found = super().unpickle(payload)
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
            return found


@breaks("ALIVE-04")
class TheCollectorStaysOffOnErrors(Parts):
    """Collect no garbage while a payload is unpickled, nor after that failed."""

    class Codec(codec.Codec):
        def unpickle(self, payload: bytes) -> Any:
            was_on = gc.isenabled()
            gc.disable()
            found = super().unpickle(payload)
            if was_on:
                gc.enable()
            return found


@breaks("ALIVE-04")
class LargePayloadsRaiseTheRecursionLimit(Parts):
    """Raise the recursion limit for a payload of 10 kB."""

    class Codec(codec.Codec):
        def unpickle(self, payload: bytes) -> Any:
            if len(payload) > 10_000:
                sys.setrecursionlimit(sys.getrecursionlimit() + 1_000)
            return super().unpickle(payload)


class _Changes(codec.Codec):
    """A codec that changes the process before it unpickles."""

    def unpickle(self, payload: bytes) -> Any:
        self.change()
        return super().unpickle(payload)

    def change(self) -> None:
        raise NotImplementedError


@breaks("ALIVE-04")
class LoggingIsTurnedOff(Parts):
    """Turn logging off."""

    class Codec(_Changes):
        def change(self) -> None:
            logging.disable(logging.INFO)


@breaks("ALIVE-04")
class LoggersGetALevel(Parts):
    """Set the level of a logger."""

    class Codec(_Changes):
        def change(self) -> None:
            logging.getLogger("reference").setLevel(logging.DEBUG)


@breaks("ALIVE-04")
class MemoryComesFromTheSystem(Parts):
    """Let pyarrow take memory from the system's allocator."""

    class Codec(_Changes):
        def change(self) -> None:
            pa.set_memory_pool(pa.system_memory_pool())


@breaks("ALIVE-04")
class OneFileLessMayBeOpen(Parts):
    """Lower the limit of open files by one."""

    class Codec(_Changes):
        def change(self) -> None:
            soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft - 1, hard))


@breaks("ALIVE-04")
class ModulesAreMade(Parts):
    """Leave a module that no import found."""

    class Codec(_Changes):
        def change(self) -> None:
            sys.modules["reference_payload"] = ModuleType("reference_payload")


@breaks("ALIVE-04")
class ModulesGoByValue(Parts):
    """Let cloudpickle pickle a module by value from now on."""

    class Codec(_Changes):
        def change(self) -> None:
            import_module("cloudpickle").register_pickle_by_value(json)


@breaks("ALIVE-04")
class SourcesOfCellsAreForgotten(Parts):
    """Forget the sources that a notebook keeps for tracebacks."""

    class Codec(_Changes):
        def change(self) -> None:
            linecache.clearcache()


_SESSION: ContextVar[str] = ContextVar("reference_session")


@breaks("ALIVE-04")
class ContextVariablesStaySet(Parts):
    """Leave a variable in the context of the program."""

    class Codec(_Changes):
        def change(self) -> None:
            _SESSION.set("a session")


@breaks("ALIVE-04")
class BytecodeIsWrittenOrNot(Parts):
    """Turn the writing of bytecode off if it is on, and on if it is off."""

    class Codec(_Changes):
        def change(self) -> None:
            sys.dont_write_bytecode = not sys.dont_write_bytecode
