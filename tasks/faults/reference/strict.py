"""Faults of STRICT: decoders that forget in a part of a message that the session is strict."""

from __future__ import annotations

from dataclasses import replace

from conformance.subjects.reference import decoder
from conformance.subjects.reference.protobuf import Message
from conformance.subjects.reference.tree import Call, Tree
from tasks.faults.fault import breaks
from tasks.faults.reference.parts import Parts


@breaks("STRICT-09")
class FiltersOfWindowsInline(Parts):
    """Read the filter of a window call as an inlining session does."""

    class Decoder(decoder.Decoder):
        def window_call(self, message: Message) -> Tree:
            inlining = self.session.with_python_udf_inlining(enabled=True)
            condition = decoder.Decoder(self.subject, inlining).optional(message, 13)
            message.fields.pop(13, None)
            call = super().window_call(message)
            assert isinstance(call, Call)
            return replace(call, filter=condition)
