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
from tasks.variants.messages import LongLengths, LongNumbers, OtherOrder, UnknownFields
from tasks.variants.pickles import OtherFunction
from tasks.variants.rewordings import OtherWords
from tasks.variants.schemas import BeforeContinuations, NoEndMarker, OtherLayout
from tasks.variants.styles import (
    FieldsBackwards,
    MoreFields,
    NoEndMarkers,
    OtherFields,
    OtherLooks,
    OwnErrors,
    OwnUnpickler,
    Padded,
    ProtocolFour,
    ProtocolTwo,
)
from tasks.variants.words import OwnWords


class Longer(RenamesFiles, MoreOpcodes, Protocol4, NoEndMarker, UnknownFields):
    """Write more than today."""


class Shorter(FewerOpcodes, OtherHelpers, BeforeContinuations, OtherOrder):
    """Write less than today, and fields the other way round."""


class Otherwise(OtherWords, TextsFirst, OtherLayout, LongLengths, LongNumbers, OtherFunction):
    """Write as much as today, in other words."""


class OneStyle(OwnWords, ProtocolTwo, OwnUnpickler, NoEndMarkers, MoreFields, OwnErrors):
    """An implementation that uses as little of the engine's habits as it can."""


class AnotherStyle(ProtocolFour, OtherFields, FieldsBackwards, Padded, OtherLooks):
    """An implementation with habits of its own."""
