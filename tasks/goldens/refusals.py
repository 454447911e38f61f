"""Update the refusals in the store with what writers observed, and compare the two."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from packaging.version import Version

from conformance.golden import refusals
from conformance.golden.refusals import SCHEMA, Refusal, Refusals, WriterKey
from conformance.golden.store import REFUSALS, StoreError
from conformance.util import atomic
from conformance.util.text_diff import word_diff
from conformance.util.versions import minor_version

Rows = Mapping[str, Refusal]

_VERSIONS = ("python", "cloudpickle", "pyarrow", "platform")
"""What a file says of each writer."""


@dataclass(frozen=True)
class Observed:
    """The output of one writer: its versions, the refusal of each row, and what was done."""

    writer: Mapping[str, str]
    rows: Rows
    done: Mapping[str, str]

    @property
    def key(self) -> WriterKey:
        """The Python minor version and the cloudpickle version."""
        return minor_version(self.writer["python"]), self.writer["cloudpickle"]

    @classmethod
    def read(cls, path: Path) -> Observed | None:
        """Read the writer's file ``path``; return ``None`` if it holds no refusals."""
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
            if "refusals" not in document:
                return None
            found: Mapping[str, Any] = document["refusals"]
            rows = {row: Refusal(**one["refusal"]) for row, one in found.items()}
            return cls(document["writer"], rows, {row: one["done"] for row, one in found.items()})
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise StoreError(f"{path}: not a file of the golden writer: {error}") from error


def to_json(observed: Mapping[str, tuple[str, Refusal]]) -> dict[str, Any]:
    """Return what ``observe_all`` observed as JSON, for ``Observed.read``."""
    return {
        row: {"done": done, "refusal": asdict(refusal)} for row, (done, refusal) in observed.items()
    }


@dataclass
class RefusalsUpdate:
    """The new files of refusals by name, and messages: what was added, and what is refused."""

    files: dict[str, str] = field(default_factory=dict)
    added: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


def plan_update(
    folder: Path, observed: Iterable[Observed], replaced: frozenset[str] = frozenset()
) -> RefusalsUpdate:
    """Return the update of the refusals under ``folder``.

    A new release, writer or row is added. A changed refusal, and a row that no writer observes
    any longer, are refused unless ``replaced`` names the file, such as ``refusals/55.0.0``: then
    it is written again from these observations, which must include each of its writers. Raises
    ``StoreError`` for a file that cannot be read.
    """
    result = RefusalsUpdate()
    by_engine: dict[str, list[Observed]] = {}
    for one in observed:
        by_engine.setdefault(one.writer["engine"], []).append(one)
    known = refusals.engines(folder)
    if unknown := replaced - {f"{REFUSALS}/{engine}" for engine in [*known, *by_engine]}:
        raise StoreError(f"--replace {min(unknown)}: unknown release")
    for engine, found in by_engine.items():
        name = f"{REFUSALS}/{engine}"
        old = refusals.read(engine, folder) if engine in known else Refusals(engine)
        changes = [*differences(old, found)]
        added = [*_additions(old, found)]
        if name in replaced:
            result.refused += [f"{name}: {line}" for line in _not_rewritten(old, found)]
            old = Refusals(engine)
            added += changes
        else:
            result.refused += [f"{name}: {line}" for line in changes]
        text = format_refusals(_merge(old, found))
        result.files[f"{name}.toml"] = text
        if added:
            result.added += [f"{name}: {line}" for line in added]
        elif not changes and engine in known and _content(folder, f"{name}.toml") != text:
            result.added.append(f"{name}: another order or form")
    return result


def apply(folder: Path, change: RefusalsUpdate) -> None:
    """Write the files; raise ``StoreError`` if one cannot be written."""
    for name, text in change.files.items():
        if _content(folder, name) != text:
            try:
                atomic.write(folder / name, text.encode())
            except OSError as error:
                message = f"{folder / name}: cannot be written: {error.strerror}"
                raise StoreError(message) from error


def compare(folder: Path, observed: Iterable[Observed]) -> Iterator[str]:
    """Yield what writers observe now that the store does not hold, and the reverse."""
    known = {engine: refusals.read(engine, folder) for engine in refusals.engines(folder)}
    for one in observed:
        engine = one.writer["engine"]
        where = f"{REFUSALS}/{engine}"
        old = known.get(engine, Refusals(engine))
        found = [*_additions(old, [one]), *differences(old, [one])]
        yield from (f"{where}: {line}" for line in found)


def differences(old: Refusals, observed: Sequence[Observed]) -> Iterator[str]:
    """Yield the rows of the same writer that changed or are gone, a line each."""
    for one in observed:
        if one.key not in old.writers:
            continue
        for row, before in old.by_row(one.key).items():
            now = one.rows.get(row)
            if now is None:
                yield f"{row} by {_shown(one)}: no longer observed"
            elif now != before:
                yield f"{row} by {_shown(one)}: {word_diff(str(before), str(now))}"


