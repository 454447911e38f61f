"""``python -m conformance``: the same as the console script ``dfpy-conformance``."""

from conformance.cli import main

main(prog_name="dfpy-conformance")
