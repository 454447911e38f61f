"""The adapter of this codec: everything that the suite asks of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import codec
from codec import Handle, Session
from datafusion import Expr, SessionContext
from frames import CodecError

from conformance.catalogue.nodes import Udf
from conformance.subjects.on_engine import CodecOnEngine


class PythonCodec(CodecOnEngine):
    """The codec of this folder."""

    name = "python-codec"

    def session(self) -> Session:
        return Session()

    def context(self, session: Session) -> SessionContext:
        return session.context

    def with_inlining(self, session: Session, enabled: bool) -> Session:
        return session.with_python_udf_inlining(enabled=enabled)

    def call_toggle(self, session: Session, *arguments: bool) -> Session:
        toggle: Any = session.with_python_udf_inlining
        derived: Session = toggle(*arguments)
        return derived

    def encode(self, expr: Expr, session: Session) -> bytes:
        return codec.to_bytes(expr, session)

    def decode(self, data: bytes, session: Session) -> Expr:
        return codec.from_bytes(data, session)

    def error_kind(self, error: BaseException) -> str:
        return "Execution" if isinstance(error, CodecError) else self.engine.error_kind(error)

    def function(self, udf: Udf, implementation: Callable[..., Any]) -> Any:
        return super().function(udf, Handle(implementation))