def _additions(old: Refusals, observed: Sequence[Observed]) -> Iterator[str]:
    for one in observed:
        if one.key not in old.writers:
            yield f"{len(one.rows)} rows by {_shown(one)}"
        elif new := one.rows.keys() - old.by_row(one.key).keys():
            yield f"{len(new)} new rows by {_shown(one)}: {', '.join(sorted(new)[:3])}"


def _not_rewritten(old: Refusals, observed: Sequence[Observed]) -> Iterator[str]:
    for key in old.writers.keys() - {one.key for one in observed}:
        yield "no output of Python {}, cloudpickle {}; run with all interpreters".format(*key)


def _shown(one: Observed) -> str:
    return "Python {}, cloudpickle {}".format(*one.key)


def _merge(old: Refusals, observed: Sequence[Observed]) -> Refusals:
    """Return ``old`` with what was observed; a writer that is known keeps its full versions."""
    writers = dict(old.writers)
    rows = {key: dict(old.by_row(key)) for key in writers}
    # In the order of what was observed, whatever the order of the old file is.
    done = {row: what for one in observed for row, what in one.done.items()}
    done |= {row: e.done for e in old.entries for row in e.rows() if row not in done}
    for one in observed:
        versions = {
            name: one.writer[name] for name in ("python", "cloudpickle", "pyarrow", "platform")
        }
        writers.setdefault(one.key, versions)
        rows.setdefault(one.key, {}).update(one.rows)
    ordered = {key: writers[key] for key in sorted(writers, key=lambda key: [*map(Version, key)])}
    return Refusals(old.engine, ordered, [*_entries(ordered, rows, done)])


def _entries(
    writers: Iterable[WriterKey], rows: Mapping[WriterKey, Rows], done: Mapping[str, str]
) -> Iterator[refusals.Entry]:
    """Yield the entries: routes of one id with the same refusal by the same writers are one."""
    everyone = list(writers)
    by: dict[tuple[str, str, Refusal], list[WriterKey]] = {}
    for key in everyone:
        for row, refusal in rows[key].items():
            by.setdefault((row, done[row], refusal), []).append(key)
    together: dict[tuple[str, str, Refusal, tuple[WriterKey, ...]], list[str]] = {}
    order = {row: number for number, row in enumerate(done)}
    for (row, what, refusal), keys in sorted(by.items(), key=lambda one: order[one[0][0]]):
        id_, _, route = row.rpartition("/")
        together.setdefault((id_, what, refusal, tuple(keys)), []).append(route)
    for (id_, what, refusal, wrote), routes in together.items():
        entry = refusals.Entry(id_, tuple(routes), what, refusal)
        yield _for_writers(entry, set(wrote), everyone)


def _for_writers(
    entry: refusals.Entry, keys: set[WriterKey], everyone: Sequence[WriterKey]
) -> refusals.Entry:
    """Return ``entry`` for these writers, selected by Python or by cloudpickle if one suffices."""
    python = tuple(dict.fromkeys(key[0] for key in everyone if key in keys))
    cloudpickle = tuple(dict.fromkeys(key[1] for key in everyone if key in keys))
    candidates = [
        entry,
        replace(entry, python=python),
        replace(entry, cloudpickle=cloudpickle),
        replace(entry, writers=tuple(" ".join(key) for key in everyone if key in keys)),
    ]
    return next(one for one in candidates if {*filter(one.selects, everyone)} == keys)


def format_refusals(found: Refusals) -> str:
    """Return a file of refusals as TOML: each text is one line."""
    lines = [
        f"# The refusals of datafusion {found.engine}, as it raised them.",
        "# `nox -s regenerate` writes this file; golden/README.md describes it.",
        "",
        f"schema = {SCHEMA}",
        f"engine = {_string(found.engine)}",
    ]
    for writer in found.writers.values():
        lines += ["", "[[writer]]", *(f"{name} = {_string(one)}" for name, one in writer.items())]
    for entry in found.entries:
        lines += ["", "[[refusal]]", f"id = {_string(entry.id)}", f"routes = {_list(entry.routes)}"]
        for name in ("python", "cloudpickle", "writers"):
            if values := getattr(entry, name):
                lines.append(f"{name} = {_list(values)}")
        lines += [f"done = {_string(entry.done)}", f"error = {_string(entry.refusal.error)}"]
        if not entry.refusal.error:
            continue
        lines += [f"kind = {_string(entry.refusal.kind)}", f"text = {_string(entry.refusal.text)}"]
        if entry.refusal.arguments != 1:
            lines.append(f"arguments = {entry.refusal.arguments}")
        if entry.refusal.chained:
            lines.append(f"chained = {_string(entry.refusal.chained)}")
    return "\n".join(lines) + "\n"


def _string(text: str) -> str:
    """Return a basic string of TOML, whose escapes are those of JSON but for DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _list(texts: Iterable[str]) -> str:
    return f"[{', '.join(map(_string, texts))}]"


def _content(folder: Path, name: str) -> str | None:
    try:
        return (folder / name).read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
