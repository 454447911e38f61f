"""Run the suite in cells: options, environments, one cell, whole runs."""
