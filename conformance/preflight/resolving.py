"""Look up which function a name in the bytes calls on a node; for the decoder, as text."""

from __future__ import annotations

from typing import Any

LOOKUPS = {"scalar": "udf", "aggregate": "udaf", "window": "udwf"}


def resolve(session: Any, kind: str, name: str) -> str:
    """Return what ``session`` has by this name: ``python``, ``other``, ``none`` or ``unknown``.

    ``other`` is a function that is not in Python, such as a built-in one.
    """
    from datafusion import SessionContext

    look_up = getattr(session, LOOKUPS[kind], None)
    if look_up is None:
        return "unknown"
    try:
        call = look_up(name)()
    except KeyError:
        return "none"
    inlining = SessionContext()
    try:
        call.to_bytes(inlining.with_python_udf_inlining(enabled=False))
    except Exception:  # noqa: BLE001 - the engine raises plain exceptions
        return "unknown"
    try:
        return "python" if b"DFPYUD" in call.to_bytes(inlining) else "other"
    except Exception:  # noqa: BLE001 - pickling runs the user's code
        return "python"  # nothing else is pickled
