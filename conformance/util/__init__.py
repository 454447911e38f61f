"""Helpers of several packages: atomic writes, exit codes, file locks, versions."""
