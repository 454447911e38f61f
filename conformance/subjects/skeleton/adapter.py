"""The adapter of my-codec: everything that the suite asks of it."""

from __future__ import annotations

from abc import abstractmethod as to_do
from typing import Any

from datafusion import Expr, SessionContext

from conformance.subjects.on_engine import CodecOnEngine


class Codec(CodecOnEngine):
    """The adapter of my-codec.

    Write a method, then remove the line ``@to_do`` above it. A run lists the methods that are
    left, and begins when there are none.
    """

    name = "my-codec"

    @to_do
    def session(self) -> Any:
        """Return a new session without registrations, which inlines."""
        raise NotImplementedError

    @to_do
    def context(self, session: Any) -> SessionContext:
        """Return the engine's session behind a session: it registers UDFs and evaluates."""
        raise NotImplementedError

    @to_do
    def with_inlining(self, session: Any, enabled: bool) -> Any:
        """Return a session that shares everything with ``session`` except for the toggle."""
        raise NotImplementedError

    @to_do
    def call_toggle(self, session: Any, *arguments: bool) -> Any:
        """Call the toggle itself with these positional arguments, valid or not."""
        raise NotImplementedError

    @to_do
    def encode(self, expr: Expr, session: Any) -> bytes:
        """Encode an expression of the engine: inline, or by name if the session is strict."""
        raise NotImplementedError

    @to_do
    def decode(self, data: bytes, session: Any) -> Expr:
        """Decode ``data`` into an expression of the engine, or raise the codec's refusal."""
        raise NotImplementedError

    @to_do
    def error_kind(self, error: BaseException) -> str:
        """Return the class of an error, such as ``Execution``; ``self.engine`` knows its own."""
        raise NotImplementedError
