"""The work of this repository: what nox runs, faults, fuzzing, goldens, benchmarks. Not in the wheel."""
