"""Preflight: test whether each node of a running cluster reads what this driver sends."""
