"""Write every case and every refusal with the installed engine; equal versions write equals.

Runs in the writer's own environment: ``python -m tasks.goldens.writer OUT``.
"""

from __future__ import annotations

import base64
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from conformance.golden.cases import CASES, CLOUDPICKLE
from conformance.subjects import Subject, installed_engine
from conformance.suite.helpers.refusals import observe_all
from conformance.util import atomic
from conformance.util.versions import mismatches, with_platform
from tasks.goldens.refusals import to_json

HASH_SEED = "0"
"""Fixes the order in which set constants are pickled."""


def write(subject: Subject, *, of_all: bool = False) -> dict[str, bytes]:
    """Return the bytes of every case that the subject supports, by case id.

    Plans and chains are written by the one cloudpickle of the store, or ``of_all`` by any.
    """
    of_all = of_all or subject.versions().get("cloudpickle") == CLOUDPICKLE
    written = {id_: case.encode(subject) for id_, case in CASES.items() if case.is_plain or of_all}
    return {id_: data for id_, data in written.items() if data is not None}


def main(out: str, claims: Mapping[str, str], *, of_all: bool = False) -> int:
    """Write ``{"writer": ..., "written": {case: base64}, "refusals": ...}`` to ``out``.

    Return an exit code.

    Return 2 if the hash seed is not fixed or an installed version is not the required one.
    """
    if os.environ.get("PYTHONHASHSEED") != HASH_SEED:
        print(f"golden writer: PYTHONHASHSEED must be {HASH_SEED}", file=sys.stderr)
        return 2
    subject = installed_engine()
    writer = with_platform(subject.versions())
    for name, claimed, seen in mismatches(claims, writer):
        print(f"golden writer: {name}: expected {claimed}, found {seen}", file=sys.stderr)
        return 2
    written = {
        id_: base64.b64encode(data).decode() for id_, data in write(subject, of_all=of_all).items()
    }
    document = {"writer": writer, "written": written, "refusals": to_json(observe_all(subject))}
    try:
        atomic.write(Path(out), json.dumps(document).encode())
    except OSError as error:
        print(f"golden writer: {out}: cannot be written: {error.strerror}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    given = [one for one in sys.argv[2:] if one != "--all"]
    of_all = "--all" in sys.argv[2:]
    sys.exit(main(sys.argv[1], dict(claim.split("=", 1) for claim in given), of_all=of_all))
