"""The base of all styles: implementations that are as right as the reference, and different."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import ClassVar

from conformance.subjects.reference import Reference
from conformance.subjects.reference.expressions import Expression
from conformance.subjects.reference.sessions import Session
from conformance.subjects.reference.tree import Tree
from tasks.variants.writing import Writing


class OtherStyle(Writing, Reference):
    """A reference in another style.

    The arguments of a class statement are mixins of parts, by the attributes of the reference
    that hold their classes: ``texts_class=...``. Styles can be combined: a class of several
    differs from the reference as each of them does.
    """

    _mixins: ClassVar[Mapping[str, type]] = {}

    def __init_subclass__(cls, **mixins: type) -> None:
        super().__init_subclass__()
        cls._mixins = mixins
        added: dict[str, list[type]] = {}
        for base in cls.__mro__:
            for part, mixin in vars(base).get("_mixins", {}).items():
                added.setdefault(part, []).append(mixin)
        for part, classes in added.items():
            genuine: type = getattr(Reference, part)
            setattr(cls, part, type(genuine.__name__, (*classes, genuine), {}))

    def failing(self) -> AbstractContextManager[object]:
        """Return a context in which errors are raised in the style's own way."""
        return nullcontext()

    def to_bytes(self, expr: Expression, session: Session | None = None) -> bytes:
        with self.failing():
            return self.message(super().to_bytes(expr, session))

    def from_bytes(self, data: bytes, session: Session | None = None) -> Expression:
        with self.failing():
            return super().from_bytes(data, session)

    def decode_tree(self, data: bytes, session: Session) -> Tree:
        with self.failing():
            return super().decode_tree(data, session)
