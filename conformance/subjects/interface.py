"""The interface of an implementation under test.

An implementer writes a factory that returns such an object and names it with
``--subject my.module:factory``. Sessions, UDFs and expressions are the
subject's own objects: the suite only hands them back. Expressions support
``pickle`` and ``copy``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    import pyarrow as pa

    from conformance.catalogue.nodes import Family, Node, Udf
    from conformance.subjects.chain import Chain
    from conformance.subjects.ffi import FfiLibraries
    from conformance.subjects.plans import Plans

Session = Any
Function = Any
Expression = Any
Slot = Literal["sender", "worker"]

CAPABILITIES = ("plans", "chain", "ffi_libraries", "incompatible_libraries")
"""The optional capabilities of a subject. A case that needs one is not applicable without it."""


class NoFrames(Exception):
    """A factory raises this where the implementation has no frames: there is nothing to judge."""


class Subject(Protocol):
    """An implementation under test."""

    name: str
    """What reports call it, such as ``datafusion``."""

    bases: Mapping[str, type]
    """``Accumulator`` and ``WindowEvaluator``: the base classes that sources extend."""

    @property
    def plans(self) -> Plans | None:
        """Logical and physical plans, ``None`` where there are none."""

    @property
    def chain(self) -> Chain | None:
        """Extension codecs, ``None`` where there are none."""

    @property
    def ffi_libraries(self) -> FfiLibraries | None:
        """Libraries of functions for this implementation, ``None`` where none is installed."""

    @property
    def incompatible_libraries(self) -> FfiLibraries | None:
        """Libraries built for another version, ``None`` where none is installed.

        To take a function from one may end the process.
        """

    def versions(self) -> Mapping[str, str]:
        """Installed versions: ``engine``, ``cloudpickle``, ``pyarrow``, as far as there are any."""

    # Sessions

    def session(self) -> Session:
        """Return a new session without registrations, with inlining as it is by default."""

    def global_session(self) -> Session:
        """Return the session that decodes where neither an argument nor a slot gives one."""

    def with_inlining(self, session: Session, enabled: bool) -> Session:
        """Return a session that shares everything with ``session`` but the toggle."""

    def call_toggle(self, session: Session, *arguments: bool) -> Session:
        """Return the toggle's own call with these positional arguments, right or wrong."""

    def session_id(self, session: Session) -> str:
        """Return the session's own id."""

    def derivations(self, session: Session) -> Mapping[str, Callable[[], Session]]:
        """Every public way but the toggle to derive a session from ``session``, by its name."""

    def register(self, session: Session, function: Function) -> None:
        """Register a UDF under its own name and kind."""

    def get_function(self, session: Session, family: Family, name: str) -> Function:
        """Return the function that the session has under this name and kind.

        It may be built in or registered.
        """

    def deregister(self, session: Session, function: Function) -> None:
        """Remove the registration of a UDF's name and kind."""

    # What sessions share

    def add_table(self, session: Session, name: str, batch: pa.RecordBatch) -> None:
        """Register a table."""

    def has_table(self, session: Session, name: str) -> bool:
        """Return whether there is a table of this name."""

    def set_batch_size(self, session: Session, rows: int) -> None:
        """Set a configuration option: the rows in a batch."""

    def batch_size(self, session: Session) -> int:
        """Return the value of that option."""

    # Expressions

    def function(self, udf: Udf, implementation: Callable[..., Any]) -> Function:
        """Return the UDF that ``udf`` declares, with this callable (or factory)."""

    def function_name(self, function: Function) -> str:
        """Return the name under which the UDF says that it is registered."""

    def expr(self, node: Node, functions: Mapping[Udf, Function]) -> Expression:
        """Return the expression that ``node`` describes."""

    def display(self, expr: Expression) -> str:
        """Return a text of the expression, equal for equal expressions."""

    # Bytes

    def to_bytes(self, expr: Expression, session: Session | None = None) -> bytes:
        """Return the expression as bytes; without a session, by the default codec."""

    def from_bytes(self, data: bytes, session: Session | None = None) -> Expression:
        """Return the expression in ``data``; without a session, by the slots' rules."""

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
        """Return the values of ``expr`` over ``batches``, one partition each.

        One value a row, in the order of the input; with ``aggregate`` one
        value in all; with ``group_by`` one struct (keys, then value) a group,
        in the order of the keys.
        """

    def metadata(
        self, session: Session, expr: Expression, batches: Sequence[pa.RecordBatch]
    ) -> Mapping[str, str]:
        """Return the metadata of the field that ``expr`` gives over ``batches``."""

    # Errors

    def error_kind(self, error: BaseException) -> str:
        """Return the engine's own class of an error, such as ``Execution`` or ``Plan``.

        For any other error it is ``""``.
        """
