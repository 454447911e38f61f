"""Engines that refuse with other words, or too late."""

from __future__ import annotations

import io
import pickle
import re
import sys
from contextlib import suppress
from typing import Any

import cloudpickle

from conformance.faults.engine.wrapped import Faulty
from conformance.faults.fault import breaks


@breaks("STRICT-02", "STRICT-05")
class RefusalLostTheName(Faulty):
    def say(self, text: str) -> str:
        named = re.search(r" UDF '([^']*)'", text)
        return text.replace(f"'{named[1]}'", "'?'") if named else text


@breaks("STRICT-03")
class RefusalLostTheKind(Faulty):
    def say(self, text: str) -> str:
        return text.replace("aggregate UDF '", "UDF '")


@breaks("STRICT-06")
class RefusalLostTheReceiversRemedy(Faulty):
    def say(self, text: str) -> str:
        return text.replace("enable inlining on this receiver", "give up")


@breaks("STRICT-07", "STRICT-08")
class RunsBeforeItRefuses(Faulty):
    """Unpickles first, looks at the toggle afterwards."""

    def receive(self, frame: bytes) -> bytes:
        with suppress(pickle.UnpicklingError, EOFError, ValueError, KeyError, IndexError):
            cloudpickle.loads(frame[10:])
        return frame


@breaks("STRICT-07")
class LooksUpBeforeItRefuses(Faulty):
    """Asks for what the payload names, runs nothing of it, looks at the toggle afterwards."""

    def receive(self, frame: bytes) -> bytes:
        class Finder(pickle.Unpickler):
            def find_class(self, module: str, name: str) -> Any:
                sys.audit("pickle.find_class", module, name)
                raise pickle.UnpicklingError

        with suppress(pickle.UnpicklingError, EOFError, ValueError, KeyError, IndexError):
            Finder(io.BytesIO(frame[10:])).load()
        return frame
