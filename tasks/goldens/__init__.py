"""Write goldens with released engines, regenerate the store, compare."""
