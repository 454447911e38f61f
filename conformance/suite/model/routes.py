"""The ways to pickle and unpickle an expression."""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable, Mapping
from multiprocessing.reduction import ForkingPickler
from typing import Any


def _dump_in_python(expr: Any, protocol: int) -> bytes:
    stream = io.BytesIO()
    pickle._Pickler(stream, protocol).dump(expr)
    return stream.getvalue()


def _dump_by_cloudpickle(expr: Any, protocol: int) -> bytes:
    import cloudpickle

    data: bytes = cloudpickle.dumps(expr, protocol)
    return data


def _load_in_python(data: bytes) -> Any:
    return pickle._Unpickler(io.BytesIO(data)).load()


DUMPS: Mapping[str, Callable[[Any, int], bytes]] = {
    "pickle": pickle.dumps,
    "in-python": _dump_in_python,
    "cloudpickle": _dump_by_cloudpickle,
    "multiprocessing": lambda expr, protocol: bytes(ForkingPickler.dumps(expr, protocol)),
    "twice": lambda expr, protocol: pickle.dumps([expr, expr], protocol),
}
LOADS: Mapping[str, Callable[[bytes], Any]] = {
    **dict.fromkeys(DUMPS, pickle.loads),
    "in-python": _load_in_python,
}
ROUTES = tuple(DUMPS)
"""The ways to pickle an expression."""
