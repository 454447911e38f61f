"""Faults of ALIVE and CODE: classes that are reused, and payloads that nobody can decode."""

from __future__ import annotations

import sys
from functools import partial
from importlib import import_module
from types import ModuleType
from typing import Any

from conformance.subjects.reference import classes, codec
from tasks.faults.fault import breaks
from tasks.faults.reference.parts import Parts


@breaks("ALIVE-01", "ALIVE-02", "ALIVE-03")
class ReusesClasses(Parts):
    """Overwrite a class that is alive instead of making a new one."""

    class Codec(codec.Codec):
        def unpickle(self, payload: bytes) -> Any:
            return import_module("cloudpickle").loads(payload)


@breaks("ALIVE-01", "ALIVE-02")
class ReusesEnums(Parts):
    """Overwrite an enum that is alive instead of making a new one."""

    class Unpickler(classes.Unpickler):
        def find_class(self, module: str, name: str, /) -> Any:
            if name == "_make_skeleton_enum":
                return self.look_up(module, name)
            return super().find_class(module, name)


_MODULES: dict[str, ModuleType] = {}


def _module_of(name: str, content: dict[str, Any]) -> ModuleType:
    module = _MODULES.setdefault(name, ModuleType(name))
    vars(module).update(content)
    return module


@breaks("ALIVE-01")
class ReusesModules(Parts):
    """Change a module by value that is alive instead of making a new one."""

    class Unpickler(classes.Unpickler):
        def find_class(self, module: str, name: str, /) -> Any:
            return _module_of if name == "dynamic_subimport" else super().find_class(module, name)


@breaks("CODE-01", "CODE-02")
class SendsWhatNobodyCanDecode(Parts):
    """Send what the pickler writes, though nobody can decode it."""

    class Codec(codec.Codec):
        def dump(self, content: tuple[Any, ...]) -> bytes:
            data: bytes = import_module("cloudpickle").dumps(content)
            return data


@breaks("CODE-02")
class ClassesOfTheScriptAreTheReceivers(Parts):
    """Take a class of the sender's script for that of the receiver's script of this name."""

    class Unpickler(classes.Unpickler):
        def find_class(self, module: str, name: str, /) -> Any:
            make = super().find_class(module, name)
            return partial(_of_script, make) if name == "_make_skeleton_class" else make


def _of_script(make: Any, type_: Any, name: str, *arguments: Any) -> Any:
    known = getattr(sys.modules["__main__"], name, None)
    return known if isinstance(known, type) else make(type_, name, *arguments)
