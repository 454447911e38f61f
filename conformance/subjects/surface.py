"""The optional part of the interface for every public way to make, encode, decode or copy."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    from conformance.catalogue.nodes import Family, Udf
    from conformance.subjects.plans import Layer

Kind = Literal["function", "expression", "plan", "encode", "decode", "copy", "session"]
"""What a way makes: a UDF, an expression, a plan, bytes, something decoded, a copy, a session."""

Artifact = Literal["expression", "pickle", "logical", "physical"]
"""What an ``encode`` way writes and a ``decode`` way reads."""

Start = Any
"""A return value of ``Surface.start``."""


@dataclass(frozen=True, eq=False)
class Way:
    """One public way to get something that holds a Python UDF, or to ship it.

    ``make(start)`` makes it; ``make(start, data)`` decodes and ``make(start, expression)``
    copies. ``code`` is what a user would write; failures show it.

    ``calls`` is the number of calls of the UDF in an expression, 0 for one call or more. ``gives``
    is its result over the rows 1, 2, 3, or the values of a plan's first column in any order. It is
    ``None`` where a way has no result of its own, such as a built-in function for another type.
    ``aggregate`` says that an expression gives one value for all rows.

    The way of a ``function`` declares its UDF: ``name``, ``volatility`` and the fields of its
    schemas as lines of text, such as ``arg_0: int64 null``.
    """

    kind: Kind
    group: str
    code: str
    make: Callable[..., Any]
    family: Family = "scalar"
    calls: int = 1
    aggregate: bool = False
    gives: Sequence[Any] | None = None
    layer: Layer = "logical"
    artifact: Artifact = "expression"
    name: str = "times"
    volatility: str = "immutable"
    inputs: Sequence[str] = ("arg_0: int64 null",)
    returns: str = "int64 null"
    states: Sequence[str] = ("state_0: int64 null",)


class Surface(Protocol):
    """The public surface of an implementation."""

    def unknown(self) -> Sequence[str]:
        """Return the names of the public entry points that the subject has not classified."""

    def ways(self) -> Mapping[str, Way]:
        """Return the ways by a name, such as ``Expr.alias`` or ``SessionContext.udf``."""

    def start(self, session: Any, udf: Udf, implementation: Callable[..., Any]) -> Start:
        """Return what ``Way.make`` needs, on ``session``.

        It offers the UDF that ``udf`` and ``implementation`` declare, registered on the session,
        a call of it on column ``a``, and a table ``t`` with the rows 1, 2, 3 in column ``a``.
        """
