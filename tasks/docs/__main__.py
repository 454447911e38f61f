"""``python -m tasks.docs``: write the generated sections; ``--check`` only compares."""

from __future__ import annotations

import sys

from tasks.docs.sections import SECTIONS, outdated, updated


def main(check: bool) -> int:
    """Write or check; return the exit code."""
    for path in list(outdated()):
        if check:
            print(f"{path}: out of date; run python -m tasks.docs", file=sys.stderr)
            return 1
        path.write_text(updated(path), encoding="utf-8")
        print(f"{path}: written")
    print(f"{len(SECTIONS)} files are up to date")
    return 0


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv))
