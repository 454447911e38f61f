"""What a run says: outcomes, verdicts, tables."""
