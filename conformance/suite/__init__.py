"""The cases: a module a chapter of the spec, a function a case.

A case takes ``subject`` and plain parameters, runs in a child process, and
names the clause that it shows. Its docstring says what must hold.
"""
