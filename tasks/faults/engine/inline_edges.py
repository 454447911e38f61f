"""Faults in edge cases of expressions."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import cloudpickle
import pyarrow as pa
from datafusion import Expr, SessionContext

from conformance import wire
from conformance.catalogue.nodes import Udf
from conformance.subjects.engine import Engine
from conformance.subjects.reference.protobuf import Message, delimited, number
from tasks.faults.engine.patched_expr import (
    PatchedExpr,
    find_frames,
    mark_decoded,
    was_decoded,
)
from tasks.faults.fault import breaks


@breaks("INLINE-13")
class PicklesAreTakenForSomethingElse(Engine):
    """Decode a pickle as a column."""

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        write_pickle = wire.locate(data).container is wire.Container.PICKLE
        return Expr.column("a") if write_pickle else super().from_bytes(data, session)


@breaks("INLINE-06", "INLINE-16")
class OneUdfTwiceIsRefused(Engine):
    """Refuse an expression with the same frame twice."""

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        found = find_frames(data) if session is None else []
        if len(found) == 2 and found[0].data == found[1].data:
            raise RuntimeError('DataFusion error: Plan("one UDF is defined twice")')
        return super().from_bytes(data, session)


@breaks("INLINE-19", outcome="hang")
class TooDeepNeverEnds(PatchedExpr):
    """Hang for ten minutes when an expression is encoded."""

    def encode(self, expr: Expr, session: SessionContext | None) -> bytes:
        time.sleep(600)
        return super().encode(expr, session)


@breaks("INLINE-20")
class CapturedWhenItIsDeclared(Engine):
    """Copy what a callable captures when the UDF is declared."""

    def function(self, udf_: Udf, implementation: Any) -> Any:
        with suppress(TypeError):
            implementation = cloudpickle.loads(cloudpickle.dumps(implementation))
        return super().function(udf_, implementation)


class _Came(PatchedExpr):
    """An engine that marks the expressions that it decoded."""

    def decode(self, data: bytes, session: SessionContext | None) -> Expr:
        return mark_decoded(super().decode(data, session))


class _Literals(_Came):
    """An engine that returns decoded literals with the types in ``types``."""

    types: Mapping[pa.DataType, pa.DataType]

    def evaluate(self, session: SessionContext, expr: Expr, *rest: Any, **options: Any) -> pa.Array:
        values = super().evaluate(session, expr, *rest, **options)
        other = self.types.get(values.type) if was_decoded(expr) else None
        return values if other is None else values.cast(other)


@breaks("INLINE-23")
class LiteralsLoseTheirZone(_Literals):
    """Drop the time zone of decoded literals."""

    types = {pa.timestamp("us", "Europe/Vienna"): pa.timestamp("us")}


@breaks("INLINE-23")
class LiteralsShrink(_Literals):
    """Decode literals of wide types as narrower ones."""

    types = {pa.large_string(): pa.string(), pa.decimal256(60, 2): pa.decimal128(38, 2)}


@breaks("INLINE-23")
class NullsLoseTheirType(_Literals):
    """Decode null literals without their type."""

    def evaluate(self, session: SessionContext, expr: Expr, *rest: Any, **options: Any) -> pa.Array:
        values = Engine.evaluate(self, session, expr, *rest, **options)
        all_null = values.null_count == len(values)
        return pa.nulls(len(values)) if was_decoded(expr) and all_null else values


@breaks("INLINE-23")
class NulEndsATextLiteral(_Literals):
    """Cut decoded texts at a NUL."""

    def evaluate(self, session: SessionContext, expr: Expr, *rest: Any, **options: Any) -> pa.Array:
        values = Engine.evaluate(self, session, expr, *rest, **options)
        if not was_decoded(expr) or values.type != pa.string():
            return values
        return pa.array([one and one.partition("\0")[0] for one in values.to_pylist()])


@breaks("INLINE-23")
class NumbersAreFractions(_Literals):
    """Decode whole numbers as a reader does that has 53 bits for them."""

    def evaluate(self, session: SessionContext, expr: Expr, *rest: Any, **options: Any) -> pa.Array:
        values = Engine.evaluate(self, session, expr, *rest, **options)
        if not was_decoded(expr) or values.type != pa.int64() or values.null_count:
            return values
        return pa.array([min(int(float(one)), 2**63 - 1) for one in values.to_pylist()])


@breaks("INLINE-05")
class AliasesAreAscii(Engine):
    """Decode an alias with a question mark in the place of each letter beyond ASCII."""

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        expr = super().from_bytes(data, session)
        name = expr.schema_name().encode("ascii", "replace").decode()
        if expr.variant_name() != "Alias" or name == expr.schema_name():
            return expr
        return expr.rex_call_operands()[0].alias(name)


@breaks("INLINE-29")
class ColumnsAreNormalised(Engine):
    """Decode the names of columns in their composed form."""

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        decomposed = "e\u0301".encode()
        if decomposed in data and b"DFPYUDF" in data:
            # The length stays the same: a blank is in the place of the third byte.
            data = data.replace(decomposed, "\u00e9 ".encode())
        return super().from_bytes(data, session)


class _ChangesNodes(PatchedExpr):
    """An engine that changes the fields of what it writes where the outermost node is ``node``."""

    node: int

    def change(self, fields: dict[int, list[Any]]) -> None:
        raise NotImplementedError

    def encode(self, expr: Expr, session: SessionContext | None) -> bytes:
        data = super().encode(expr, session)
        outer = Message(data)
        if self.node not in outer.fields:
            return data
        fields = Message(outer.required(self.node)).fields
        self.change(fields)
        written = (
            delimited(field, value) if isinstance(value, bytes) else number(field, value)
            for field, values in fields.items()
            for value in values
        )
        return delimited(self.node, b"".join(written))


@breaks("INLINE-05")
class EscapesAreLost(_ChangesNodes):
    """Do not write the escape letter of LIKE."""

    node, escape = 31, 4

    def change(self, fields: dict[int, list[Any]]) -> None:
        fields.pop(self.escape, None)


@breaks("INLINE-05")
class DistinctBesideKeysIsLost(_ChangesNodes):
    """Forget the DISTINCT of an aggregate that has sort keys."""

    node, keys, distinct = 19, 4, 5

    def change(self, fields: dict[int, list[Any]]) -> None:
        if self.keys in fields:
            fields.pop(self.distinct, None)


@breaks("INLINE-05")
class PartitionKeysAreReversed(_ChangesNodes):
    """Write the partition keys of a window in reverse order."""

    node, keys = 18, 5

    def change(self, fields: dict[int, list[Any]]) -> None:
        fields.get(self.keys, []).reverse()
