"""The work of this repository.

It has nox's sessions, faults, fuzzing, goldens, benchmarks. It is not in the wheel.
"""
