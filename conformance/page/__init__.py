"""The verdicts of a run as one page for a browser, in one file that needs nothing else."""
