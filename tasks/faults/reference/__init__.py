"""The reference with faults inside, a module a chapter."""
