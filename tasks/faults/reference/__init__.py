"""Faulty versions of the reference implementation, one or more modules for each chapter."""
