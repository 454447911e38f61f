"""The names of Python's own modules that bytes need, and which Pythons have them.

A receiver that is given by its versions is not asked. Where this Python has its minor version,
what is here is the answer; for any other one, the names that come and go are a condition.
"""

from __future__ import annotations

import builtins
import math
import operator
import sys

from conformance.inspection.refusals import imported_names
from conformance.inspection.udf import Values
from conformance.interop.loading import DEPENDING, KNOWN, has_module, is_python
from conformance.wire.imports import name_in_python_3

_COME_OR_GO = frozenset(
    (
        *("builtins.BaseExceptionGroup", "builtins.ExceptionGroup", "builtins.frozendict"),
        *("dataclasses._AutoDocstring", "dataclasses._InitVarMeta", "dataclasses._KW_ONLY_TYPE"),
        *("dataclasses._MISSING_TYPE", "enum.member", "enum.nonmember"),
        *("builtins.ImportCycleError", "builtins.PythonFinalizationError"),
        *("builtins._IncompleteInputError", "builtins.__lazy_import__", "builtins.sentinel"),
        *("_operator.call", "_operator.is_none", "_operator.is_not_none"),
        *("operator.call", "operator.is_none", "operator.is_not_none", "operator.__call__"),
        *("math.cbrt", "math.exp2", "math.fma", "math.fmax", "math.fmin", "math.integer"),
        *("math.isnormal", "math.issubnormal", "math.signbit", "math.sumprod"),
    )
)
"""Those names of ``KNOWN`` and of ``_WHOLE`` that Python 3.10 or one up to 3.15 lacks."""

_WHOLE = {"builtins": builtins, "operator": operator, "_operator": operator, "math": math}
"""Modules of which every name is in all Pythons from 3.10 to 3.15, but for ``_COME_OR_GO``."""

_MODULES_COME_OR_GO = frozenset(
    (
        *("aifc", "annotationlib", "asynchat", "asyncore", "audioop", "binhex", "cgi", "cgitb"),
        *("chunk", "compression", "crypt", "distutils", "imghdr", "imp", "lib2to3", "mailcap"),
        *("msilib", "nis", "nntplib", "ossaudiodev", "pipes", "profiling", "smtpd", "sndhdr"),
        *("spwd", "sre_compile", "sre_constants", "sre_parse", "sunau", "telnetlib", "tomllib"),
        *("uu", "xdrlib"),
        # Other systems and other builds lack these.
        *("curses", "dbm", "fcntl", "grp", "idlelib", "msvcrt", "nt", "posix", "pty", "pwd"),
        *("readline", "resource", "syslog", "termios", "test", "tkinter", "tty", "turtle"),
        *("turtledemo", "winreg", "winsound"),
    )
)
"""Python's own modules that one from 3.10 to 3.15 lacks, on one system or another."""


def uncertain_names(values: Values) -> list[str]:
    """Return the modules and names that unpickling needs of Python, and that come and go."""
    needed = dict.fromkeys(imported_names(values))
    return [one for one in needed if is_python(one) and not is_everywhere(one)]


def other_systems(missing: list[str]) -> list[str]:
    """Return those of the missing modules that Python has on other systems, or in other builds."""
    return [
        name
        for name in missing
        if (top := name.partition(".")[0]) in sys.stdlib_module_names and has_module(top) is False
    ]


def is_everywhere(dotted: str) -> bool:
    """Return whether every Python from 3.10 to 3.15 has a name or a module, as far as is known."""
    module, _, name = dotted.rpartition(".")
    if not module:
        return not dotted.startswith("_") and dotted not in _MODULES_COME_OR_GO
    module, name = name_in_python_3(module, name)
    dotted = f"{module}.{name}"
    if dotted in _COME_OR_GO or module == "pathlib._local":
        return False
    if dotted in KNOWN or dotted in DEPENDING:
        return True
    return module in _WHOLE and name in vars(_WHOLE[module])
