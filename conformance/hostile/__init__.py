"""Hostile bytes: canaries, an unpickle guard, limits, mutations, corpus, seeds, targets."""
