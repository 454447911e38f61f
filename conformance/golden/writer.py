"""Has the installed engine write the catalogue, the same way every time.

Runs in the writer's own environment: ``python -m conformance.golden.writer OUT``.
"""

from __future__ import annotations

import base64
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from conformance.catalogue import ENTRIES
from conformance.catalogue.source import compile_udf
from conformance.claims import installed, unmet
from conformance.golden.trackers import plain_trackers
from conformance.subjects import Subject, installed_engine

HASH_SEED = "0"
"""Set constants are pickled in the order of their hashes."""


def write(subject: Subject) -> dict[str, bytes]:
    """Every entry of the catalogue as the subject writes it inline, by entry id."""
    written = {}
    for id_, entry in ENTRIES.items():
        functions = {
            udf: subject.function(udf, compile_udf(udf, subject.bases)) for udf in entry.udfs
        }
        with plain_trackers(id_):
            written[id_] = subject.to_bytes(subject.expr(entry.expr, functions))
    return written


def main(out: str, claims: Mapping[str, str]) -> int:
    """Writes ``{"writer": ..., "written": {entry: base64}}`` to ``out``; returns an exit code.

    Refuses where the hash seed is not fixed or an installed version is not the one claimed.
    """
    if os.environ.get("PYTHONHASHSEED") != HASH_SEED:
        print(f"golden writer: PYTHONHASHSEED must be {HASH_SEED}", file=sys.stderr)
        return 2
    subject = installed_engine()
    writer = installed(subject.versions())
    for name, claimed, seen in unmet(claims, writer):
        told = f"golden writer: {name} {claimed} is claimed; installed is {seen}"
        print(told, file=sys.stderr)
        return 2
    written = {id_: base64.b64encode(data).decode() for id_, data in write(subject).items()}
    Path(out).write_text(json.dumps({"writer": writer, "written": written}), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], dict(claim.split("=", 1) for claim in sys.argv[2:])))
