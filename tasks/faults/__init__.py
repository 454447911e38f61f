"""Subjects that break clauses on purpose, to prove that the suite notices."""

from tasks.faults.fault import Fault, FaultError, breaks, faults

__all__ = ["Fault", "FaultError", "breaks", "faults"]
