"""Updates under faults: killed, on a full disk, in a read-only folder. Nothing is lost."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import NamedTuple

import pytest

from conformance.golden.store import Store
from conformance.processes.child import Child
from conformance.util import atomic
from conformance.util.file_lock import file_lock
from tests.conftest import ROOT
from tests.golden.samples import CASES, content, of, payload_changed, saved, writing

OLD = [writing("3.0.0"), writing("3.1.2")]
OTHER = payload_changed(OLD[1].data["scalar/lambda"], b"value\0", b"valuo\0")
NEW = [of(OLD[1], scalar=OTHER), writing("2.1.0")]
"""The first replaces a golden, which has a disassembly; the second adds some."""


class Ended(NamedTuple):
    """The end of the command: exit code or minus the signal, output, whether the fault came."""

    code: int
    output: str
    struck: bool


@dataclass
class Storm:
    """One warm process that updates stores again and again, and the expected stores."""

    child: Child
    folder: Path
    """Holds the writings, and a store of the ``OLD`` ones."""

    def __post_init__(self) -> None:
        for name, writings in (("first", OLD[:1]), ("old", OLD), ("new", NEW)):
            (self.folder / name).mkdir()
            for number, one in enumerate(writings):
                saved(one, self.folder / name / f"{number}.written")
        kept, warm, first = (self.folder / name for name in ("kept", "warm", "nothing"))
        runs = [(kept, "old"), (warm, "old"), (warm, "new"), (first, "first")]
        arguments = [self._arguments(*one) for one in runs]
        self.child.call("tests.tasks.goldens.strikes:prepare", list(CASES), *arguments, deadline=60)
        self.kept = content(kept)
        self.expected = {"kept": content(warm), "nothing": content(first)}

    def fresh(self, store: Path, start: str) -> Path:
        """A store to strike, in the place of an earlier one."""
        shutil.rmtree(store, ignore_errors=True)
        if start == "kept":
            shutil.copytree(self.folder / "kept", store)
        return store

    def update(self, store: Path, writings: str, fault: str = "none", at: int = 0) -> Ended:
        """Run the command that adds these outputs to the store."""
        return self.run(*self._arguments(store, writings), fault=fault, at=at)

    def run(
        self, *arguments: str, fault: str = "none", at: int = 0, within: str | Path = "."
    ) -> Ended:
        """Run the command in the folder ``within``."""
        given = (fault, at, str(within), *arguments)
        return Ended(*self.child.call("tests.tasks.goldens.strikes:strike", *given, deadline=30))

    def _arguments(self, store: Path, writings: str) -> list[str]:
        replace = ["--replace", "scalar/lambda"] if writings == "new" else []
        return ["update", "--store", str(store), *replace, str(self.folder / writings)]

    def states(self, start: str) -> list[bytes | None]:
        """The manifests that there may be, in their order."""
        tables = ("writers", "writer_sets", "import_sets", "cases")
        lines = "".join(f'"{name}": {{\n\n}},\n' for name in tables)
        empty = f'{{"schema": 2,\n{lines}"goldens": [\n\n]}}\n'.encode()
        before = [self.kept["manifest.json"]] if start == "kept" else [None, empty]
        return [*before, self.expected[start]["manifest.json"]]


START = {"kept": "new", "nothing": "first"}
"""From which store the writings of which name are taken up."""

each_start = pytest.mark.parametrize("start", START)


@pytest.fixture(scope="module")
def storm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storm]:
    child = Child(env={**os.environ, "PYTHONPATH": str(ROOT)})
    yield Storm(child, tmp_path_factory.mktemp("storm"))
    child.close()


def state(store: Path, states: list[bytes | None]) -> int:
    """Which of the manifests is there; all that it lists must be there too, and be whole."""
    path = store / "manifest.json"
    manifest = path.read_bytes() if path.exists() else None
    assert manifest in states
    if manifest is not None:
        for line in Store(store).problems():
            assert line.endswith(": not in the manifest")
    return states.index(manifest)


def lost_nothing(storm: Storm, store: Path, start: str) -> int:
    """The state, from which the next run comes to the same bytes as one that nobody disturbed."""
    seen = state(store, storm.states(start))
    again = storm.update(store, START[start])
    assert again.code == 1, again.output
    assert content(store) == storm.expected[start]
    return seen


@each_start
def test_killed_before_each_step(storm: Storm, tmp_path: Path, start: str) -> None:
    seen = []
    for at in count():
        store = storm.fresh(tmp_path / "golden", start)
        ended = storm.update(store, START[start], "killed", at)
        if not ended.struck:
            break
        assert ended.code == -9
        seen.append(lost_nothing(storm, store, start))
    assert ended.code == 1, ended.output
    assert seen == sorted(seen)  # from the old store to the new one, and never back
    assert {*seen} == {*range(len(storm.states(start)))}
    assert at > 30


def test_killed_at_a_hundred_random_moments(storm: Storm, tmp_path: Path) -> None:
    """One after the other, on what the one before left."""
    draw, span, kills = random.Random(4), 10_000.0, 0
    store = storm.fresh(tmp_path / "golden", "kept")
    while kills < 100:
        ended = storm.update(store, "new", "killed after", int(draw.uniform(1, span)))
        kills += ended.struck
        # So that about as many get through as do not, however quick this machine is.
        span *= 1.1 if ended.struck else 0.7
        state(store, storm.states("kept"))
        if not ended.struck:
            assert ended.code in (0, 1), ended.output
            assert content(store) == storm.expected["kept"]
            storm.fresh(store, "kept")


def sizes(storm: Storm) -> list[int]:
    """Sizes that some of the files to write have, and that one at least goes beyond."""
    new = storm.expected["kept"].items()
    return [0, *sorted({len(data) - 1 for name, data in new if storm.kept.get(name) != data})]


def test_killed_in_the_middle_of_a_write(storm: Storm, tmp_path: Path) -> None:
    """The system kills it without warning: half a file is left, under a temporary name."""
    halves = set()
    for size in sizes(storm):
        store = storm.fresh(tmp_path / "golden", "kept")
        assert storm.update(store, "new", "killed in a write", size).struck
        (half,) = store.rglob(f"{atomic.PREFIX}*")
        halves.add(half.stat().st_size)
        assert lost_nothing(storm, store, "kept") == 0
    assert len(halves) > 3


@pytest.mark.parametrize("fault", ["disk full", "read-only"])
def test_a_step_that_fails(storm: Storm, tmp_path: Path, fault: str) -> None:
    """A read-only disk lets nothing through from then on, not even tidying up."""
    message = {"disk full": "No space left on device", "read-only": "Read-only file system"}[fault]
    for at in count():
        store = storm.fresh(tmp_path / "golden", "kept")
        ended = storm.update(store, "new", fault, at)
        if not ended.struck:
            break
        one_clear_error(ended, store, f"cannot be written: {message}")
        if fault == "disk full":
            assert list(store.rglob(f"{atomic.PREFIX}*")) == []
        state(store, storm.states("kept"))
    assert ended.code == 1, ended.output
    assert at > 30


def one_clear_error(ended: Ended, store: Path, message: str) -> None:
    """Check that the output is one line with a file of the store and the message."""
    assert ended.code == 2, ended.output
    assert ended.output.count("\n") == 1, ended.output
    assert ended.output.startswith(f"golden: {store}/"), ended.output
    assert ended.output.endswith(f": {message}\n"), ended.output
    assert atomic.PREFIX not in ended.output


def test_files_that_may_not_grow(storm: Storm, tmp_path: Path) -> None:
    """The system itself refuses to write more: the error names the file; the old store stays."""
    for size in sizes(storm):
        store = storm.fresh(tmp_path / "golden", "kept")
        ended = storm.update(store, "new", "file too large", size)
        one_clear_error(ended, store, "cannot be written: File too large")
        assert lost_nothing(storm, store, "kept") == 0


def test_a_folder_that_may_not_be_written(storm: Storm, tmp_path: Path) -> None:
    """Refused by the system itself; reading is all that ``check`` needs."""
    store = storm.fresh(tmp_path / "golden", "kept")
    shutil.copytree(storm.folder / "new", tmp_path / "new")
    shutil.copytree(storm.folder / "old", tmp_path / "old")
    tmp_path.chmod(0o755)
    for folder in (store, *(path for path in store.rglob("*") if path.is_dir())):
        folder.chmod(0o555)
    try:
        arguments = ("update", "--store", "golden", "--replace", "scalar/lambda", "new")
        ended = storm.run(*arguments, fault="without rights", within=tmp_path)
        looked = storm.run(
            "check", "--store", "golden", "old", fault="without rights", within=tmp_path
        )
    finally:
        for folder in (store, *(path for path in store.rglob("*") if path.is_dir())):
            folder.chmod(0o755)
    one_clear_error(ended, Path("golden"), "cannot be written: Permission denied")
    assert content(store) == storm.kept
    assert (looked.code, looked.output) == (0, "6 goldens, 2 writers: the same bytes and texts.\n")


def test_two_at_once(storm: Storm, tmp_path: Path) -> None:
    """The second leaves the store alone; those who only look do so side by side."""
    store = storm.fresh(tmp_path / "golden", "kept")
    message = "another process is using this store; wait for it to finish"
    old = ("check", "--store", str(store), str(storm.folder / "old"))
    with file_lock(store):
        for ended in (storm.update(store, "new"), storm.run(*old)):
            assert (ended.code, ended.output) == (2, f"golden: {store}: {message}\n")
    assert content(store) == storm.kept
    with file_lock(store, shared=True):
        assert storm.run(*old).code == 0
        assert storm.update(store, "new").code == 2
    assert storm.update(store, "new").code == 1


def test_a_killed_run_leaves_no_lock(storm: Storm, tmp_path: Path) -> None:
    store = storm.fresh(tmp_path / "golden", "kept")
    assert storm.update(store, "new", "killed", 20).code == -9
    assert storm.update(store, "new").code == 1


def test_stale_files_of_a_killed_run_are_removed(storm: Storm, tmp_path: Path) -> None:
    """A half-written file, and goldens that the manifest lists no more; nobody else's files."""
    store = storm.fresh(tmp_path / "golden", "kept")
    folder = store / "DFPYUDF/v1/scalar/lambda"
    left = [folder / f"{atomic.PREFIX}abc", store / f"{atomic.PREFIX}abc"]
    left += [folder / f"py3.9-00000000.{ending}" for ending in ("bin", "txt")]
    mine = [store / "README.md", store / "notes.txt", folder / "why.txt", folder / "mine.bin"]
    for path in (*left, *mine):
        path.write_bytes(b"x")
    ended = storm.update(store, "old")
    assert ended.code == 1
    for path in left:
        assert f"removed {path}, which the manifest does not list\n" in ended.output
        assert not path.exists()
    assert content(store) == storm.kept | {str(path.relative_to(store)): b"x" for path in mine}
    assert storm.update(store, "old").code == 0


