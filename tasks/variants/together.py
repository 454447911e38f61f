"""The variants that combine all others: each run of the suite covers several changes at once."""

from __future__ import annotations

from tasks.variants.cloudpickles import (
    FewerOpcodes,
    MoreOpcodes,
    OtherHelpers,
    Protocol4,
    RenamesFiles,
    TextsFirst,
)
from tasks.variants.messages import LongLengths, OtherOrder, UnknownFields
from tasks.variants.pickles import OtherFunction
from tasks.variants.schemas import BeforeContinuations, NoEndMarker, OtherLayout


class Longer(RenamesFiles, MoreOpcodes, Protocol4, NoEndMarker, UnknownFields):
    """Write more than today."""


class Shorter(FewerOpcodes, OtherHelpers, BeforeContinuations, OtherOrder):
    """Write less than today, and fields the other way round."""


class Otherwise(TextsFirst, OtherLayout, LongLengths, OtherFunction):
    """Write as much as today, in other words."""
