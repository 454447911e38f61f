"""Faults of INLINE: the decoded expression has another structure."""

from __future__ import annotations

from dataclasses import replace

from conformance.subjects.reference import decoder
from conformance.subjects.reference.protobuf import Message
from conformance.subjects.reference.tree import (
    Binary,
    Call,
    CaseExpr,
    Cast,
    Frame,
    InList,
    Literal,
    SortKey,
    Tree,
)
from tasks.faults.fault import breaks
from tasks.faults.reference.parts import Parts


class _Restructures(decoder.Decoder):
    """A decoder that changes each tree that it has read."""

    def node(self, data: bytes) -> Tree:
        return self.change(super().node(data))

    def change(self, tree: Tree) -> Tree:
        raise NotImplementedError


class _FromTheLeft(_Restructures):
    op = "-"

    def change(self, tree: Tree) -> Tree:
        if not isinstance(tree, Binary) or not isinstance(right := tree.right, Binary):
            return tree
        if not tree.op == right.op == self.op:
            return tree
        return Binary(tree.op, Binary(tree.op, tree.left, right.left), right.right)


@breaks("INLINE-01")
class DifferencesAreTakenFromTheLeft(Parts):
    """Read ``a - (b - c)`` as ``(a - b) - c``."""

    class Decoder(_FromTheLeft):
        pass


@breaks("INLINE-01")
class QuotientsAreTakenFromTheLeft(Parts):
    """Read ``a / (b / c)`` as ``(a / b) / c``."""

    class Decoder(_FromTheLeft):
        op = "/"


@breaks("INLINE-01")
class DifferencesAreTakenFromTheRight(Parts):
    """Read ``(a - b) - c`` as ``a - (b - c)``."""

    class Decoder(_Restructures):
        def change(self, tree: Tree) -> Tree:
            if not isinstance(tree, Binary) or not isinstance(left := tree.left, Binary):
                return tree
            if not tree.op == left.op == "-":
                return tree
            return Binary("-", left.left, Binary("-", left.right, tree.right))


@breaks("INLINE-01")
class ThirdBranchesAreLost(Parts):
    """Read two branches of a CASE."""

    class Decoder(_Restructures):
        def change(self, tree: Tree) -> Tree:
            return replace(tree, when=tree.when[:2]) if isinstance(tree, CaseExpr) else tree


@breaks("INLINE-01")
class ShortListsAreNotNegated(Parts):
    """Read ``NOT IN`` as ``IN`` where the list has one value."""

    class Decoder(_Restructures):
        def change(self, tree: Tree) -> Tree:
            if isinstance(tree, InList) and len(tree.values) == 1:
                return replace(tree, negated=False)
            return tree


@breaks("INLINE-01")
class NullsInListsAreLost(Parts):
    """Leave out the nulls in the list of ``IN``."""

    class Decoder(_Restructures):
        def change(self, tree: Tree) -> Tree:
            if not isinstance(tree, InList):
                return tree
            null = [isinstance(one, Literal) and not one.value.is_valid for one in tree.values]
            kept = (one for one, is_null in zip(tree.values, null, strict=True) if not is_null)
            return replace(tree, values=tuple(kept))


@breaks("INLINE-01")
class InnerCastsAreLost(Parts):
    """Read a cast of a cast as one cast."""

    class Decoder(_Restructures):
        def change(self, tree: Tree) -> Tree:
            if isinstance(tree, Cast) and isinstance(tree.arg, Cast):
                return replace(tree, arg=tree.arg.arg)
            return tree


@breaks("INLINE-01")
class SecondKeysOfAggregatesAreLost(Parts):
    """Read the first sort key of an aggregate only."""

    class Decoder(decoder.Decoder):
        def keys(self, message: Message, field: int) -> tuple[SortKey, ...]:
            keys = super().keys(message, field)
            return keys[:1] if field == 4 else keys


@breaks("INLINE-01")
class KeysBesideTwoArgumentsAreLost(Parts):
    """Read no sort key of an aggregate of two arguments."""

    class Decoder(_Restructures):
        def change(self, tree: Tree) -> Tree:
            if isinstance(tree, Call) and len(tree.args) > 1:
                return replace(tree, order_by=())
            return tree


@breaks("INLINE-01")
class SecondPartitionKeysAreLost(Parts):
    """Read the first partition key of a window only."""

    class Decoder(_Restructures):
        def change(self, tree: Tree) -> Tree:
            if not isinstance(tree, Call) or tree.window is None:
                return tree
            window = replace(tree.window, partition_by=tree.window.partition_by[:1])
            return replace(tree, window=window)


@breaks("INLINE-01")
class FiltersBesideKeysAreLost(Parts):
    """Read no filter of an aggregate that has sort keys."""

    class Decoder(_Restructures):
        def change(self, tree: Tree) -> Tree:
            return replace(tree, filter=None) if isinstance(tree, Call) and tree.order_by else tree


class _Frames(decoder.Decoder):
    """A decoder that changes each window frame that it has read."""

    def frame(self, message: Message) -> Frame:
        return self.change(super().frame(message))

    def change(self, frame: Frame) -> Frame:
        raise NotImplementedError


@breaks("INLINE-01")
class RangesAreRows(Parts):
    """Read a range of keys as so many rows."""

    class Decoder(_Frames):
        def change(self, frame: Frame) -> Frame:
            return replace(frame, units="rows") if frame.units == "range" else frame


@breaks("INLINE-01")
class GroupsAreRanges(Parts):
    """Read groups of rows as a range of keys."""

    class Decoder(_Frames):
        def change(self, frame: Frame) -> Frame:
            return replace(frame, units="range") if frame.units == "groups" else frame


@breaks("INLINE-01")
class RowsAreGroups(Parts):
    """Read rows as groups of rows."""

    class Decoder(_Frames):
        def change(self, frame: Frame) -> Frame:
            return replace(frame, units="groups") if frame.units == "rows" else frame


@breaks("INLINE-01")
class BoundsHaveSixteenBits(Parts):
    """Read the lower 16 bits of a window's bound."""

    class Decoder(_Frames):
        def change(self, frame: Frame) -> Frame:
            return replace(frame, start=frame.start & 0xFFFF if frame.start else frame.start)


@breaks("INLINE-01")
class LargeBoundsAreCut(Parts):
    """Read a window's bound as 127 where it is larger."""

    class Decoder(_Frames):
        def change(self, frame: Frame) -> Frame:
            return replace(frame, start=min(frame.start, 127) if frame.start else frame.start)
