"""Make shipments of the user's own objects and files: the bytes, and what they refer to."""

from __future__ import annotations

import base64
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from conformance.inspection.foreign import foreign_hint
from conformance.preflight.compared import is_compared, shadows
from conformance.preflight.editions import module_of
from conformance.preflight.loading import ShipmentError, load
from conformance.preflight.named import named_functions
from conformance.preflight.references import MAIN, find_references
from conformance.subjects import installed_engine
from conformance.subjects.losses import unpicklable, watched
from conformance.util.input_file import read_bytes
from conformance.wire import Container, Definition, WireError, find, locate, read_schema

KINDS = {"expression": "expression", "plan": "plan", "execution-plan": "execution plan"}
"""The kinds of protobuf by their prefix of ``--bytes``; the bytes do not show which it is."""


def from_objects(spec: str, form: str, session: str) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """Encode what ``spec`` names; return the shipments and the driver's versions.

    A list, a tuple or a dict is a shipment for each object in it. ``form`` is ``inline`` or ``by
    name``. ``session`` is what the nodes decode with, as ``module:name``, or empty. Raises
    ``ShipmentError``.
    """
    versions = dict(installed_engine().versions())
    objects = _objects(spec, load(spec))
    return [_from_object(label, one, form, session, versions) for label, one in objects], versions


def _objects(spec: str, found: Any) -> Iterator[tuple[str, Any]]:
    """Yield each object to send with its label; raise ``ShipmentError``."""
    if not isinstance(found, (list, tuple, dict)):
        yield spec, found
        return
    if not found:
        raise ShipmentError(f"{spec}: the {type(found).__name__} is empty")
    items = found.items() if isinstance(found, dict) else enumerate(found)
    for key, one in items:
        if not isinstance(key, (str, int)):
            raise ShipmentError(f"{spec}: expected keys that are str or int, found {key!r}")
        yield f"{spec}[{key!r}]", one


def _from_object(
    label: str, found: Any, form: str, session: str, versions: Mapping[str, str]
) -> dict[str, Any]:
    kind, sent = _sendable(label, found)
    with unpicklable() as errors:
        try:
            with watched() as lost:
                data = _encode(sent, form)
        except BaseException as error:
            text = " ".join(f"{type(error).__name__}: {error}".split())
            raise ShipmentError(f"{label}: the driver cannot encode it: {text}") from error
        for name, text in errors.items():
            raise ShipmentError(
                f"{label}: the driver cannot encode it: UDF {name!r} cannot be pickled: {text}; "
                "the engine would send its name alone"
            )
        inline = data if form == "inline" else _encode_inline(sent)
    return _shipment(label, kind, data, session, inline, errors, lost, versions)


def from_file(argument: str, session: str) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """Read a file of bytes: ``FILE`` for a pickle, ``KIND:FILE`` for protobuf; ``ShipmentError``.

    Nothing is decoded here.
    """
    versions = dict(installed_engine().versions())
    prefix, colon, file = argument.partition(":")
    kind = KINDS.get(prefix, "") if colon else ""
    file = file if kind else argument
    try:
        data = read_bytes(Path(file))
    except OSError as error:
        raise ShipmentError(f"{file}: {error.strerror}") from error
    if not data:
        raise ShipmentError(f"{file}: the file is empty")
    try:
        located = locate(data)
    except WireError as error:
        hint = foreign_hint(data)
        raise ShipmentError(f"{file}: {type(error).__name__}: {error}{hint}") from error
    container = located.container
    if container in (Container.FRAME, Container.ENVELOPE):
        raise ShipmentError(
            f"{file}: a lone {container.value}, which no engine decodes; give the expression or "
            "the plan that holds it"
        )
    if container is Container.PICKLE and kind:
        raise ShipmentError(f"{file}: expected protobuf, found a pickle; give it without {prefix}:")
    foreign = container is Container.PROTOBUF and not located.found and foreign_hint(data)
    if foreign:
        raise ShipmentError(f"{file}: neither protobuf nor a pickle{foreign}")
    if container is Container.PROTOBUF and not kind:
        choices = ", ".join(f"{prefix}:{file}" for prefix in KINDS)
        raise ShipmentError(
            f"{file}: protobuf does not show whether it is an expression or a plan; give one of "
            f"{choices}"
        )
    return [_shipment(argument, kind or "pickle", data, session)], versions


