"""Scenarios of drivers and their workers: the objects sent, the transports, the observations.

A case starts no process itself. The scenarios in here run all at once, each in a driver
process of its own (``conformance.processes.scenarios``). Their observations come back as
plain data, and each case checks one of them.
"""
