"""Reports of runs: outcomes, verdicts, tables."""
