"""Faults of the released engine that can be made from outside, by chapter."""
