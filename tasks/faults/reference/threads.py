"""Faults of THREAD: state that threads share by mistake."""

from __future__ import annotations

import time
from typing import Any

from conformance.subjects.reference import codec, registry
from conformance.subjects.reference.functions import Builtin, Function
from tasks.faults.fault import breaks
from tasks.faults.reference.parts import Parts

A_WHILE = 0.001
"""Seconds in which the other threads come in between."""


@breaks("THREAD-05", "THREAD-09", "THREAD-10", "THREAD-15", "THREAD-16")
class OneFunctionIsWritten(Parts):
    """Keep the function that is being encoded in one place for all threads."""

    class Codec(codec.Codec):
        def tuple_of(self, function: Function) -> tuple[Any, ...]:
            self.function = function
            time.sleep(A_WHILE)
            return super().tuple_of(self.function)


@breaks("THREAD-13")
class RegistersAfterItForgot(Parts):
    """Replace a registration by removing it, and adding the new one a moment later."""

    class Registry(registry.Registry):
        def register(self, function: Function | Builtin) -> None:
            self.deregister(function)
            time.sleep(A_WHILE)
            super().register(function)


@breaks("THREAD-14")
class ForgetsAfterItIsEmptied(Parts):
    """Replace a scalar UDF with the identity function for a moment before removing it."""

    class Registry(registry.Registry):
        def deregister(self, function: Function | Builtin) -> None:
            key = (function.family, function.name)
            if isinstance(function, Function) and function.family == "scalar":
                empty = dict(vars(function), implementation=lambda a: a)
                self.functions[key] = Function(**empty)
                time.sleep(A_WHILE)
            super().deregister(function)
