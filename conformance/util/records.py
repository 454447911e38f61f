"""Read records from TOML files; errors name the file, the record and the field."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any, TypeVar

from conformance.util.input_file import read_text

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

Record = TypeVar("Record")


class SpecError(ValueError):
    """A spec file is malformed; the text names the file, the record and the field."""


def read_tables(path: Path, *tables: str) -> Mapping[str, Any]:
    """Read the TOML file ``path``, which may contain only the given tables.

    Raises ``SpecError`` for a file that cannot be read, invalid TOML or an unknown table.
    """
    try:
        found = tomllib.loads(read_text(path))
    except OSError as error:
        raise SpecError(f"{path}: {error.strerror}") from error
    except ValueError as error:
        raise SpecError(f"{path}: {error}") from error
    if unknown := found.keys() - {*tables}:
        known = " and ".join(filter(None, (", ".join(tables[:-1]), tables[-1])))
        raise SpecError(f"{path}: unknown table {sorted(unknown)[0]!r}; expected {known}")
    return found


def parse_records(
    path: Path, found: Mapping[str, Any], key: str, kind: type[Record], **defaults: str
) -> Iterator[Record]:
    """Yield the ``[[key]]`` tables of a document as instances of the dataclass ``kind``.

    ``defaults`` are the values of fields that a table lacks. Lists become tuples. Raises
    ``SpecError`` for a missing or unknown field, or one of the wrong type.
    """
    tables = found.get(key, [])
    if not isinstance(tables, list):
        raise SpecError(f"{path}: [{key}] must be [[{key}]]")
    for number, table in enumerate(tables, 1):
        where = f"{path}: {key} {table.get('id', number)}"
        yield parse_record(where, {**defaults, **table}, kind)


def parse_record(where: str, table: Mapping[str, Any], kind: type[Record]) -> Record:
    """Return ``table`` as an instance of the dataclass ``kind``; errors start with ``where``."""
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
