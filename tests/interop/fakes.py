"""A peer that does what its environment says, in place of ``conformance.interop.peer``."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from conformance.interop.rules import Mode

MODE: Mode = ("inline", "expression")
ITEMS = {(MODE, f"case-{n}"): b"bytes %d" % n for n in range(5)}


def write() -> Any:
    if os.environ.get("FAKE") == "does not write":
        os._exit(3)
    versions = {"engine": "55.0.0", "cloudpickle": "3.1.2", "python": "3.12.1", "pyarrow": "25.0.1"}
    if os.environ["FAKE"] == "does not write one":
        return versions, {**ITEMS, (MODE, "case-1"): "not written: ValueError: no"}
    own = {(MODE, "own"): os.environ["FAKE"].encode()}
    return versions, {**ITEMS, **own}


def read(items: Sequence[tuple[Any, bytes]]) -> list[tuple[str, str]]:
    with open(os.environ["FAKE_LOG"], "a") as log:
        log.writelines(f"{os.environ['FAKE']} {item[1]}\n" for item, _ in items)
    return [_read(item[1]) for item, _ in items]


def _read(case: str) -> tuple[str, str]:
    if os.environ["FAKE"] == "always dies" or (os.environ["FAKE"] == "dies" and case == "case-2"):
        os.abort()
    if os.environ["FAKE"] == "hangs" and case == "case-3":
        time.sleep(60)
    if os.environ["FAKE"] == "wrong" and case == "case-4":
        return "wrong result", "5 is not 4"
    return "works", ""
