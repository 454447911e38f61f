"""Golden bytes: the cases, the store and its check, and cloudpickle's class ids.

``tasks.goldens`` writes and updates the store.
"""
