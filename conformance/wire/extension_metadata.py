"""The metadata of a field with an extension type, which pyarrow does not show.

Pyarrow removes the name and the parameters of an extension from the metadata when it reads one
that it knows. Arrow's C data interface exports them again.
"""

from __future__ import annotations

import ctypes
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa


class _ArrowSchema(ctypes.Structure):
    """The start of ``struct ArrowSchema``."""

    _fields_ = (
        ("format", ctypes.c_char_p),
        ("name", ctypes.c_char_p),
        ("metadata", ctypes.c_void_p),
    )


_address = ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.py_object, ctypes.c_char_p)(
    ("PyCapsule_GetPointer", ctypes.pythonapi)
)


def exported_metadata(field: pa.Field) -> dict[bytes, bytes]:
    """Return the metadata of a field, with the name and the parameters of its extension type."""
    capsule = field.__arrow_c_schema__()  # owns the memory that is read here
    at = _ArrowSchema.from_address(_address(capsule, b"arrow_schema")).metadata
    (count,) = struct.unpack("=i", ctypes.string_at(at, 4))
    at += 4
    texts = []
    for _ in range(2 * count):
        (size,) = struct.unpack("=i", ctypes.string_at(at, 4))
        texts.append(ctypes.string_at(at + 4, size))
        at += 4 + size
    return dict(zip(texts[::2], texts[1::2], strict=True))
