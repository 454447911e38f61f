"""Faults in which a strict session writes more than names."""

from __future__ import annotations

import hashlib
import zlib
from typing import Any

import cloudpickle
from datafusion import Expr, SessionContext

from conformance.subjects.engine import Engine
from conformance.wire import Found
from tasks.faults.engine.patched_expr import (
    KnowsUnpicklable,
    family_of,
    find_frames,
    inlines,
    replace_frames,
)
from tasks.faults.fault import breaks


class _Strict(Engine):
    """An engine whose strict sessions write the frames that ``keep_frame`` returns."""

    def to_bytes(self, expr: Expr, session: SessionContext | None = None) -> bytes:
        if inlines(session):
            return super().to_bytes(expr, session)
        inline = super().to_bytes(expr)
        places = {found.path: number for number, found in enumerate(find_frames(inline))}
        return replace_frames(inline, lambda found: self.keep_frame(places[found.path], found))

    def keep_frame(self, number: int, found: Found) -> bytes | None:
        raise NotImplementedError


@breaks("TOGGLE-09")
class StrictInlinesWhatIsNested(_Strict):
    """Inline nested UDFs on strict sessions."""

    def keep_frame(self, number: int, found: Found) -> bytes | None:
        return found.data if number else None


@breaks("TOGGLE-09")
class StrictInlinesNestedWindows(_Strict):
    """Inline nested windows on strict sessions."""

    def keep_frame(self, number: int, found: Found) -> bytes | None:
        return found.data if number and family_of(found) == "window" else None


@breaks("TOGGLE-09")
class StrictLeavesTheMagicOfNested(_Strict):
    """Write the frame headers of nested UDFs on strict sessions."""

    def keep_frame(self, number: int, found: Found) -> bytes | None:
        return found.data[:10] if number else None


class _Leaks(Engine):
    """An engine whose strict sessions append ``leak`` in an unknown field."""

    def leak(self, found: Found) -> bytes:
        raise NotImplementedError

    def to_bytes(self, expr: Expr, session: SessionContext | None = None) -> bytes:
        data = super().to_bytes(expr, session)
        if inlines(session):
            return data
        for found in find_frames(super().to_bytes(expr)):
            leak = self.leak(found)
            data += b"\xa2\x06" + _varint(len(leak)) + leak
        return data


def _callable(found: Found) -> Any:
    return cloudpickle.loads(found.data[10:])[1]


def _varint(number: int) -> bytes:
    return bytes((number & 127 | 128, number >> 7 & 127 | 128, number >> 14))


@breaks("TOGGLE-10")
class LeaksDocstrings(_Leaks):
    """Write the callables' docstrings on strict sessions."""

    def leak(self, found: Found) -> bytes:
        return (_callable(found).__doc__ or "").encode()


@breaks("TOGGLE-10")
class LeaksTheModuleOfAggregates(_Leaks):
    """Write the modules of aggregates on strict sessions."""

    def leak(self, found: Found) -> bytes:
        return str(_callable(found).__module__).encode() if family_of(found) == "aggregate" else b""


@breaks("TOGGLE-10")
class LeaksTheFile(_Leaks):
    """Write the callables' file names on strict sessions."""

    def leak(self, found: Found) -> bytes:
        code = getattr(_callable(found), "__code__", None)
        return code.co_filename.encode() if code else b""


@breaks("TOGGLE-10")
class LeaksClosures(_Leaks):
    """Write what the callables capture on strict sessions."""

    def leak(self, found: Found) -> bytes:
        cells = getattr(_callable(found), "__closure__", None) or ()
        return repr([cell.cell_contents for cell in cells]).encode()


@breaks("TOGGLE-10")
class LeaksWindowsCompressed(_Leaks):
    """Write compressed frames of windows on strict sessions."""

    def leak(self, found: Found) -> bytes:
        return zlib.compress(found.data) if family_of(found) == "window" else b""


@breaks("TOGGLE-10")
class LeaksADigest(_Leaks):
    """Write a hash of each frame on strict sessions."""

    def leak(self, found: Found) -> bytes:
        return hashlib.sha256(found.data).digest()


@breaks("TOGGLE-13")
class StrictPicklesAllTheSame(KnowsUnpicklable):
    """Raise an error for an unpicklable UDF on strict sessions."""

    def encode(self, expr: Expr, session: SessionContext | None) -> bytes:
        if not inlines(session) and any(name in str(expr) for name in self.unpicklable):
            raise RuntimeError("DataFusion error: Execution(\"cannot pickle '_thread.lock'\")")
        return super().encode(expr, session)


@breaks("TOGGLE-13")
class StrictDropsTheNameOfTheUnpicklable(KnowsUnpicklable):
    """Overwrite the name of an unpicklable UDF on strict sessions."""

    def encode(self, expr: Expr, session: SessionContext | None) -> bytes:
        data = super().encode(expr, session)
        if inlines(session):
            return data
        for name in self.unpicklable:
            data = data.replace(name.encode(), b"?" * len(name.encode()))
        return data
