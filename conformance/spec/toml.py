"""Reads tables of records out of TOML, and names the file and the field that is wrong."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any, TypeVar

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

Record = TypeVar("Record")


class SpecError(ValueError):
    """A spec file does not hold what it must; the text names file, record and field."""


def records(path: Path, key: str, kind: type[Record]) -> Iterator[Record]:
    """The ``[[key]]`` tables of ``path`` as instances of the dataclass ``kind``.

    Raises ``SpecError`` for a file that cannot be read or is no TOML and for a missing, unknown
    or wrongly typed field. Lists become tuples.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SpecError(f"{path}: {error.strerror}") from error
    except ValueError as error:
        raise SpecError(f"{path}: {error}") from error
    if unknown := document.keys() - {key}:
        raise SpecError(f"{path}: unknown table {sorted(unknown)[0]!r}; only [[{key}]] is known")
    tables = document.get(key, [])
    if not isinstance(tables, list):
        raise SpecError(f"{path}: [{key}] must be [[{key}]]")
    for number, table in enumerate(tables, 1):
        yield _record(f"{path}: {key} {table.get('id', number)}", table, kind)


def _record(where: str, table: dict[str, Any], kind: type[Record]) -> Record:
    known = {field.name: field for field in fields(kind)}  # type: ignore[arg-type]
    if unknown := table.keys() - known.keys():
        raise SpecError(f"{where}: unknown field {sorted(unknown)[0]!r}")
    values: dict[str, Any] = {}
    for name, field in known.items():
        if name not in table:
            if field.default is MISSING:
                raise SpecError(f"{where}: the field {name!r} is missing")
            continue
        value = tuple(table[name]) if isinstance(table[name], list) else table[name]
        wanted = tuple if str(field.type).startswith("tuple") else str
        plain = not isinstance(value, tuple) or all(isinstance(item, str) for item in value)
        if not isinstance(value, wanted) or not plain:
            raise SpecError(
                f"{where}: {name!r} must be a {'list of strings' if wanted is tuple else 'string'}"
            )
        values[name] = value
    return kind(**values)
