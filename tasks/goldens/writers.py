"""Write with one engine and each of many cloudpickles: import the engine once, then fork.

Runs in the engine's environment. Each cloudpickle is in a folder of its own, whatever the
environment has.
"""

from __future__ import annotations

import argparse
import multiprocessing
import signal
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path

NAME = "cloudpickle"


def import_engine() -> None:
    """Import the engine and the writer, which import no cloudpickle."""
    # pyarrow imports cloudpickle if it is there, and pickle if it is not.
    sys.modules[NAME] = None  # type: ignore[assignment]
    import_module("pyarrow")
    import_module("tasks.goldens.writer")
    import_module("conformance.subjects.engine")
    del sys.modules[NAME]
    assert not [name for name in sys.modules if name.partition(".")[0] == NAME]


def write(folder: Path, version: str, out: str, claims: Mapping[str, str]) -> None:
    """Write to ``out`` with the cloudpickle in ``folder``; end this process with an exit code.

    The exit code is 2 if that is not the wanted version.
    """
    sys.path.insert(0, str(folder))
    try:
        found = import_module(NAME)
    except ModuleNotFoundError:
        sys.exit(f"golden writer: {folder}: expected cloudpickle {version}, found nothing")
    there = Path(str(found.__file__)).parents[1]
    if (found.__version__, there) != (version, folder):
        expected, seen = f"{version} in {folder}", f"{found.__version__} in {there}"
        print(f"golden writer: cloudpickle: expected {expected}, found {seen}", file=sys.stderr)
        sys.exit(2)
    sys.exit(import_module("tasks.goldens.writer").main(out, {**claims, NAME: version}))


def main(given: Sequence[str]) -> int:
    """Write with each cloudpickle in a fork; return the highest exit code."""
    parser = argparse.ArgumentParser(prog="python -m tasks.goldens.writers")
    parser.add_argument("--packages", type=Path, required=True, help="has a folder per version")
    parser.add_argument("--out", action="append", metavar="CLOUDPICKLE=FILE", default=[])
    parser.add_argument("claims", nargs="*", metavar="NAME=VERSION")
    options = parser.parse_args(given)
    claims = dict(claim.split("=", 1) for claim in options.claims)
    import_engine()
    worst = 0
    for version, out in (one.split("=", 1) for one in options.out):
        arguments = (options.packages / version, version, out, claims)
        child = multiprocessing.get_context("fork").Process(target=write, args=arguments)
        child.start()
        child.join()
        assert child.exitcode is not None
        if child.exitcode < 0:
            died = f"died of {signal.Signals(-child.exitcode).name}"
            print(f"golden writer: cloudpickle {version}: {died}", file=sys.stderr)
        worst = max(worst, abs(child.exitcode))
    return worst


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
