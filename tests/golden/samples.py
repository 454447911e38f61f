"""A small store: three cases by four writers, made of goldens of the real one."""

from __future__ import annotations

import base64
import json
from functools import cache
from pathlib import Path

from conformance import wire
from conformance.golden.store import Golden, Store
from conformance.wire import Frame
from tasks.goldens.regenerate import WriterOutput, apply, plan_update
from tests.conftest import ROOT

CASES = ("scalar/lambda", "aggregate/state-fields", "window/whole-partition")
PYTHON = "3.12"
CLOUDPICKLES = ("2.1.0", "3.0.0", "3.1.0", "3.1.2")


@cache
def _real() -> dict[tuple[str, str], WriterOutput]:
    """What 55.0.0 wrote, by cloudpickle and Python."""
    store = Store(ROOT / "golden")
    found: dict[str, dict[str, bytes]] = {}
    for golden in store.manifest.goldens:
        if golden.case in CASES:
            for key in golden.writers:
                found.setdefault(key, {})[golden.case] = store.data(golden)
    return {
        (writer["cloudpickle"], ".".join(writer["python"].split(".")[:2])): WriterOutput(
            writer, data
        )
        for key, data in found.items()
        if (writer := store.manifest.writers[key])["engine"] == "55.0.0"
    }


def writing(cloudpickle: str = "3.1.2", python: str = PYTHON) -> WriterOutput:
    """What was written with this cloudpickle."""
    return _real()[cloudpickle, python]


def of(one: WriterOutput, **changes: bytes | None) -> WriterOutput:
    """The same writer, who wrote other bytes (or none) for a family."""
    written = dict(one.data)
    for family, data in changes.items():
        (case,) = (case for case in CASES if case.startswith(family))
        if data is None:
            del written[case]
        else:
            written[case] = data
    return WriterOutput(one.writer, written)


def by(one: WriterOutput, **versions: str) -> WriterOutput:
    """The same bytes by another writer."""
    return WriterOutput({**one.writer, **versions}, one.data)


def saved(one: WriterOutput, path: Path) -> Path:
    """The writing as ``golden.writer`` leaves it."""
    written = {case: base64.b64encode(data).decode() for case, data in one.data.items()}
    path.write_text(json.dumps({"writer": dict(one.writer), "written": written}))
    return path


def make(folder: Path, *writings: WriterOutput) -> Store:
    """A store of these writings."""
    apply(folder, plan_update(folder, writings))
    return Store(folder)


def full(folder: Path) -> Store:
    """A store of all four writers."""
    return make(folder, *(writing(cloudpickle) for cloudpickle in CLOUDPICKLES))


def golden_of(store: Store, family: str) -> Golden:
    """One golden of the family."""
    return next(golden for golden in store.manifest.goldens if golden.case.startswith(family))


def content(folder: Path) -> dict[str, bytes]:
    """Every file with its bytes."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def payload_changed(data: bytes, old: bytes, new: bytes) -> bytes:
    """The expression with other bytes in its payload, all lengths around it corrected."""
    (found,) = wire.find(data)
    frame = found.frame()
    assert frame.payload.count(old) >= 1, old
    other = Frame(frame.family, frame.wire_version, frame.python, frame.payload.replace(old, new))
    return wire.replace(data, {found.path: other.to_bytes()})


def header_changed(data: bytes, offset: int, value: int) -> bytes:
    """The expression with another byte in the frame's header."""
    (found,) = wire.find(data)
    at = found.offset + offset
    return data[:at] + bytes([value]) + data[at + 1 :]
