"""The released engine with faults that can be made from outside, a module a chapter."""
