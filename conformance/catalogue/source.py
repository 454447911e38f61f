"""Compile the source text of a UDF under a fixed file name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from types import CodeType
from typing import Any

from conformance.catalogue.nodes import Udf

MODULE = "conformance_catalogue"
"""The ``__name__`` in the globals of the sources.

No module has this name, so cloudpickle pickles by value whatever the sources define.
"""


COMPILED: dict[str, Udf] = {}
"""The UDFs that this process compiled, by their fixed file names."""


def compile_udf(udf: Udf, bases: Mapping[str, type]) -> Callable[..., Any]:
    """Execute the source of ``udf`` and return a new callable.

    ``bases`` are the subject's base classes by the names that the sources use.
    The file name and the module name are fixed because cloudpickle writes both
    into the bytes.
    """
    namespace: dict[str, Any] = {"__name__": MODULE, **bases}
    COMPILED[_file(udf.id)] = udf
    exec(_code(udf.id, udf.source), namespace)
    function: Callable[..., Any] = namespace[udf.attribute]
    return function


@cache
def _code(id_: str, source: str) -> CodeType:
    return compile(source, _file(id_), "exec", dont_inherit=True)


def _file(id_: str) -> str:
    return f"<conformance {id_}>"
