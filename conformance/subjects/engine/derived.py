"""Find the methods that derive a session from another one by introspection."""

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
    """Return the public methods of ``session`` that return a session, by name.

    Their required arguments are bound. A method that takes any number of arguments is there a
    second time, as ``NAME()``, without any. Static and class methods are not
    included, since they derive nothing from ``session``; neither is the toggle.
    A method with an unknown parameter or return type raises
    ``NotImplementedError`` when it is called, with the type to add here.
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
            if _takes_any_number(signature):
                found[f"{name}()"] = getattr(session, name)
    return found


def _takes_any_number(signature: inspect.Signature) -> bool:
    """Return whether a method takes any number of arguments, and none will do."""
    _, *parameters = signature.parameters.values()
    return [one.kind for one in parameters] == [inspect.Parameter.VAR_POSITIONAL]


def _derive(session: SessionContext, name: str, signature: inspect.Signature) -> SessionContext:
    if signature.return_annotation is inspect.Signature.empty:
        raise NotImplementedError(
            f"{name}: the return type is not annotated; decide here whether it is a session"
        )
    _, *parameters = signature.parameters.values()
    positional: list[Any] = []
    named: dict[str, Any] = {}
    for parameter in parameters:
        if parameter.kind is parameter.VAR_POSITIONAL:
            positional.append(_make_argument(name, parameter))
        elif parameter.kind is not parameter.VAR_KEYWORD and parameter.default is parameter.empty:
            if parameter.kind is parameter.POSITIONAL_ONLY:
                positional.append(_make_argument(name, parameter))
            else:
                named[parameter.name] = _make_argument(name, parameter)
    derived: SessionContext = getattr(session, name)(*positional, **named)
    return derived


def _make_argument(method: str, parameter: inspect.Parameter) -> Any:
    """Return an argument that does not ask for inlining.

    A derived session must get this setting from its source.
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
        f"{method}: no argument is known for the parameter {parameter.name}: {annotation}; "
        f"add one to {__name__}"
    )
