"""A small store: three cases by four writers, made of goldens of the real one."""

from __future__ import annotations

import base64
import json
import sys
from functools import cache
from pathlib import Path
from types import ModuleType
from unittest import mock

from conformance import wire
from conformance.golden.store import Golden, Store
from conformance.wire import Frame
from tasks.goldens import negative
from tasks.goldens.regenerate import WriterOutput, apply, plan_update
from tests.conftest import ROOT

CASES = ("scalar/lambda", "aggregate/state-fields", "window/whole-partition")
PYTHON = "3.12"
CLOUDPICKLES = ("2.1.0", "3.0.0", "3.1.0", "3.1.2")


@cache
def _real() -> dict[tuple[str, str], WriterOutput]:
    """Return the output of 55.0.0, by cloudpickle and Python."""
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
    """Return the writer's output with this cloudpickle."""
    return _real()[cloudpickle, python]


def of(one: WriterOutput, **changes: bytes | None) -> WriterOutput:
    """Return the same writer's output with other bytes (or none) for a family."""
    written = dict(one.data)
    for family, data in changes.items():
        (case,) = (case for case in CASES if case.startswith(family))
        if data is None:
            del written[case]
        else:
            written[case] = data
    return WriterOutput(one.writer, written)


def by(one: WriterOutput, **versions: str) -> WriterOutput:
    """Return the same bytes by another writer."""
    return WriterOutput({**one.writer, **versions}, one.data)


def saved(one: WriterOutput, path: Path) -> Path:
    """Save the output as the golden writer does; return the path."""
    written = {case: base64.b64encode(data).decode() for case, data in one.data.items()}
    path.write_text(json.dumps({"writer": dict(one.writer), "written": written}))
    return path


def make(folder: Path, *writings: WriterOutput) -> Store:
    """Make a store of these outputs."""
    apply(folder, plan_update(folder, writings))
    negative.apply(folder, negative.plan_update(folder))
    return Store(folder)


def full(folder: Path) -> Store:
    """Make a store of all four writers."""
    return make(folder, *(writing(cloudpickle) for cloudpickle in CLOUDPICKLES))


def golden_of(store: Store, family: str) -> Golden:
    """Return the newest golden of the family, which has a disassembly."""
    goldens = store.manifest.disassembled()
    return next(golden for golden in goldens if golden.case.startswith(family))


def content(folder: Path) -> dict[str, bytes]:
    """Return the bytes of every file."""
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


def write_archive(folder: Path, archive: Path) -> None:
    """Call ``write_archive`` of the build hook, whose package needs hatchling only for builds."""
    interface = ModuleType("hatchling.builders.hooks.plugin.interface")
    vars(interface)["BuildHookInterface"] = object
    names = [interface.__name__.rsplit(".", count)[0] for count in range(5)]
    stubs = {name: ModuleType(name) for name in names} | {interface.__name__: interface}
    with mock.patch.dict(sys.modules, stubs):
        from tasks import wheel

        wheel.write_archive(folder, archive)
