"""The base class for a codec in Python that is built on the engine.

Such a codec writes and reads the frames itself, and the engine does the rest: it
builds expressions, registers UDFs and evaluates.
"""

from __future__ import annotations

import codecs
import io
import pickle
import threading
from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any

import pyarrow as pa
from datafusion import Expr, SessionContext

from conformance.catalogue.nodes import Family, Node, Udf
from conformance.subjects import current
from conformance.subjects.chain import Chain
from conformance.subjects.codec import Codec
from conformance.subjects.engine import Engine
from conformance.subjects.ffi import FfiLibraries
from conformance.subjects.interface import Session, Slot
from conformance.subjects.plans import Plans
from conformance.subjects.sql import SqlParser
from conformance.subjects.surface import Surface

_MISSING = "a method that the subject must have: a run lists it, and does not begin"


class CodecOnEngine:
    """A codec on top of the installed ``datafusion``: its methods are those without a default.

    Sessions may be of a class of the codec's own. ``pickle`` and ``copy`` of expressions, the
    slots and the session that decodes without any other go through ``encode`` and ``decode``.
    The codec has no plans, extension codecs, SQL, list of public ways or FFI libraries unless a
    subclass sets them.
    """

    bases: Mapping[str, type] = Engine.bases
    plans: Plans | None = None
    chain: Chain | None = None
    sql: SqlParser | None = None
    surface: Surface | None = None
    ffi_libraries: FfiLibraries | None = None
    incompatible_libraries: FfiLibraries | None = None
    wire_codec: Codec | None = None

    def __init__(self) -> None:
        self.engine = Engine()
        self._slots = threading.local()

    # What a codec must have

    @property
    @abstractmethod
    def name(self) -> str:
        """The name in reports, such as ``my-codec``."""
        raise NotImplementedError(_MISSING)

    @abstractmethod
    def session(self) -> Session:
        """Return a new session without registrations, which inlines."""
        raise NotImplementedError(_MISSING)

    @abstractmethod
    def context(self, session: Session) -> SessionContext:
        """Return the engine's session behind a session: it registers UDFs and evaluates."""
        raise NotImplementedError(_MISSING)

    @abstractmethod
    def with_inlining(self, session: Session, enabled: bool) -> Session:
        """Return a session that shares everything with ``session`` except for the toggle."""
        raise NotImplementedError(_MISSING)

    @abstractmethod
    def call_toggle(self, session: Session, *arguments: bool) -> Session:
        """Call the toggle itself with these positional arguments, valid or not."""
        raise NotImplementedError(_MISSING)

    @abstractmethod
    def encode(self, expr: Expr, session: Session) -> bytes:
        """Encode an expression of the engine: inline, or by name if the session is strict."""
        raise NotImplementedError(_MISSING)

    @abstractmethod
    def decode(self, data: bytes, session: Session) -> Expr:
        """Decode ``data`` into an expression of the engine, or raise the codec's refusal."""
        raise NotImplementedError(_MISSING)

    @abstractmethod
    def error_kind(self, error: BaseException) -> str:
        """Return the class of an error, such as ``Execution``; ``self.engine`` knows its own."""
        raise NotImplementedError(_MISSING)

    def versions(self) -> Mapping[str, str]:
        return self.engine.versions()

    # Sessions

    def global_session(self) -> Session:
        """Return the one session that decodes where no other is given."""
        return self._global_session

    @cached_property
    def _global_session(self) -> Session:
        return self.session()

    def session_id(self, session: Session) -> str:
        return self.engine.session_id(self.context(session))

    def derivations(self, session: Session) -> Mapping[str, Callable[[], Session]]:
        """Return no ways: the codec's sessions derive from others by the toggle alone."""
        del session
        return {}

    def register(self, session: Session, function: Any) -> None:
        self.engine.register(self.context(session), function)

    def get_function(self, session: Session, family: Family, name: str) -> Any:
        return self.engine.get_function(self.context(session), family, name)

    def deregister(self, session: Session, function: Any) -> None:
        self.engine.deregister(self.context(session), function)

    def add_table(self, session: Session, name: str, batch: pa.RecordBatch) -> None:
        self.engine.add_table(self.context(session), name, batch)

    def has_table(self, session: Session, name: str) -> bool:
        return self.engine.has_table(self.context(session), name)

    def set_batch_size(self, session: Session, rows: int) -> None:
        self.engine.set_batch_size(self.context(session), rows)

    def batch_size(self, session: Session) -> int:
        return self.engine.batch_size(self.context(session))

    # Expressions

    def function(self, udf: Udf, implementation: Callable[..., Any]) -> Any:
        return self.engine.function(udf, implementation)

    def function_name(self, function: Any) -> str:
        return self.engine.function_name(function)

    def expr(self, node: Node, functions_: Mapping[Udf, Any]) -> Any:
        return Expression(self.engine.expr(node, functions_))

    def display(self, expr: Any) -> str:
        return self.engine.display(expr.inner)

    def evaluate(
        self,
        session: Session,
        expr: Any,
        batches: Sequence[pa.RecordBatch],
        *,
        aggregate: bool = False,
        group_by: Sequence[str] = (),
    ) -> pa.Array:
        return self.engine.evaluate(
            self.context(session), expr.inner, batches, aggregate=aggregate, group_by=group_by
        )

    def metadata(
        self, session: Session, expr: Any, batches: Sequence[pa.RecordBatch]
    ) -> Mapping[str, str]:
        return self.engine.metadata(self.context(session), expr.inner, batches)

    # Bytes

    def to_bytes(self, expr: Any, session: Session | None = None) -> bytes:
        chosen = session or self._active("encoding") or self.get_slot("sender") or self.session()
        with self._activate("encoding", chosen):
            return self.encode(expr.inner, chosen)

    def from_bytes(self, data: bytes, session: Session | None = None) -> Any:
        chosen = session or self._active("decoding") or self.get_slot("worker")
        chosen = chosen or self.global_session()
        with self._activate("decoding", chosen):
            return Expression(self.decode(_without_pickle(data), chosen))

    def _active(self, work: str) -> Session | None:
        """Return the session whose call this one runs in: it governs expressions in closures."""
        return getattr(self._slots, work, None)

    @contextmanager
    def _activate(self, work: str, session: Session) -> Iterator[None]:
        outer = self._active(work)
        setattr(self._slots, work, session)
        try:
            yield
        finally:
            setattr(self._slots, work, outer)

    # Slots

    def set_slot(self, slot: Slot, session: Session) -> None:
        setattr(self._slots, slot, session)

    def get_slot(self, slot: Slot) -> Session | None:
        return getattr(self._slots, slot, None)

    def clear_slot(self, slot: Slot) -> None:
        setattr(self._slots, slot, None)


