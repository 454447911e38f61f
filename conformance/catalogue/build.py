"""Short forms for the families: a UDF from indented source, an entry from columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from string import ascii_lowercase
from textwrap import dedent
from typing import Any

import pyarrow as pa

from conformance.catalogue.entry import Entry
from conformance.catalogue.nodes import Call, Col, Node, TypeOrField, Udf, Volatility

INT = pa.int64()
FLOAT = pa.float64()
TEXT = pa.string()
BOOL = pa.bool_()


def source(text: str) -> str:
    """Strip ``text`` of its indentation and its first line break."""
    return dedent(text).lstrip("\n")


def cols(names: Iterable[str]) -> tuple[Node, ...]:
    """Make columns of their names: ``cols("ab")``."""
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
    """Make an entry of a scalar UDF, called on the columns ``a``, ``b``, ... in their order."""
    names = ascii_lowercase[: len(inputs)]
    udf = Udf(
        id=id,
        family="scalar",
        name=id.split("/")[1].replace("-", "_") if name is None else name,
        source=source(text),
        inputs=tuple(inputs),
        returns=returns,
        volatility=volatility,
    )
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
    """Make an entry of an expression over partitions that are written row by row."""
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
