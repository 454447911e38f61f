"""Module that the fork server preloads: it creates the subject once for all forked workers."""

from conformance.runner.child import subject

subject()
