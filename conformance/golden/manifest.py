"""The manifest of the golden store: writers, cases, goldens, and the records of their frames."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from packaging.version import InvalidVersion, Version

from conformance.golden.files import Files
from conformance.golden.records import KINDS, key_of, merge, share, split
from conformance.wire.records import Record, take_apart

SCHEMA = 2
"""The version of the manifest; increases when a field changes its meaning or is removed."""

READ_BY = {"GOLDEN": "expressions", "GOLDENPLAN": "plans", "GOLDENCHAIN": "chain"}
"""The chapters that read goldens, with the kind that each reads."""


def kind_of(layer: str, codec_id: str | None) -> str:
    """Return the kind of a case's goldens, of which each is read by one chapter."""
    if codec_id is not None:
        return "chain"
    return "expressions" if layer == "expression" else "plans"


class StoreError(ValueError):
    """The store cannot be read or is incomplete; the text names the file and the problem."""


@dataclass(frozen=True)
class Golden:
    """One byte string and its writers.

    ``file`` is relative to the store. ``python`` is the minor version in the frames' headers.
    ``writers`` are keys of the manifest's ``writers``. ``frames`` and ``envelopes`` are the
    records of what the bytes hold (see ``conformance.wire.records``), which follow from them.
    """

    case: str
    file: str
    python: str
    size: int
    sha256: str
    writers: tuple[str, ...]
    frames: tuple[Record, ...] = field(default=(), compare=False, repr=False)
    envelopes: tuple[Record, ...] = field(default=(), compare=False, repr=False)

    @property
    def listing(self) -> str:
        """The file of the disassembly, if the store holds that of this golden."""
        return self.file.removesuffix(".bin") + ".txt"

    def with_records(self, data: bytes) -> Golden:
        """Return the golden with the records of what its bytes hold; may raise a ``WireError``."""
        records = take_apart(data)
        return replace(self, frames=tuple(records["frames"]), envelopes=tuple(records["envelopes"]))


