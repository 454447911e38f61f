"""Damaged golden stores, for the clauses that no engine can break."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

from conformance import wire
from conformance.golden.store import Golden, Manifest, Store
from conformance.subjects.engine import Engine
from tasks.faults.fault import breaks

PYTHON = "3.11" if sys.version_info[:2] != (3, 11) else "3.12"
"""The Python whose goldens are altered. It is not the one that runs."""


class AlteredStore(Engine):
    """An engine with a patched golden store, until the process exits.

    ``change_content`` changes what is read from files, ``change_listed`` the goldens in the
    manifest, ``change_offered`` the goldens of a Python, and ``change_data`` the bytes of a
    golden after their checksum has been compared.
    """

    def __init__(self) -> None:
        super().__init__()
        self._patch(Path, "read_bytes", lambda path, data: self.change_content(path, data))
        self._patch(Store, "data", lambda _, data, golden: self.change_data(golden, data))
        self._patch(Store, "of_python", lambda _, found, __: self.change_offered(found))

        def manifest(store: Store) -> Manifest:
            attributes = vars(store)
            if "altered" not in attributes:
                whole: Manifest = attributes["manifest"]
                attributes["altered"] = replace(
                    whole, goldens=tuple(self.change_listed(whole.goldens))
                )
            altered: Manifest = attributes["altered"]
            return altered

        def put(store: Store, whole: Manifest) -> None:
            vars(store)["manifest"] = whole

        Store.manifest = property(manifest, put)  # type: ignore[assignment]

    @staticmethod
    def _patch(owner: Any, name: str, change: Callable[..., Any]) -> None:
        original = getattr(owner, name)

        def changed(self: Any, *arguments: Any) -> Any:
            return change(self, original(self, *arguments), *arguments)

        mock.patch.object(owner, name, changed).start()

    def change_content(self, path: Path, data: bytes) -> bytes:
        del path
        return data

    def change_listed(self, goldens: Sequence[Golden]) -> Sequence[Golden]:
        return goldens

    def change_offered(self, found: list[tuple[str, Golden]]) -> list[tuple[str, Golden]]:
        return found

    def change_data(self, golden: Golden, data: bytes) -> bytes:
        del golden
        return data


def is_of(golden: Golden, case: str) -> bool:
    """Return whether a golden belongs to ``case`` and to the Python that is altered."""
    return (golden.case, golden.python) == (case, PYTHON)


def make_stable(data: bytes) -> bytes:
    """Return ``data`` with stable in place of immutable UDFs."""
    new = {f.path: f.data.replace(b"\timmutable", b"\6stable") for f in wire.find(data)}
    return wire.replace(data, new)


@breaks("GOLDENPLAN-05")
class LayersDiffer(AlteredStore):
    """Change the volatility of a UDF in one layer's golden."""

    def change_data(self, golden: Golden, data: bytes) -> bytes:
        return make_stable(data) if is_of(golden, "physical-plan/sort-memory") else data


@breaks("GOLDENPLAN-06")
class AQueryHasNoLogicalGoldens(AlteredStore):
    """Remove all goldens of a query's logical plan."""

    def change_offered(self, found: list[tuple[str, Golden]]) -> list[tuple[str, Golden]]:
        return [one for one in found if not is_of(one[1], "logical-plan/sort-values")]


@breaks("GOLDENCHAIN-05")
class AChainHasNoGolden(AlteredStore):
    """Remove the golden of a physical plan with an envelope."""

    def change_offered(self, found: list[tuple[str, Golden]]) -> list[tuple[str, Golden]]:
        return [one for one in found if not is_of(one[1], "chain/physical-plan-window")]
