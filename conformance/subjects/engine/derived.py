"""The ways to derive a session from another, found by looking at the class."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from datafusion import SessionContext


def derivations(session: SessionContext) -> Mapping[str, Callable[[], SessionContext]]:
    """The public methods of ``session`` that return a session, with what they need filled in.

    A static method gives a session of its own and derives none. The toggle
    itself is left out.
    """
    found: dict[str, Callable[[], SessionContext]] = {}
    for name in dir(SessionContext):
        raw = inspect.getattr_static(SessionContext, name)
        if name.startswith("_") or name == "with_python_udf_inlining" or not callable(raw):
            continue
        if isinstance(raw, staticmethod):
            continue
        signature = inspect.signature(raw)
        if "SessionContext" in str(signature.return_annotation):
            found[name] = partial(getattr(session, name), **_arguments(signature))
    return found


def _arguments(signature: inspect.Signature) -> dict[str, Any]:
    """Something for each parameter that must be given."""
    raise NotImplementedError
