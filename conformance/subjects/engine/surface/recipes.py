"""The names that the code of a way may use."""

from __future__ import annotations

import copy
import functools
import io
import pickle
import tempfile
import warnings
from collections.abc import Callable, Mapping
from contextlib import suppress
from importlib import import_module
from multiprocessing.reduction import ForkingPickler
from typing import Any

import datafusion
import pyarrow as pa
from datafusion import SessionContext, functions, ipc, user_defined
from datafusion import expr as expr_module
from datafusion.common import NullTreatment

from conformance.catalogue.nodes import Udf

_VALUES = "SELECT * FROM (VALUES (1), (2), (3)) AS t(a)"


def _public_names() -> dict[str, Any]:
    """Return the names that a user imports, as they are now."""
    names = {name: getattr(datafusion, name) for name in datafusion.__all__}
    names |= {name: getattr(expr_module, name) for name in ("Expr", "Window", "WindowFrame")}
    names |= {"E": expr_module, "functions": functions, "user_defined": user_defined}
    names |= {"NullTreatment": NullTreatment, "pa": pa, "int64": pa.int64(), "io": io}
    names |= {"copy": copy, "pickle": pickle, "cloudpickle": import_module("cloudpickle")}
    return names | {"functools": functools, "ForkingPickler": ForkingPickler}


def make_names(ctx: SessionContext, udf: Udf, function: Any, impl: Any) -> Mapping[str, Any]:
    """Return the names for the code of ways on ``ctx``; ``function`` is registered there."""
    values = ctx.sql(_VALUES)
    if not ctx.table_exist("t"):
        ctx.register_view("t", values)
    call = function(datafusion.col("a"))
    names = {"ctx": ctx, "f": function, "impl": impl, "call": call, "values": values}
    named = [call.alias("v")]
    q = values.aggregate([], named) if udf.family == "aggregate" else values.select(*named)
    names["plain"] = values.select(datafusion.col("a").alias("a"))  # columns without a table
    plans = {"q": q, "plan": q.logical_plan(), "optimized": q.optimized_logical_plan()}
    return {**_public_names(), **_TOOLS, **names, **plans, **_with_slots(ctx)}


def _with_slots(ctx: SessionContext) -> Mapping[str, Any]:
    def sent(work: Callable[[], Any], session: SessionContext = ctx) -> Any:
        ipc.set_sender_ctx(session)
        try:
            assert ipc.get_sender_ctx() is session
            return work()
        finally:
            ipc.clear_sender_ctx()

    def received(work: Callable[[], Any], session: SessionContext = ctx) -> Any:
        ipc.set_worker_ctx(session)
        try:
            assert ipc.get_worker_ctx() is session
            return work()
        finally:
            ipc.clear_worker_ctx()

    return {"sent": sent, "received": received}


def _subclass(class_: type) -> Any:
    """Return a subclass that a user could write, with a method ``mine`` of its own."""
    return type(f"My{class_.__name__}", (class_,), {"mine": lambda self: self})


def _empty(class_: type) -> Any:
    """Return a subclass whose objects are false, as a container is without content."""
    return type(f"Empty{class_.__name__}", (class_,), {"__len__": lambda _: 0})


def _same(class_: Any, ctx: SessionContext) -> SessionContext:
    """Return the session of ``ctx`` as an instance of the subclass ``class_``."""
    session: SessionContext = class_.__new__(class_)
    session.ctx = ctx.ctx
    return session


def _strict(ctx: SessionContext) -> SessionContext:
    return ctx.with_python_udf_inlining(enabled=False)


def _callable_object(impl: Callable[..., Any]) -> Any:
    """Return an object with ``__call__``, of a class that no module has."""

    def call(_self: Any, *arrays: Any) -> Any:
        return impl(*arrays)

    return type("Callable", (), {"__call__": call, "__module__": "__main__"})()


def _dump(class_: Any, thing: Any) -> bytes:
    stream = io.BytesIO()
    class_(stream, protocol=4).dump(thing)
    return stream.getvalue()


def _quietly(call: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
    """Call a deprecated function without its warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return call(*arguments, **named)


def _registered(function: Any) -> Any:
    """Register ``function`` on a new session, and look it up there."""
    other: Any = SessionContext()
    kind = {"ScalarUDF": "udf", "AggregateUDF": "udaf", "WindowUDF": "udwf"}
    method = kind[type(function).__name__]
    getattr(other, f"register_{method}")(function)
    return getattr(other, method)(function.name)


def _raw(frame: Any) -> Any:
    """Return the internal data frame of a public one, or of a method that returns it."""
    return getattr(frame, "df", frame)


def _viewed(ctx: SessionContext, frame: Any) -> SessionContext:
    ctx.deregister_table("viewed")
    ctx.register_view("viewed", frame)
    return ctx


def _tabled(ctx: SessionContext, frame: Any) -> SessionContext:
    ctx.deregister_table("tabled")
    ctx.register_table("tabled", frame.into_view())
    return ctx


def _changed(change: Callable[[SessionContext], Any]) -> SessionContext:
    """Return a new strict session that ``change`` has changed."""
    session = _strict(SessionContext())
    change(session)
    return session


def _reading(kind: str) -> SessionContext:
    """Return a new strict session that has read a file of a kind and registered it as a table."""

    def read(session: SessionContext) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = f"{folder}/file.{kind}"
            getattr(session.from_pydict({"a": [1]}), f"write_{kind}")(path)
            getattr(session, f"read_{kind}")(path)
            getattr(session, f"register_{kind}")("file", path)

    return _changed(read)


def _given_to_function(ctx: SessionContext) -> SessionContext:
    """Return the session that a table function gets in a query on ``ctx``."""
    given: list[SessionContext] = []

    def function(*, session: SessionContext) -> Any:
        given.append(session)
        # Slow to import, and of no use to other processes.
        return import_module("pyarrow.dataset").dataset(pa.table({"a": [1]}))

    ctx.register_udtf(user_defined.TableFunction("given", function, with_session=True))
    ctx.sql("SELECT * FROM given()").collect()
    return given[0]


def _given_to_provider(ctx: SessionContext) -> SessionContext:
    """Return the session that a table gets when it is registered on ``ctx``."""
    given: list[Any] = []

    class Provider:
        def __datafusion_table_provider__(self, session: Any) -> Any:
            given.append(session)
            raise NotImplementedError

    with suppress(NotImplementedError):
        ctx.register_table("given", Provider())
    session: SessionContext = SessionContext.__new__(SessionContext)
    session.ctx = given[0]
    return session


_TOOLS: Mapping[str, Any] = {
    "subclass": _subclass,
    "empty": _empty,
    "same": _same,
    "strict": _strict,
    "callable_object": _callable_object,
    "dump": _dump,
    "quietly": _quietly,
    "registered": _registered,
    "raw": _raw,
    "viewed": _viewed,
    "tabled": _tabled,
    "changed": _changed,
    "reading": _reading,
    "given_to_function": _given_to_function,
    "given_to_provider": _given_to_provider,
}
