"""Hostile bytes: canaries, a guard against unpickling, limits, mutations, a corpus, seeds and targets."""
