"""Helpers that build UDFs from indented source text and entries from columns or rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from string import ascii_lowercase
from textwrap import dedent
from typing import Any

import pyarrow as pa

from conformance.catalogue.entry import Entry
from conformance.catalogue.nodes import Call, Col, Family, Node, TypeOrField, Udf, Volatility

INT = pa.int64()
FLOAT = pa.float64()
TEXT = pa.string()
BOOL = pa.bool_()


def _udf(
    family: Family,
    id_: str,
    text: str,
    inputs: Sequence[TypeOrField],
    returns: TypeOrField,
    state: Sequence[TypeOrField],
    name: str | None,
    volatility: Volatility,
) -> Udf:
    return Udf(
        id=id_,
        family=family,
        name=id_.split("/")[1].replace("-", "_") if name is None else name,
        source=dedent(text).lstrip("\n"),
        inputs=tuple(inputs),
        returns=returns,
        state=tuple(state),
        volatility=volatility,
    )


def scalar_udf(
    id: str,  # noqa: A002
    text: str,
    inputs: Sequence[TypeOrField],
    returns: TypeOrField,
    *,
    name: str | None = None,
    volatility: Volatility = "immutable",
) -> Udf:
    """Make a scalar UDF from indented source; ``name`` defaults to the last part of the id."""
    return _udf("scalar", id, text, inputs, returns, (), name, volatility)


def aggregate_udf(
    id: str,  # noqa: A002
    text: str,
    inputs: Sequence[TypeOrField],
    returns: TypeOrField,
    state: Sequence[TypeOrField],
    *,
    name: str | None = None,
    volatility: Volatility = "immutable",
) -> Udf:
    """Make an aggregate UDF."""
    return _udf("aggregate", id, text, inputs, returns, state, name, volatility)


def window_udf(
    id: str,  # noqa: A002
    text: str,
    inputs: Sequence[TypeOrField],
    returns: TypeOrField,
    *,
    name: str | None = None,
    volatility: Volatility = "immutable",
) -> Udf:
    """Make a window UDF."""
    return _udf("window", id, text, inputs, returns, (), name, volatility)


def cols(names: Iterable[str]) -> tuple[Node, ...]:
    """Make one column per name: ``cols("ab")`` makes the columns ``a`` and ``b``."""
    return tuple(Col(name) for name in names)


def scalar_entry(
    id: str,  # noqa: A002
    note: str,
    text: str,
    inputs: Sequence[TypeOrField],
    returns: TypeOrField,
    columns: Sequence[list[Any]],
    result: list[Any],
    *,
    name: str | None = None,
    volatility: Volatility = "immutable",
) -> Entry:
    """Make an entry that calls a scalar UDF on the columns ``a``, ``b``, ... in this order."""
    names = ascii_lowercase[: len(inputs)]
    udf = scalar_udf(id, text, inputs, returns, name=name, volatility=volatility)
    types = [type_.type if isinstance(type_, pa.Field) else type_ for type_ in inputs]
    return Entry(
        id=id,
        note=note,
        expr=Call(udf, cols(names)),
        schema=pa.schema(list(zip(names, types, strict=True))),
        batches=(dict(zip(names, columns, strict=True)),),
        result=result,
        result_type=returns.type if isinstance(returns, pa.Field) else returns,
    )


_MAPPED = """
import pyarrow as pa
def f(a):
    return pa.array([None if x is None else {body} for x in a.to_pylist()], {type})
"""


def mapped_entry(
    id: str,  # noqa: A002
    note: str,
    body: str,
    inputs: TypeOrField,
    returns: str,
    column: list[Any],
    result: list[Any],
) -> Entry:
    """Make an entry with a scalar UDF that maps each value ``x`` to the expression ``body``.

    ``returns`` is the result type as source text, because the UDF's source contains it.
    """
    text = _MAPPED.format(body=body, type=returns)
    type_ = eval(returns, {"pa": pa})
    return scalar_entry(id, note, text, [inputs], type_, [column], result)


def table_entry(
    id: str,  # noqa: A002
    note: str,
    expr: Node,
    schema: Mapping[str, pa.DataType],
    rows: Sequence[Sequence[Sequence[Any]]],
    result: list[Any],
    *,
    group_by: tuple[str, ...] = (),
    result_type: pa.DataType | None = None,
) -> Entry:
    """Make an entry with an expression over ``rows``: partitions of rows of values."""
    columns = [
        {name: [row[index] for row in batch] for index, name in enumerate(schema)} for batch in rows
    ]
    return Entry(
        id=id,
        note=note,
        expr=expr,
        schema=pa.schema(list(schema.items())),
        batches=tuple(columns),
        result=result,
        group_by=group_by,
        result_type=result_type,
    )
