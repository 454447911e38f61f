"""The recorded outputs of the reproductions on the released engines.

``outputs/ENGINE.json`` has the versions beside the engine, and for each known divergence that
shows with them the lines of its script. ``nox -s outputs`` compares them with what the engines
print now.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from conformance.util import atomic
from conformance.util.json_text import json_text

OUTPUTS = Path(__file__).parent / "outputs"


@dataclass(frozen=True)
class Outputs:
    """The outputs of the scripts on one engine, with this Python and cloudpickle."""

    python: str
    cloudpickle: str
    texts: Mapping[str, str]
    """The output by divergence; its last line is the exit code."""

    def write(self, engine: str) -> None:
        """Write the record of ``engine``."""
        document = {
            "python": self.python,
            "cloudpickle": self.cloudpickle,
            "outputs": {id_: text.splitlines() for id_, text in sorted(self.texts.items())},
        }
        atomic.write(OUTPUTS / f"{engine}.json", f"{json_text(document, indent=1)}\n".encode())


@cache
def read_outputs(folder: Path = OUTPUTS) -> Mapping[str, Outputs]:
    """Return what was recorded, by engine."""
    found = {}
    for path in sorted(folder.glob("*.json")):
        document = json.loads(path.read_text(encoding="utf-8"))
        texts = {id_: "\n".join(lines) for id_, lines in document["outputs"].items()}
        found[path.stem] = Outputs(document["python"], document["cloudpickle"], texts)
    return found
