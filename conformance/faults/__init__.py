"""Faults: subjects that break a promise each, which proves that the suite would notice."""

from conformance.faults.fault import Fault, FaultError, breaks, faults

__all__ = ["Fault", "FaultError", "breaks", "faults"]
