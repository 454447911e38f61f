"""Expressions and queries of any size."""

from __future__ import annotations

import re
from collections.abc import Callable
from types import FunctionType
from typing import Any

from conformance.catalogue.nodes import Alias, Binary, Call, Col, Family, InList, Lit, Node, Udf
from conformance.catalogue.query import Query, Select
from conformance.catalogue.source import compile_udf
from conformance.subjects.interface import Expression, Function, Subject
from conformance.suite.helpers.same_name_udfs import call_of, function_of, query_of, times

NUMBER = b"number %09d"
"""The part of the ballast that differs from callable to callable."""

BALLAST = 1 << 14
"""Bytes of ballast in a callable, so that a few hundred of those kept show in the memory."""


def many_udfs(count: int) -> list[Udf]:
    """Return UDFs with different names and factors."""
    return [times("scalar", number, f"times_{number}") for number in range(count)]


def many_functions(subject: Subject, count: int) -> dict[Udf, Function]:
    """Return the subject's functions for ``many_udfs``, made from one compiled callable."""
    inner: Any = compile_udf(times("scalar", 2), subject.bases)
    return {
        udf: subject.function(udf, FunctionType(inner.__code__, inner.__globals__, "f"))
        for udf in many_udfs(count)
    }


def wide_expression(subject: Subject, count: int) -> Expression:
    """Return an expression that calls ``count`` UDFs, none nested in another."""
    functions = many_functions(subject, count)
    values = tuple(Call(udf, (Col("a"),)) for udf in functions)
    return subject.expr(InList(Col("a"), values), functions)


def wide_query(count: int) -> Query:
    """Return a query with ``count`` columns, each the call of another UDF."""
    udf, *_ = udfs = many_udfs(count)
    columns = tuple((udf.name, Call(udf, (Col("a"),))) for udf in udfs)
    return Query(**{**vars(query_of(udf)), "steps": (Select(columns),)})


def deep_expression(subject: Subject, kind: str, depth: int) -> Expression:
    """Return an expression with ``depth`` nodes of a ``kind``, each nested in the next."""
    udf = times("scalar", 2)
    node: Node = Call(udf, (Col("a"),))
    for number in range(depth):
        outer: dict[str, Node] = {
            "call": Call(udf, (node,)),
            "alias": Alias(node, f"alias_{number}"),
            "operand": Binary("+", Lit(number), node),
        }
        node = outer[kind]
    return subject.expr(node, {udf: function_of(subject, udf)})


def ballasted(subject: Subject, family: Family, size: int = BALLAST, number: int = 0) -> Expression:
    """Return a call of a UDF whose callable holds ``size`` bytes and a number."""
    udf = times(family, 2)
    inner: Any = compile_udf(udf, subject.bases)
    inner.ballast = NUMBER % number + b"x" * size
    return call_of(subject, udf, subject.function(udf, inner))


def renumber(data: bytes) -> Callable[[int], bytes]:
    """Return a function that returns the bytes of ``ballasted`` with another number.

    Each number makes another callable. cloudpickle identifies a class by 32 hexadecimal
    digits. They change, too: otherwise it would decode the class only once.
    """
    class_ids = set(re.findall(rb"[0-9a-f]{32}", data))

    def numbered(number: int) -> bytes:
        changed = data.replace(NUMBER % 0, NUMBER % number)
        for class_id in class_ids:
            changed = changed.replace(class_id, b"%032x" % number)
        return changed

    return numbered
