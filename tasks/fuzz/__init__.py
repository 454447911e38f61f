"""Hostile bytes: goldens damaged with a sense of their structure, and readers held to them.

``seeds`` are the goldens, ``mutations`` damage them by the choices of their caller
(``choices``: hypothesis, a seeded generator, a coverage-guided one), ``targets`` decode them
under a guard that blocks unpickling, ``forks`` do so in processes that may die, ``run`` counts.
Findings have a ``signature``, are minimised by ``reduce`` and kept in the ``corpus``.
"""
