"""Compare what engines write now with the goldens."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from conformance.golden.store import Golden, Store
from conformance.inspection.differences import differences
from tasks.goldens.regenerate import WriterOutput, equivalent_writer_key


@dataclass(frozen=True)
class ByteDifference:
    """A difference between a writer's output and a golden.

    It is ``fatal`` unless a patch release of Python explains it.
    """

    case: str
    writer: str
    text: str
    fatal: bool = True

    def __str__(self) -> str:
        return f"{self.case} by {self.writer}: {self.text}"


def compare(store: Store, outputs: Iterable[WriterOutput]) -> Iterator[ByteDifference]:
    """Compare each output with the goldens of the same writer, byte for byte.

    If no golden has exactly this writer, compare field by field with those of the same engine,
    cloudpickle and Python minor; a difference that only a Python patch release brings is
    reported and not fatal. A case that one of them wrote inline must still be written inline.
    """
    kept = {golden: store.data(golden) for golden in store.manifest.goldens}
    for output in outputs:
        by_case: dict[str, list[Golden]] = {}
        for golden in kept:
            if golden.python == output.python:
                by_case.setdefault(golden.case, []).append(golden)
        for case, data in output.data.items():
            goldens = by_case.get(case, [])
            own = [golden for golden in goldens if output.key in golden.writers]
            near = own or [golden for golden in goldens if _wrote_equivalent(store, golden, output)]
            if not near:
                yield ByteDifference(
                    case, output.key, "no golden of this engine, cloudpickle and Python"
                )
                continue
            found = min((list(differences(kept[golden], data)) for golden in near), key=len)
            for one in found:
                yield ByteDifference(case, output.key, str(one), fatal=bool(own) or not one.minor)
        for case, goldens in by_case.items():
            if case in output.data:
                continue
            if any(_wrote_equivalent(store, golden, output) for golden in goldens):
                yield ByteDifference(
                    case,
                    output.key,
                    "a golden was written inline; now the case is not written inline",
                )


def _wrote_equivalent(store: Store, golden: Golden, output: WriterOutput) -> bool:
    wanted = equivalent_writer_key(output.writer)
    return any(
        equivalent_writer_key(store.manifest.writers[key]) == wanted for key in golden.writers
    )