def test_a_store_without_its_manifest_is_not_overwritten(storm: Storm, tmp_path: Path) -> None:
    """The goldens of older engines would be lost."""
    store = storm.fresh(tmp_path / "golden", "kept")
    (store / "manifest.json").unlink()
    before = content(store)
    ended = storm.update(store, "new")
    message = "there are goldens but no manifest.json: restore it first"
    assert (ended.code, ended.output) == (2, f"golden: {store}: {message}\n")
    assert content(store) == before


def test_a_store_that_is_not_there(storm: Storm, tmp_path: Path) -> None:
    store = tmp_path / "golden"
    ended = storm.run("check", "--store", str(store), str(storm.folder / "old"))
    assert (ended.code, ended.output) == (2, f"golden: {store}: no such folder\n")
    assert not store.exists()


@pytest.mark.parametrize("fault", ["cut", "newer", "twice"])
def test_an_invalid_manifest_is_left_alone(storm: Storm, tmp_path: Path, fault: str) -> None:
    store = storm.fresh(tmp_path / "golden", "kept")
    path = store / "manifest.json"
    text = path.read_text()
    first = text[text.index('{"case":') :].splitlines()[0]
    damaged = {
        "cut": text[: len(text) // 2],
        "newer": text.replace('"schema": 2', '"schema": 3', 1),
        "twice": text.replace(first, f"{first}\n{first}", 1),
    }[fault]
    path.write_text(damaged)
    before = content(store)
    says = {
        "cut": "not JSON: ",
        "newer": "schema 3, of a newer dfpy-conformance: update this one, which reads schema 2\n",
        "twice": "duplicate golden: ",
    }[fault]
    for ended in (
        storm.update(store, "new"),
        storm.run("check", "--store", str(store), str(storm.folder / "old")),
    ):
        assert ended.code == 2, ended.output
        assert ended.output.startswith(f"golden: {path}: ")
        assert says in ended.output
        assert ended.output.count("\n") == 1
        assert content(store) == before


def test_only_regular_files_are_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "file").write_bytes(b"old")
    (tmp_path / "link").symlink_to("file")
    with pytest.raises(OSError, match="not a regular file"):
        atomic.write(tmp_path / "fifo", b"new")
    atomic.write(tmp_path / "link", b"new")
    assert (tmp_path / "fifo").is_fifo()
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "file").read_bytes() == b"new"
