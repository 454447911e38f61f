"""Create a subject by its name, and check that it has every method of the interface."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterator, Mapping
from types import FunctionType
from typing import Any

from conformance.subjects import external
from conformance.subjects.chain import Chain
from conformance.subjects.ffi import FfiLibraries
from conformance.subjects.interface import CAPABILITIES, Subject
from conformance.subjects.plans import Plans
from conformance.subjects.sql import SqlParser
from conformance.subjects.surface import Surface

PARTS: Mapping[str, type] = {
    "plans": Plans,
    "chain": Chain,
    "sql": SqlParser,
    "surface": Surface,
    "ffi_libraries": FfiLibraries,
    "incompatible_libraries": FfiLibraries,
}
"""The interface of each capability."""


class MethodsMissing(Exception):
    """A subject lacks methods of the interface; the text lists them all."""


def load_subject(spec: str) -> Subject:
    """Return the subject that ``module:factory`` makes.

    Raises ``MethodsMissing``, and what the factory raises, such as ``NoFrames``.
    """
    module, _, factory = spec.partition(":")
    made: Subject = getattr(importlib.import_module(module), factory)()
    if spec != external.SPEC:  # a program has none of the methods, and its operations say so
        check_methods(made, spec)
    return made


def check_methods(subject: object, spec: str) -> None:
    """Raise ``MethodsMissing`` if the subject, or a capability that it has, lacks a method."""
    if lines := list(_missing(subject)):
        number = f"{len(lines)} method{'' if len(lines) == 1 else 's'}"
        base = next(_abstract_members(type(subject)), None)
        where = "conformance.subjects.interface" if base is None else base[2]
        raise MethodsMissing("\n  ".join([f"{spec} lacks {number} of {where}:", *lines]))


def members(interface: type) -> Mapping[str, FunctionType | property]:
    """Return the methods and attributes of an interface, without the optional capabilities."""
    return {
        name: member
        for name, member in vars(interface).items()
        if isinstance(member, (FunctionType, property))
        and not name.startswith("_")
        and name not in (*CAPABILITIES, "wire_codec")
    }


def _missing(subject: object) -> Iterator[str]:
    """Yield a line for each method that is missing: its name, and what it is for."""
    abstract = {name: member for name, member, _ in _abstract_members(type(subject))}
    for name, member in abstract.items():
        yield f"{name}: {_purpose(member)}"
    for name, member in members(Subject).items():
        if name not in abstract and not _has(subject, name, member):
            yield f"{name}: {_purpose(member)}"
    for capability, interface in PARTS.items():
        part = getattr(subject, capability, None)
        for name, member in members(interface).items() if part is not None else ():
            if not _has(part, name, member):
                need = f"needed unless {capability} is None"
                yield f"{capability}.{name} ({need}): {_purpose(member)}"


def _abstract_members(kind: type) -> Iterator[tuple[str, FunctionType | property, str]]:
    """Yield what a base class leaves to the subject, and the module of the base class."""
    for base in reversed(kind.__mro__):
        for name, member in vars(base).items():
            found = inspect.getattr_static(kind, name)
            if name not in _inherited(base) and getattr(found, "__isabstractmethod__", False):
                yield name, member, base.__module__


def _inherited(kind: type) -> set[str]:
    """Return the names of what a class has from its base classes."""
    return {name for base in kind.__mro__[1:] for name in vars(base)}


def _has(owner: object, name: str, member: FunctionType | property) -> bool:
    """Return whether the owner has the member itself: the interface's own stub does not count."""
    found: Any = getattr(owner, name, None)
    if isinstance(member, property):
        return found is not None
    return callable(found) and getattr(found, "__func__", found) is not member


def _purpose(member: FunctionType | property) -> str:
    """Return the first sentence of the member's docstring, on one line."""
    return " ".join((member.__doc__ or "").partition("\n\n")[0].split())