class Expression:
    """An expression of the engine that ``pickle`` and ``copy`` send through the codec."""

    def __init__(self, inner: Expr) -> None:
        self.inner = inner

    def __reduce__(self) -> Any:
        """Return what restores the expression: this process's subject, and the codec's bytes."""
        return restore, (current.subject().to_bytes(self),)

    def __repr__(self) -> str:
        return f"<{self.inner}>"


def restore(data: bytes) -> Any:
    """Return the expression in a pickle, decoded by the subject of this process."""
    return current.subject().from_bytes(data)


def _without_pickle(data: bytes) -> bytes:
    """Return the codec's bytes in the pickle of an expression; other bytes are returned as is."""
    if data[:1] not in (b"\x80", b"c"):  # no expression begins like that
        return data
    try:
        found = _Content(io.BytesIO(data)).load()
    except Exception:  # noqa: BLE001 - an unpickler raises anything; the codec refuses the bytes
        return data
    return found if isinstance(found, bytes) else data


class _Content(pickle.Unpickler):
    """An unpickler that calls nothing but the constructor of bytes."""

    def find_class(self, module: str, name: str, /) -> Any:
        """Return ``bytes`` in place of ``restore``, so that the pickle holds its argument."""
        known: dict[tuple[str, str], Any] = {
            (restore.__module__, restore.__name__): bytes,
            ("_codecs", "encode"): codecs.encode,
        }
        if (module, name) not in known:
            raise pickle.UnpicklingError(f"{module}.{name} restores no expression")
        return known[module, name]
