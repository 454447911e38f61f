"""A second opinion on the suite: mutants of the engine's Python layer and of its bytes."""