@dataclass(frozen=True)
class Manifest:
    """The manifest: ``writers`` by key, ``cases`` by case id, and the goldens in order.

    The records of frames are whole in the goldens, and not in the cases.
    """

    writers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    cases: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    goldens: tuple[Golden, ...] = ()

    def kind(self, case: str) -> str:
        """Return the kind of the goldens of a case."""
        record = self.cases[case]
        return kind_of(record.get("layer", "expression"), record.get("codec_id"))

    @classmethod
    def read(cls, path: Path) -> Manifest:
        """Read the manifest in ``path``; raise ``StoreError`` if it is not valid."""
        try:
            document = json.loads(
                Files(path.parent).read(path.name), object_pairs_hook=reject_duplicate_keys
            )
        except FileNotFoundError:
            raise StoreError(f"{path}: the golden store has no manifest") from None
        except OSError as error:
            raise StoreError(f"{path}: cannot be read: {error.strerror}") from error
        except StoreError as error:
            raise StoreError(f"{path}: {error}") from None
        except (ValueError, RecursionError) as error:
            raise StoreError(f"{path}: not JSON: {error}") from error
        found = document.get("schema") if isinstance(document, dict) else None
        if isinstance(found, int) and found > SCHEMA:
            raise StoreError(
                f"{path}: schema {found}, of a newer dfpy-conformance: update this one, "
                f"which reads schema {SCHEMA}"
            )
        if type(found) is int and 0 < found < SCHEMA:
            raise StoreError(
                f"{path}: schema {found}, of an older dfpy-conformance; this one reads schema "
                f"{SCHEMA}: take the store that comes with it"
            )
        if found != SCHEMA:
            raise StoreError(f"{path}: schema {found!r}; this suite reads schema {SCHEMA}")
        try:
            manifest = cls._of(document)
            for wrong in manifest._faults():
                raise StoreError(f"{path}: {wrong}")
        except (KeyError, TypeError, AttributeError) as error:
            raise StoreError(f"{path}: a field is missing or unknown: {error}") from error
        return manifest

    @classmethod
    def _of(cls, document: Mapping[str, Any]) -> Manifest:
        """Return the manifest in a document, with the shared fields in each golden."""
        cases = document["cases"]
        shared = {id_: [case.pop(kind, []) for kind in KINDS] for id_, case in cases.items()}
        imports = document["import_sets"]
        goldens = []
        for entry in document["goldens"]:
            writers = tuple(document["writer_sets"][entry["writers"]])
            same = zip(KINDS, shared.get(entry["case"], ((), ())), strict=True)
            records = {
                kind: merge(kind, entry.get(kind, ()), one, entry["python"], imports)
                for kind, one in same
            }
            goldens.append(Golden(**{**entry, "writers": writers, **records}))
        return cls(document["writers"], cases, tuple(goldens))

    def _faults(self) -> Iterator[str]:
        """Yield the contradictions in the manifest."""
        for key, writer in self.writers.items():
            try:
                for name in ("engine", "cloudpickle", "python"):
                    Version(writer[name])
            except InvalidVersion as error:
                yield f"writer {key}: {name}: {error}"
        seen = set()
        for golden in self.goldens:
            texts = (golden.case, golden.file, golden.python, golden.sha256, *golden.writers)
            if not isinstance(golden.size, int) or not all(isinstance(one, str) for one in texts):
                yield f"golden {golden.file}: a field has the wrong type"
            elif not re.fullmatch(r"\d+\.\d+", golden.python):
                yield f"golden {golden.file}: python {golden.python}: expected a minor version"
            for one in (golden.file, *(f"{golden.case} by {key}" for key in golden.writers)):
                if one in seen:
                    yield f"duplicate golden: {one}"
                seen.add(one)

    def disassembled(self) -> list[Golden]:
        """Return the goldens whose disassemblies the store holds.

        Of cases with the same frames (``frames_of``), it is the newest golden: that of the newest
        Python, then of the newest cloudpickle, then engine.
        """
        names = ("cloudpickle", "engine", "python")
        ages = {key: [Version(one[name]) for name in names] for key, one in self.writers.items()}

        def age(golden: Golden) -> tuple[Version, list[Version], str]:
            known = [ages[key] for key in golden.writers if key in ages]
            return Version(golden.python), max(known, default=[]), golden.file

        newest: dict[str, Golden] = {}
        for golden in sorted(self.goldens, key=age):
            label = self.cases.get(golden.case, {}).get("frames_of", golden.case)
            newest[label] = golden
        return list(newest.values())

    def text(self) -> str:
        """Return the manifest as JSON; equal manifests give equal text."""
        shared = self._shared()
        imports = [frame["imports"] for one in self.goldens for frame in one.frames]
        cases = {
            id_: {**case, **{kind: one for kind, one in shared.get(id_, {}).items() if one}}
            for id_, case in self.cases.items()
        }
        parts: dict[str, Mapping[str, object]] = {
            "writers": self.writers,
            "writer_sets": {key_of(one.writers): one.writers for one in self.goldens},
            "import_sets": {key_of(one): one for one in imports},
            "cases": cases,
        }
        # One record per line, so that a diff shows whole records.
        tables = "".join(f"{_line(name)}: {{\n{_lines(one)}\n}},\n" for name, one in parts.items())
        goldens = ",\n".join(_line(_entry(one, shared[one.case])) for one in self.goldens)
        return f'{{"schema": {SCHEMA},\n{tables}"goldens": [\n{goldens}\n]}}\n'

    def _shared(self) -> dict[str, dict[str, list[Record]]]:
        """Return the fields that the goldens of each case share, by kind of record."""
        by_case: dict[str, list[Golden]] = {}
        for golden in self.goldens:
            by_case.setdefault(golden.case, []).append(golden)
        return {
            id_: {kind: share([getattr(one, kind) for one in goldens]) for kind in KINDS}
            for id_, goldens in by_case.items()
        }


def _entry(golden: Golden, shared: Mapping[str, Sequence[Record]]) -> dict[str, Any]:
    """Return a golden's record in the manifest."""
    names = ("case", "file", "python", "size", "sha256")
    records = {
        kind: split(kind, getattr(golden, kind), shared[kind], golden.python) for kind in KINDS
    }
    return {
        **{name: getattr(golden, name) for name in names},
        "writers": key_of(golden.writers),
        **{kind: own for kind, own in records.items() if own},
    }


def reject_duplicate_keys(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Return a record of JSON; raise for a duplicate key, which would lose a value."""
    record: dict[str, Any] = {}
    for key, value in pairs:
        if key in record:
            raise StoreError(f"duplicate key {key!r} in a record")
        record[key] = value
    return record


def _line(record: object) -> str:
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"))


def _lines(records: Mapping[str, object]) -> str:
    return ",\n".join(f"{_line(key)}: {_line(records[key])}" for key in sorted(records))
