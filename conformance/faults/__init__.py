"""Faults: subjects that break a promise each, which proves that the suite would notice."""

from conformance.faults.fault import Fault, breaks, faults

__all__ = ["Fault", "breaks", "faults"]
