"""The reason and the remedy for an error that a node raised when it decoded a shipment."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from packaging.version import InvalidVersion, Version

from conformance.spec import CLAUSES
from conformance.wire.helpers import HELPERS

_CHAIN_SINCE = CLAUSES["CHAIN-01"].since

_NO_HELPER = re.compile(
    r"Can't get attribute '(\w+)' on <module 'cloudpickle\.cloudpickle'"
    r"|module 'cloudpickle\.cloudpickle' has no attribute '(\w+)'"
)
"""The error for a name that an older cloudpickle lacks; the second one is that of Python 3.14."""

_NO_CONTENT = re.compile(r"Missing required field \w+|\w+_type: None")
"""The errors of an engine that knows none of the fields of a message, which a newer one has."""


def explain_old_codecs(shipment: Mapping[str, Any], report: Mapping[str, Any]) -> str:
    """Explain the refusal of envelopes by an engine that is older than these; else ``""``.

    To such an engine an envelope is no frame, and its own error is about a UDF by name.
    """
    if shipment["envelopes"] and _older(report.get("datafusion", ""), _CHAIN_SINCE):
        return (
            f"datafusion {report['datafusion']} on the node has no extension codecs with ids, and "
            f"the bytes hold envelopes of these: use datafusion {_CHAIN_SINCE} there, or send "
            "without a codec"
        )
    return ""


def explain(shipment: Mapping[str, Any], report: Mapping[str, Any], error: str) -> tuple[str, bool]:
    """Return a sentence for the ``error`` of a node, and whether it is a known one.

    One that nobody knows keeps its text, behind the versions that raised it.
    """
    engine, cloudpickle = report.get("datafusion", ""), report.get("cloudpickle", "")
    sender = shipment["sender"]
    if found := _NO_HELPER.search(error):
        helper = found[1] or found[2]
        remedy = _enough(helper, cloudpickle, sender)
        return (
            f"cloudpickle {cloudpickle} on the node lacks {helper}, which the bytes call, so that "
            f"a newer cloudpickle wrote them: use {remedy} there, or send by name and register the "
            "functions there"
        ), True
    if found := _NO_CONTENT.search(error):
        part = f"of a part of the bytes ({found[0]})"
        if not sender:
            other = "" if shipment["kind"] == "pickle" else "; if not, check the KIND of --bytes"
            return (
                f"datafusion {engine} on the node knows nothing {part}: if a newer engine wrote "
                f"it, use that one there{other}"
            ), True
        if _older(engine, sender["engine"]):
            return (
                f"datafusion {engine} on the node is older than this driver's {sender['engine']} "
                f"and knows nothing {part}: use datafusion {sender['engine']} there, or send "
                f"what {engine} has"
            ), True
    return f"datafusion {engine} on the node cannot decode it ({shipment['kind']}): {error}", False


def _enough(helper: str, there: str, sender: Mapping[str, str]) -> str:
    """Return the cloudpickle that has this helper, as far as anybody knows."""
    least = HELPERS.get(helper, "")
    if least and _older(there, least):
        return f"cloudpickle >={least}"
    return f"cloudpickle {sender['cloudpickle']}" if sender else "the sender's cloudpickle"


def _older(version: str, than: str) -> bool:
    """Return whether a version is older; one that cannot be read is not."""
    try:
        return Version(version) < Version(than)
    except InvalidVersion:
        return False
