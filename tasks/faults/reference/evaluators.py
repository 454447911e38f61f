"""Faults of INLINE: errors of what is called over a window are lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pyarrow as pa

from conformance.catalogue.nodes import Family
from conformance.subjects.reference import codec
from conformance.subjects.reference.functions import Function
from tasks.faults.fault import breaks
from tasks.faults.reference.parts import Parts


class _Loses(codec.Codec):
    """A codec whose decoded UDFs return ``instead`` where ``method`` raises an error."""

    method: str
    instead: Any

    def udf_of(self, family: Family, content: Any) -> Function:
        function = super().udf_of(family, content)
        if family == "scalar":
            return function
        return replace(function, implementation=self.changed(function.implementation))

    def changed(self, factory: Callable[[], Any]) -> Callable[[], Any]:
        def make() -> Any:
            made = factory()
            if hasattr(made, self.method):
                setattr(made, self.method, self.without_errors(getattr(made, self.method)))
            return made

        return make

    def without_errors(self, method: Callable[..., Any]) -> Callable[..., Any]:
        def changed(*arguments: Any) -> Any:
            try:
                return method(*arguments)
            except ValueError:
                return self.instead

        return changed


@breaks("INLINE-27")
class FramesAreNotUsedOnErrors(Parts):
    """Use no window frame where asking whether one is used raises an error."""

    class Codec(_Loses):
        method, instead = "uses_window_frame", False


@breaks("INLINE-27")
class RanksAreLeftOutOnErrors(Parts):
    """Hand over no ranks where asking whether they are wanted raises an error."""

    class Codec(_Loses):
        method, instead = "include_rank", False


@breaks("INLINE-27")
class RowsComeAtOnceOnErrors(Parts):
    """Evaluate all rows at once where asking for another way raises an error."""

    class Codec(_Loses):
        method, instead = "supports_bounded_execution", False


@breaks("INLINE-27")
class RowsAreNullOnErrors(Parts):
    """Return null for a row whose evaluation raises an error."""

    class Codec(_Loses):
        method, instead = "evaluate", pa.scalar(None, pa.int64())


@breaks("INLINE-27")
class RangesAreOneRowOnErrors(Parts):
    """Evaluate the first row where asking for a range raises an error."""

    class Codec(_Loses):
        method, instead = "get_range", (0, 1)


@breaks("INLINE-27")
class RanksAreNullOnErrors(Parts):
    """Return nulls where evaluating ranks raises an error."""

    class Codec(_Loses):
        method, instead = "evaluate_all_with_rank", pa.nulls(3, pa.int64())


@breaks("INLINE-27")
class RowsStayInOnErrors(Parts):
    """Leave rows in an accumulator where retracting them raises an error."""

    class Codec(_Loses):
        method, instead = "retract_batch", None
