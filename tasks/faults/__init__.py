"""Faults: subjects that break a promise each, which proves that the suite would notice."""

from tasks.faults.fault import Fault, FaultError, breaks, faults

__all__ = ["Fault", "FaultError", "breaks", "faults"]