def _sendable(spec: str, found: Any) -> tuple[str, Any]:
    """Return the kind of an object and what is sent of it: a call of a UDF, a frame's plan."""
    from datafusion import DataFrame, Expr, plan, user_defined

    udfs = (user_defined.ScalarUDF, user_defined.AggregateUDF, user_defined.WindowUDF)
    if isinstance(found, udfs):
        return "expression", _call(found)
    if isinstance(found, Expr):
        return "expression", found
    if isinstance(found, DataFrame):
        return "plan", found.logical_plan()
    if isinstance(found, plan.LogicalPlan):
        return "plan", found
    if isinstance(found, plan.ExecutionPlan):
        return "execution plan", found
    raise ShipmentError(
        f"{spec}: expected an Expr, a UDF of udf, udaf or udwf, a DataFrame, a LogicalPlan or an "
        "ExecutionPlan, or a flat list, tuple or dict of these, found "
        f"{type(found).__module__}.{type(found).__qualname__}"
    )


def _call(udf: Any) -> Any:
    """Return a call of a UDF with columns ``arg_0``, ``arg_1``, ...; without any if it is foreign.

    A UDF does not show how many arguments it takes, but its frame does.
    """
    from datafusion import col

    frames = find(udf().to_bytes())
    if not frames:
        return udf()
    schema = read_schema(Definition.read(frames[0].frame()).input_schema)
    return udf(*(col(f"arg_{number}") for number in range(len(schema))))


def _encode(sent: Any, form: str) -> bytes:
    from datafusion import SessionContext

    session = SessionContext().with_python_udf_inlining(enabled=form == "inline")
    data: bytes = sent.to_bytes(session)
    return data


def _encode_inline(sent: Any) -> bytes | None:
    """Return the bytes with all UDFs inline; ``None`` where a function cannot be pickled."""
    try:
        return _encode(sent, "inline")
    except Exception:  # noqa: BLE001 - pickling runs the user's code
        return None


def _shipment(
    label: str,
    kind: str,
    data: bytes,
    session: str,
    inline: bytes | None = None,
    errors: Mapping[str, str] | None = None,
    lost: Mapping[str, str] | None = None,
    sender: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Return the shipment; its ``path``, ``envelopes`` and ``sender`` are for this driver alone.

    ``inline`` and ``errors`` are what ``named_functions`` takes. ``lost`` is what the pickles in
    it do not keep, and ``sender`` the versions that wrote it: a file shows neither.
    """
    try:
        found = find_references(data)
        located = locate(data)
        named = named_functions(data, inline, errors or {})
    except WireError as error:
        raise ShipmentError(f"{label}: {type(error).__name__}: {error}") from error
    here = {name: module_of(name) for name in found.names}
    known = [module for name, module in here.items() if name.rpartition(".")[0] == module]
    modules = {*found.modules, *known}
    return {
        "label": label,
        "kind": kind,
        "inline udfs": len(located.frames),
        "envelopes": len(located.envelopes),
        "named": named,
        "lost": dict(lost or {}),
        "size": len(data),
        "pythons": list(found.pythons),
        "names": list(filter(is_compared, found.names)),
        "modules": sorted(one for one in modules if one == MAIN or is_compared(one)),
        "main": list(found.main),
        "shadowed": sorted(shadows(sys.path)),
        "session": session,
        "data": base64.b64encode(data).decode(),
        "path": list(sys.path),
        "sender": dict(sender or {}),
    }
