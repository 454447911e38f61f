"""The interface of an implementation under test.

An implementer writes a factory that returns a ``Subject``, and passes it with
``--subject my.module:factory``. Sessions, UDFs and expressions are objects of
the subject: the suite only passes them back to it. Expressions support
``pickle`` and ``copy``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    import pyarrow as pa

    from conformance.catalogue.nodes import Family, Node, Udf
    from conformance.subjects.chain import Chain
    from conformance.subjects.codec import Codec
    from conformance.subjects.ffi import FfiLibraries
    from conformance.subjects.plans import Plans
    from conformance.subjects.sql import SqlParser
    from conformance.subjects.surface import Surface

Session = Any
Function = Any
Expression = Any
Slot = Literal["sender", "worker"]

CAPABILITIES = ("plans", "chain", "sql", "surface", "ffi_libraries", "incompatible_libraries")
"""The optional capabilities of a subject. A case that needs one is not applicable without it."""

DECISIONS = "decisions"
"""The capability to accept or refuse bytes. All subjects in Python have it."""


class NoFrames(Exception):
    """Raised by a factory if the implementation has no frames, so that no case applies."""


class Subject(Protocol):
    """An implementation under test."""

    @property
    def name(self) -> str:
        """The name in reports, such as ``datafusion``."""

    @property
    def bases(self) -> Mapping[str, type]:
        """The base classes ``Accumulator`` and ``WindowEvaluator`` of the catalogue's UDFs."""

    @property
    def plans(self) -> Plans | None:
        """Logical and physical plans, ``None`` if the subject has no plans."""

    @property
    def chain(self) -> Chain | None:
        """Extension codecs, ``None`` if the subject has no codecs."""

    @property
    def sql(self) -> SqlParser | None:
        """SQL, ``None`` if the subject parses no SQL."""

    @property
    def surface(self) -> Surface | None:
        """Every public way to make and ship UDFs, ``None`` if the subject lists no such ways."""

    @property
    def ffi_libraries(self) -> FfiLibraries | None:
        """FFI libraries for this implementation, ``None`` if no such library is installed."""

    @property
    def wire_codec(self) -> Codec | None:
        """Operations on bytes that run no UDF, ``None`` if the subject offers none."""

    @property
    def incompatible_libraries(self) -> FfiLibraries | None:
        """FFI libraries for another version, ``None`` if no such library is installed.

        Importing a function from one may kill the process.
        """

    def versions(self) -> Mapping[str, str]:
        """Return the installed versions of ``engine``, ``cloudpickle`` and ``pyarrow``, if any."""

    # Sessions

    def session(self) -> Session:
        """Return a new session without registrations, with inlining as it is by default."""

    def global_session(self) -> Session:
        """Return the session that decodes without an argument and without a session in a slot."""

    def with_inlining(self, session: Session, enabled: bool) -> Session:
        """Return a session that shares everything with ``session`` except for the toggle."""

    def call_toggle(self, session: Session, *arguments: bool) -> Session:
        """Call the toggle itself with these positional arguments, valid or not."""

    def session_id(self, session: Session) -> str:
        """Return the id of the session."""

    def derivations(self, session: Session) -> Mapping[str, Callable[[], Session]]:
        """Return the public ways to derive a session from ``session``, except for the toggle."""

    def register(self, session: Session, function: Function) -> None:
        """Register a UDF under its name and family."""

    def get_function(self, session: Session, family: Family, name: str) -> Function:
        """Return the built-in or registered function of this family and name."""

    def deregister(self, session: Session, function: Function) -> None:
        """Remove the registration of a UDF."""

    # What sessions share

    def add_table(self, session: Session, name: str, batch: pa.RecordBatch) -> None:
        """Register a table."""

    def has_table(self, session: Session, name: str) -> bool:
        """Return whether a table of this name is registered."""

    def set_batch_size(self, session: Session, rows: int) -> None:
        """Set a configuration option: the number of rows in a batch."""

    def batch_size(self, session: Session) -> int:
        """Return the value of that option."""

    # Expressions

    def function(self, udf: Udf, implementation: Callable[..., Any]) -> Function:
        """Return the UDF that ``udf`` declares, with this callable or factory."""

    def function_name(self, function: Function) -> str:
        """Return the name of the UDF."""

    def expr(self, node: Node, functions: Mapping[Udf, Function]) -> Expression:
        """Return the expression that ``node`` describes."""

    def display(self, expr: Expression) -> str:
        """Return a text of the expression; equal expressions have equal texts."""

    # Bytes

    def to_bytes(self, expr: Expression, session: Session | None = None) -> bytes:
        """Encode the expression, without a session by the default codec."""

    def from_bytes(self, data: bytes, session: Session | None = None) -> Expression:
        """Decode the expression in ``data``, without a session by the rules of the slots."""

    # Slots

    def set_slot(self, slot: Slot, session: Session) -> None:
        """Put ``session`` into this thread's slot."""

    def get_slot(self, slot: Slot) -> Session | None:
        """Return the session in this thread's slot."""

    def clear_slot(self, slot: Slot) -> None:
        """Empty this thread's slot."""

    # Evaluation

    def evaluate(
        self,
        session: Session,
        expr: Expression,
        batches: Sequence[pa.RecordBatch],
        *,
        aggregate: bool = False,
        group_by: Sequence[str] = (),
    ) -> pa.Array:
        """Return the values of ``expr`` over ``batches``, each of which is one partition.

        The result has a value per row, in the order of the input. With
        ``aggregate`` it has a single value, and with ``group_by`` a struct
        (keys, then value) per group, sorted by key.
        """

    def metadata(
        self, session: Session, expr: Expression, batches: Sequence[pa.RecordBatch]
    ) -> Mapping[str, str]:
        """Return the field metadata of the result of ``expr`` over ``batches``."""

    # Errors

    def error_kind(self, error: BaseException) -> str:
        """Return the engine's class of an error, such as ``Execution`` or ``Plan``.

        The class of any other error is ``""``.
        """
