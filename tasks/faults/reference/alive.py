"""Faults of ALIVE and CODE: classes that are reused, and payloads that nobody can decode."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from conformance.subjects.reference import codec
from tasks.faults.fault import breaks
from tasks.faults.reference.parts import Parts


@breaks("ALIVE-01", "ALIVE-02", "ALIVE-03")
class ReusesClasses(Parts):
    """Overwrite a class that is alive instead of making a new one."""

    class Codec(codec.Codec):
        def unpickle(self, payload: bytes) -> Any:
            return import_module("cloudpickle").loads(payload)


@breaks("CODE-01", "CODE-02")
class SendsWhatNobodyCanDecode(Parts):
    """Send what the pickler writes, though nobody can decode it."""

    class Codec(codec.Codec):
        def dump(self, content: tuple[Any, ...]) -> bytes:
            data: bytes = import_module("cloudpickle").dumps(content)
            return data
