"""Fuzz this project's own readers, guided by coverage, with atheris.

Runs as a process of its own, ``python -m tasks.fuzz.libfuzzer SEEDS OPTIONS...`` with
libFuzzer's options. If a reader crashes or hangs, libFuzzer writes the input to a file and
ends the process. Imports of our own stand in ``main``: only what is imported there is watched.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

INSTRUMENTED = ["conformance.wire", "pickletools"]
"""The modules whose branches count."""


def main(arguments: list[str]) -> None:
    """Run libFuzzer, which ends the process."""
    import atheris

    with atheris.instrument_imports(include=INSTRUMENTED):
        import pickletools  # noqa: F401

        from conformance import inspection, wire
        from conformance.hostile.choices import Choices, Seeded
        from conformance.hostile.mutations import MAX_SIZE, message, raw

    readers = (inspection.inspect, wire.locate, wire.listing)

    def read(data: bytes) -> None:
        for reader in readers:
            try:
                reader(data)
            except wire.WireError:
                return

    ways: tuple[Callable[[Choices, bytes], bytes], ...] = (
        message.fields_of,
        message.nesting,
        lambda choices, data: raw.cuts(choices, data, data),
    )

    def mutator(data: bytes, longest: int, number: int) -> bytes:
        choices = Seeded(number)
        how = choices.below(2 * len(ways))  # otherwise libFuzzer mutates
        new: bytes = ways[how](choices, data) if how < len(ways) else atheris.Mutate(data, longest)
        return new[: min(longest, MAX_SIZE)]

    atheris.Setup([sys.argv[0], *arguments], read, custom_mutator=mutator)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1:])
