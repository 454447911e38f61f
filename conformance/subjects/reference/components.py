"""The parts of the reference, as they see each other.

A part knows its subject as ``Components`` and another part by that part's
protocol, so that no two modules import each other and any part can be replaced.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import pyarrow as pa

from conformance.catalogue.nodes import Family
from conformance.subjects.reference.columns import Rows, Values
from conformance.subjects.reference.functions import Builtin, Function
from conformance.subjects.reference.libraries import Libraries
from conformance.subjects.reference.sessions import Session
from conformance.subjects.reference.texts import Texts
from conformance.subjects.reference.tree import Tree


class FrameCodec(Protocol):
    """Writes and reads frames: ``codec.Codec``."""

    def write(self, function: Function, session: Session) -> bytes | None:
        """Return the frame of a UDF, ``None`` if the session does not inline."""

    def owns(self, family: Family, data: bytes) -> bool:
        """Return whether ``data`` is a frame of this family."""

    def read(self, family: Family, name: str, data: bytes, session: Session) -> Function:
        """Return the UDF in a frame."""


class ChainCodec(Protocol):
    """Writes and reads envelopes: ``chain.Chain``."""

    def write(self, function: Function, session: Session) -> bytes | None:
        """Return the envelope of a UDF, ``None`` if no codec writes one."""

    def owns(self, data: bytes) -> bool:
        """Return whether ``data`` is an envelope."""

    def read(self, family: Family, name: str, data: bytes, session: Session) -> Function:
        """Return the UDF in an envelope."""


class DefinitionCodec(Protocol):
    """Writes and reads the definitions of called functions: ``definitions.Definitions``."""

    def write(self, function: Function | Builtin, session: Session) -> bytes | None:
        """Return the definition of a function, ``None`` if it is sent by name."""

    def mark(self, function: Function | Builtin) -> int:
        """Return the mark of a call."""

    def read(
        self, family: Family, name: str, data: bytes | None, mark: int, session: Session
    ) -> Function | Builtin:
        """Return the function that a call names or defines."""

    def inline(self, family: Family, name: str, data: bytes, session: Session) -> Function | None:
        """Return the UDF in a definition, ``None`` if no codec knows it."""


class TreeEvaluator(Protocol):
    """Evaluates trees over rows: ``evaluator.Evaluator``."""

    def values(self, tree: Tree, rows: Rows) -> Values:
        """Return the values of ``tree`` for these rows."""

    def arguments(self, function: Function, args: Sequence[Values]) -> list[pa.Array]:
        """Return the arrays with which a UDF is called."""


class Components(Protocol):
    """The parts of one subject, and its sessions: ``subject.Reference``."""

    @property
    def texts(self) -> Texts:
        """The messages of errors."""

    @property
    def libraries(self) -> Libraries:
        """The libraries that pickle in threads of their own."""

    @property
    def codec(self) -> FrameCodec:
        """The codec of frames."""

    @property
    def chain(self) -> ChainCodec:
        """The extension codecs."""

    @property
    def definitions(self) -> DefinitionCodec:
        """The codec of the definitions of called functions."""

    @property
    def default(self) -> Session:
        """The session that encodes if no other is given."""

    def global_session(self) -> Session:
        """Return the session that decodes if no other is given."""

    def session(self) -> Session:
        """Return a new session."""
