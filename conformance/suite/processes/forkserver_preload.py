"""Imported by a fork server, which so opens the subject once for all the workers it forks."""

from conformance.runner.child import subject

subject()
