"""Child processes with deadlines, process trees, and scenarios that may hang or crash."""
