"""The code for nodes as texts, since nodes do not have this package."""

from __future__ import annotations

from pathlib import Path


def read_as_one(*names: str) -> str:
    """Return these modules of this folder as one text, without imports of this package."""
    lines = ["from __future__ import annotations"]
    for name in names:
        text = Path(__file__).with_name(f"{name}.py").read_text(encoding="utf-8")
        lines += [
            line
            for line in text.splitlines()
            if not line.startswith(("from conformance.", "from __future__"))
        ]
    return "\n".join([*lines, ""])


DECODER = read_as_one(
    "compared", "editions", "guards", "code_uses", "late_imports", "follow", "resolving", "decoder"
)
