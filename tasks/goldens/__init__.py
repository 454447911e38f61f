"""Write goldens with released engines, update the store, compare."""
