"""The ways to derive a session from another, found by looking at the class."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from datafusion import SessionContext

from conformance.subjects.chain import Bundle
from conformance.subjects.engine.chain import as_extension

TOGGLE = "with_python_udf_inlining"


def derivations(session: SessionContext) -> Mapping[str, Callable[[], SessionContext]]:
    """Return the public methods of ``session`` that return a session.

    Each is called with the arguments that it needs.

    A static or class method gives a session of its own and derives none. The
    toggle itself is left out. Calling one of which too little is known raises
    ``NotImplementedError``, which says what to add.
    """
    found: dict[str, Callable[[], SessionContext]] = {}
    for name in dir(type(session)):
        raw: Any = inspect.getattr_static(type(session), name)
        if name.startswith("_") or name == TOGGLE or isinstance(raw, (staticmethod, classmethod)):
            continue
        if not inspect.isroutine(raw):
            continue
        signature = inspect.signature(raw)
        returns = signature.return_annotation
        if returns is inspect.Signature.empty or re.search(
            r"\b(SessionContext|Self)\b", str(returns)
        ):
            found[name] = partial(_derive, session, name, signature)
    return found


def _derive(session: SessionContext, name: str, signature: inspect.Signature) -> SessionContext:
    if signature.return_annotation is inspect.Signature.empty:
        raise NotImplementedError(f"{name}: what it returns is not annotated: is it a session?")
    _, *parameters = signature.parameters.values()
    positional: list[Any] = []
    named: dict[str, Any] = {}
    for parameter in parameters:
        if parameter.kind is parameter.VAR_POSITIONAL:
            positional.append(_something(name, parameter))
        elif parameter.kind is not parameter.VAR_KEYWORD and parameter.default is parameter.empty:
            if parameter.kind is parameter.POSITIONAL_ONLY:
                positional.append(_something(name, parameter))
            else:
                named[parameter.name] = _something(name, parameter)
    derived: SessionContext = getattr(session, name)(*positional, **named)
    return derived


def _something(method: str, parameter: inspect.Parameter) -> Any:
    """Return an argument that asks for no inlining.

    A derived session should get the setting from its source.
    """
    annotation = str(parameter.annotation)
    codec = SessionContext().with_python_udf_inlining(enabled=False)
    if "ExtensionCodecExportable" in annotation or re.search(r"\bSessionContext\b", annotation):
        return codec
    if "SessionComponentsExportable" in annotation:
        layers = {"logical": [codec], "physical": [codec]}
        return as_extension(Bundle(lambda _: layers))
    if re.search(r"\bbool\b", annotation):
        return False
    if re.search(r"\bstr\b", annotation):
        return "word"
    raise NotImplementedError(
        f"{method}: nothing is known for the parameter {parameter.name}: {annotation}; "
        f"add what to give for it to {__name__}"
    )
