"""The negative vectors of the store: ``golden/negative/vectors.json``.

The file is what ``conformance.negative.build`` makes, for programs in any language. Nothing here
imports an engine.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance.golden.files import Files
from conformance.golden.manifest import StoreError, reject_duplicate_keys
from conformance.golden.store import NEGATIVE, root
from conformance.negative import STORED, Demand, Receiver, Vector, build
from conformance.negative.vector import ARTIFACTS, FAMILIES

SCHEMA = 1
"""The version of the file; increases when a field changes its meaning or is removed."""

FILE = f"{NEGATIVE}/vectors.json"


@dataclass(frozen=True)
class NegativeVectors:
    """The vectors, and the minor version of the receiver's Python, such as ``3.12``."""

    python: str
    vectors: tuple[Vector, ...]


def built() -> NegativeVectors:
    """Return what the builders make for the store."""
    return NegativeVectors("{}.{}".format(*STORED), build(STORED))


def read(folder: Path | None = None) -> NegativeVectors:
    """Read the file of a store; raise ``StoreError``, which names it, if it is not valid."""
    place = root() if folder is None else folder
    path = place / FILE
    try:
        return parse(Files(place).read(FILE))
    except FileNotFoundError:
        raise StoreError(f"{path}: the negative vectors are missing") from None
    except OSError as error:
        raise StoreError(f"{path}: cannot be read: {error.strerror}") from error
    except StoreError as error:
        raise StoreError(f"{path}: {error}") from None


def parse(data: bytes) -> NegativeVectors:
    """Parse the content of the file; raise ``StoreError`` if it is not valid."""
    try:
        document = json.loads(data, object_pairs_hook=reject_duplicate_keys)
        if document["schema"] != SCHEMA:
            found = document["schema"]
            raise StoreError(f"schema {found!r}; this suite reads schema {SCHEMA}")
        vectors = tuple(map(_vector, document["vectors"]))
        python: str = document["python"]
    except StoreError:
        raise
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise StoreError(f"not a file of negative vectors: {error!r}") from error
    for id_, count in Counter(vector.id for vector in vectors).items():
        if count > 1:
            raise StoreError(f"duplicate vector: {id_}")
    return NegativeVectors(python, vectors)


def _vector(record: Mapping[str, Any]) -> Vector:
    session = record["session"]
    demands = tuple(
        Demand(
            one["clause"],
            one.get("kind", ""),
            tuple(one.get("words", ())),
            one.get("unpickles", True),
        )
        for one in record["demands"]
    )
    receiver = Receiver(
        session["inlining"],
        tuple(session["codecs"]),
        tuple((family, name) for family, name in session["registered"]),
    )
    vector = Vector(
        record["id"],
        record["note"],
        record["artifact"],
        bytes.fromhex(record["data"]),
        record["do"],
        demands,
        receiver,
        record["since"],
    )
    if _record(vector) != record or not _is_valid(vector):
        raise StoreError(f"vector {vector.id}: a field is unknown or has the wrong type or value")
    return vector


def _is_valid(vector: Vector) -> bool:
    """Return whether every field has a value of its type."""
    there = vector.receiver
    texts = [vector.id, vector.note, vector.since, *there.codecs]
    texts += [name for _, name in there.registered]
    for one in vector.demands:
        texts += [one.clause, one.kind, *one.words]
    return (
        all(isinstance(text, str) for text in texts)
        and isinstance(there.inlining, bool)
        and vector.artifact in ARTIFACTS
        and vector.do in ("refuse", "accept")
        and all(family in FAMILIES for family, _ in there.registered)
        and bool(vector.demands)
    )


def _record(vector: Vector) -> dict[str, Any]:
    there = vector.receiver
    return {
        "id": vector.id,
        "note": vector.note,
        "artifact": vector.artifact,
        "since": vector.since,
        "session": {
            "inlining": there.inlining,
            "codecs": [*there.codecs],
            "registered": [[*one] for one in there.registered],
        },
        "do": vector.do,
        "demands": [*map(_demand, vector.demands)],
        "data": vector.data.hex(),
    }


def _demand(one: Demand) -> dict[str, Any]:
    return {
        "clause": one.clause,
        **({"kind": one.kind} if one.kind else {}),
        **({"words": [*one.words]} if one.words else {}),
        **({} if one.unpickles else {"unpickles": False}),
    }


def text(found: NegativeVectors) -> str:
    """Return the content of the file: one vector per line; equal vectors give equal text."""
    lines = ",\n".join(json.dumps(_record(one), ensure_ascii=False) for one in found.vectors)
    head = f'"schema": {SCHEMA}, "python": {json.dumps(found.python)}'
    return f'{{{head}, "vectors": [\n{lines}\n]}}\n'


def differences(stored: NegativeVectors, made: NegativeVectors) -> Iterator[str]:
    """Yield how the stored vectors differ from those that the builders make, a line each."""
    if stored.python != made.python:
        yield f"python: stored {stored.python}, the builders make {made.python}"
    old, new = ({one.id: one for one in each.vectors} for each in (stored, made))
    yield from (f"{id_}: no builder makes it" for id_ in _missing(old, new))
    yield from (f"{id_}: not in the file" for id_ in _missing(new, old))
    for id_ in old.keys() & new.keys():
        before, after = _record(old[id_]), _record(new[id_])
        if changed := [name for name in before if before[name] != after[name]]:
            yield f"{id_}: changed: {', '.join(changed)}"
    if [*old] != [*new] and old.keys() == new.keys():
        yield "the vectors have another order"


def _missing(of: Iterable[str], there: Mapping[str, Vector]) -> Iterator[str]:
    return (id_ for id_ in of if id_ not in there)
