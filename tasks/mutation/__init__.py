"""Proof that the suite notices what is wrong, and nothing else: faults, and runs without one."""
