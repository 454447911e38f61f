"""The reference as a subject: its parts, each of a class of its own that can be replaced."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import metadata
from typing import Any, ClassVar

import pyarrow as pa

from conformance.catalogue.nodes import Family, Node, Udf
from conformance.subjects.codec import Codec as WireCodec
from conformance.subjects.interface import Slot
from conformance.subjects.reference import display, expressions
from conformance.subjects.reference.bases import Accumulator, WindowEvaluator, install_stand_ins
from conformance.subjects.reference.build import Builder
from conformance.subjects.reference.chain import Chain
from conformance.subjects.reference.codec import Codec
from conformance.subjects.reference.decoder import Decoder
from conformance.subjects.reference.definitions import Definitions
from conformance.subjects.reference.encoder import Encoder
from conformance.subjects.reference.errors import ExecutionError, Refusal
from conformance.subjects.reference.evaluator import Evaluator
from conformance.subjects.reference.expressions import Expression, LazyExpression
from conformance.subjects.reference.functions import Builtin, Function, make_function
from conformance.subjects.reference.libraries import Libraries
from conformance.subjects.reference.registry import Registry
from conformance.subjects.reference.sessions import Session, Shared
from conformance.subjects.reference.slots import Slots
from conformance.subjects.reference.texts import Texts
from conformance.subjects.reference.tree import Tree


class Reference:
    """The format and its rules in plain Python.

    A subclass replaces parts by its class attributes. Expressions belong to
    the class of the subject that made them: pickles name it, and are restored
    by its newest instance.
    """

    name = "reference"
    bases: Mapping[str, type] = {"Accumulator": Accumulator, "WindowEvaluator": WindowEvaluator}
    plans = None
    surface = None
    ffi_libraries = None
    incompatible_libraries = None
    wire_codec: WireCodec | None = None

    texts_class: type[Texts] = Texts
    codec_class: type[Codec] = Codec
    sql = None
    chain_class: type[Chain] = Chain
    definitions_class: type[Definitions] = Definitions
    registry_class: type[Registry] = Registry
    session_class: type[Session] = Session
    slots_class: type[Slots] = Slots
    libraries_class: type[Libraries] = Libraries
    encoder_class: type[Encoder] = Encoder
    decoder_class: type[Decoder] = Decoder
    evaluator_class: type[Evaluator] = Evaluator
    expression_class: type[Expression] = Expression

    _newest: ClassVar[dict[type[Reference], Reference]] = {}

    def __init__(self) -> None:
        install_stand_ins()
        self.texts = self.texts_class()
        self.codec = self.codec_class(self)
        self.chain = self.chain_class(self)
        self.definitions = self.definitions_class(self)
        self.libraries = self.libraries_class()
        self.slots = self.slots_class(self)
        self.evaluator = self.evaluator_class()
        self.default = self.session()
        self._global = self.session()
        Reference._newest[type(self)] = self

    @classmethod
    def newest(cls) -> Reference:
        """Return the newest subject of this very class in this process."""
        return Reference._newest.get(cls) or cls()

    def versions(self) -> Mapping[str, str]:
        return {name: metadata.version(name) for name in ("cloudpickle", "pyarrow")}

    # Sessions

    def session(self) -> Session:
        return self.session_class(Shared(self.registry_class(self.texts)))

    def global_session(self) -> Session:
        return self._global

    def with_inlining(self, session: Session, enabled: bool) -> Session:
        return session.with_python_udf_inlining(enabled=enabled)

    def call_toggle(self, session: Session, *arguments: bool) -> Session:
        toggle: Any = session.with_python_udf_inlining
        derived: Session = toggle(*arguments)
        return derived

    def session_id(self, session: Session) -> str:
        return session.shared.id

    def derivations(self, session: Session) -> Mapping[str, Callable[[], Session]]:
        return self.chain.derivations(session)

    def register(self, session: Session, function: Function | Builtin) -> None:
        session.shared.registry.register(function)

    def get_function(self, session: Session, family: Family, name: str) -> Function | Builtin:
        return session.shared.registry.any(family, name)

    def deregister(self, session: Session, function: Function | Builtin) -> None:
        session.shared.registry.deregister(function)

    # What sessions share

    def add_table(self, session: Session, name: str, batch: pa.RecordBatch) -> None:
        session.shared.tables[name] = batch

    def has_table(self, session: Session, name: str) -> bool:
        return name in session.shared.tables

    def set_batch_size(self, session: Session, rows: int) -> None:
        session.shared.options["batch_size"] = rows

    def batch_size(self, session: Session) -> int:
        return session.shared.options["batch_size"]

    # Expressions

    def function(self, udf: Udf, implementation: Callable[..., Any]) -> Function:
        return make_function(udf, implementation)

    def function_name(self, function: Function) -> str:
        return function.name

    def expr(self, node: Node, functions: Mapping[Udf, Function | Builtin]) -> Expression:
        return self.expression_class(self, Builder(functions).build(node))

    def display(self, expr: Expression) -> str:
        return display.text(expr.tree)

    # Bytes

    def to_bytes(self, expr: Expression, session: Session | None = None) -> bytes:
        chosen = self.slots.for_encoding(session)
        with self.slots.activate("encoding", chosen):
            return self.encoder_class(self, chosen).node(expr.tree)

    def from_bytes(self, data: bytes, session: Session | None = None) -> Expression:
        if expressions.is_pickle(data):
            data = expressions.extract_bytes(data)
        chosen = self.slots.for_decoding(session)
        reading = "" if session else self.libraries.classify_read()
        if reading in ("task", "pooled task"):  # an error would be lost, and the task with it
            return LazyExpression(self, data, chosen, reading == "pooled task")
        return self.expression_class(self, self.decode_tree(data, chosen))

    def decode_tree(self, data: bytes, session: Session) -> Tree:
        """Return the tree in ``data``."""
        with self.slots.activate("decoding", session):
            try:
                return self.decoder_class(self, session).node(data)
            except RecursionError:
                raise ExecutionError("these bytes nest too deep") from None

    def to_pickle_bytes(self, expr: Expression) -> bytes:
        """Return what a pickle of an expression holds."""
        return self.to_bytes(expr)

    def from_pickle_bytes(self, data: bytes) -> Expression:
        """Return the expression in what a pickle holds."""
        return self.from_bytes(data)

    # Slots

    def set_slot(self, slot: Slot, session: Session) -> None:
        self.slots.set(slot, session)

    def get_slot(self, slot: Slot) -> Session | None:
        return self.slots.get(slot)

    def clear_slot(self, slot: Slot) -> None:
        self.slots.clear(slot)

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
        del session  # a tree has its functions in it
        if aggregate:
            return self.evaluator.aggregate(expr.tree, batches, group_by)
        return self.evaluator.rows(expr.tree, batches).array

    def metadata(
        self, session: Session, expr: Expression, batches: Sequence[pa.RecordBatch]
    ) -> Mapping[str, str]:
        del session
        return self.evaluator.rows(expr.tree, batches).metadata

    # Errors

    def error_kind(self, error: BaseException) -> str:
        return error.kind if isinstance(error, Refusal) else ""
