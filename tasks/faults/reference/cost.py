"""Faults in the time that a registry and its sessions take."""

from __future__ import annotations

from conformance.catalogue.nodes import Family
from conformance.subjects.reference import Reference
from conformance.subjects.reference.functions import Builtin, Function
from conformance.subjects.reference.registry import Registry
from conformance.subjects.reference.sessions import Session
from tasks.faults.fault import breaks


class _CopiedRegistry(Registry):
    def any(self, family: Family, name: str) -> Function | Builtin:
        self.functions = dict(self.functions.items())
        return super().any(family, name)

    def python(self, family: Family, name: str) -> Function:
        self.functions = dict(self.functions.items())
        return super().python(family, name)


@breaks("COST-08")
class CopiesTheRegistryOnDecode(Reference):
    """Copy the registry of the session each time that a name is resolved."""

    registry_class = _CopiedRegistry


class _CopyingSession(Session):
    def with_python_udf_inlining(self, *, enabled: bool) -> Session:
        self.shared.registry.functions = dict(self.shared.registry.functions)
        return super().with_python_udf_inlining(enabled=enabled)


@breaks("COST-08")
class CopiesTheRegistryOnDerive(Reference):
    """Copy the registry of the session each time that a session is derived from it."""

    session_class = _CopyingSession
