"""The faulty twin: a codec that unpickles a frame first and refuses it afterwards.

All its refusals have the right words; what it must never do has happened by then.
"""

from __future__ import annotations

import codec
from adapter import PythonCodec
from codec import Session
from datafusion import Expr


class UnpicklesFirst(PythonCodec):
    """The codec of this folder, with the question whether the session inlines asked too late."""

    name = "python-codec-faulty"

    def decode(self, data: bytes, session: Session) -> Expr:
        if not session.inlining:
            codec.from_bytes(data, session.with_python_udf_inlining(enabled=True))
        return codec.from_bytes(data, session)
