"""Drivers and their workers: what is sent, by which library, and what both sides saw of it.

A case starts no process itself. The trials in here run in drivers of their own
(``peers.trials``), all at once; what they saw comes back as plain data, and
each case holds one piece of it to its clause.
"""
