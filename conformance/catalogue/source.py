"""Compiles the source text of a UDF under a fixed file name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from types import CodeType
from typing import Any

from conformance.catalogue.nodes import Udf

MODULE = "conformance_catalogue"
"""The ``__name__`` the sources run under. It is no module, so that cloudpickle
takes what they define by value."""


def compile_udf(udf: Udf, bases: Mapping[str, type]) -> Callable[..., Any]:
    """Compile the callable of ``udf`` afresh.

    ``bases`` are the subject's base classes by the names the sources use. File
    name and module name are fixed because cloudpickle writes both into the bytes.
    """
    namespace: dict[str, Any] = {"__name__": MODULE, **bases}
    exec(_code(udf.id, udf.source), namespace)
    function: Callable[..., Any] = namespace[udf.attribute]
    return function


@cache
def _code(id_: str, source: str) -> CodeType:
    return compile(source, f"<conformance {id_}>", "exec", dont_inherit=True)
