"""Write values as Python source."""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FunctionType
from typing import Any

import datafusion
import pyarrow as pa

from conformance.catalogue.source import COMPILED
from conformance.runner.calls.public import imports_of

_LONG = 2_000
"""The number of bytes that a script shows at most."""

_ROWS = 20
"""The number of rows of a table that a script shows at most."""

_ARROW = "import pyarrow as pa"
_NAMED_TYPES: Mapping[pa.DataType, str] = {
    getattr(pa, name)(): f"pa.{name}()"
    for name in (
        *("null", "bool_", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32"),
        *("uint64", "float16", "float32", "float64", "string", "large_string", "string_view"),
        *("binary", "large_binary", "binary_view", "date32", "date64"),
    )
}

_BASES: Mapping[str, str] = {
    "Accumulator": "from datafusion import Accumulator",
    "WindowEvaluator": "from datafusion.user_defined import WindowEvaluator",
}
"""The names that the sources of the catalogue use, and the lines that import them."""


class Source:
    """The source of one statement, as it is written.

    ``names`` are the names of objects that an earlier statement made, by the object's id.
    ``uses`` are the names that the statement needs, ``imports`` the lines that it needs first,
    ``missing`` the types of values for which there is no source: ``...`` is in their place.
    """

    def __init__(self, names: Mapping[int, str], define: Callable[[str, str, str], str]) -> None:
        """``define`` adds a statement that defines a name, before this one."""
        self._names = names
        self._define = define
        self.uses: set[str] = set()
        self.imports: set[str] = set()
        self.missing: set[str] = set()

    def of(self, value: Any) -> str:
        """Return an expression for ``value``."""
        if (name := self._names.get(id(value))) is not None:
            return self._use(name)
        if value is datafusion.col:  # an object that is called as a function
            self.imports.add("from datafusion import col")
            return "col"
        if isinstance(value, enum.Enum):  # some are texts or numbers, too
            self.imports.add(imports_of(type(value)))
            return f"{type(value).__name__}.{value.name}"
        if value is None or value is ... or isinstance(value, (bool, int, float, str)):
            return repr(value)
        if isinstance(value, (bytes, bytearray)):
            return self._bytes(bytes(value))
        if isinstance(value, (list, tuple)):
            texts = ", ".join(map(self.of, value))
            one = "," if len(value) == 1 else ""
            return f"[{texts}]" if isinstance(value, list) else f"({texts}{one})"
        if isinstance(value, Mapping):
            pairs = ", ".join(f"{self.of(k)}: {self.of(v)}" for k, v in value.items())
            return f"{{{pairs}}}"
        if isinstance(value, Path):
            self.imports.add("from pathlib import Path")
            return f"Path({str(value)!r})"
        if type(value).__module__.startswith("pyarrow"):
            return self._arrow(value)
        return self._callable(value)

    def _use(self, name: str) -> str:
        self.uses.add(name.partition("[")[0])
        return name

    def _unknown(self, value: Any) -> str:
        self.missing.add(type(value).__name__)
        return "..."

    @staticmethod
    def of_bytes(value: bytes) -> str:
        """Return an expression for ``value``, in hex."""
        return f'bytes.fromhex("{value.hex()}")'

    def _bytes(self, value: bytes) -> str:
        if len(value) > _LONG:
            return self._unknown(value)
        if len(value) < 16:
            return repr(value)
        return self._use(self._define("data", self.of_bytes(value), ""))

    def _arrow(self, value: Any) -> str:
        self.imports.add(_ARROW)
        if isinstance(value, pa.DataType):
            return self._type(value)
        if isinstance(value, pa.Field):
            others = "" if value.nullable else ", nullable=False"
            if value.metadata:
                others += f", metadata={self.of(dict(value.metadata))}"
            return f"pa.field({value.name!r}, {self._type(value.type)}{others})"
        if isinstance(value, pa.Schema):
            return f"pa.schema([{', '.join(map(self.of, value))}])"
        if isinstance(value, pa.Scalar):
            return f"pa.scalar({self.of(value.as_py())}, {self._type(value.type)})"
        if isinstance(value, pa.Array) and len(value) <= _ROWS:
            return f"pa.array({self.of(value.to_pylist())}, {self._type(value.type)})"
        if isinstance(value, (pa.RecordBatch, pa.Table)) and value.num_rows <= _ROWS:
            columns, schema = self.of(value.to_pydict()), self.of(value.schema)
            return f"pa.{type(value).__name__}.from_pydict({columns}, schema={schema})"
        return self._unknown(value)

    def _type(self, type_: pa.DataType) -> str:
        if name := _NAMED_TYPES.get(type_):
            return name
        if pa.types.is_list(type_):
            return f"pa.list_({self.of(type_.value_field)})"
        if pa.types.is_struct(type_):
            return f"pa.struct([{', '.join(self.of(field) for field in type_)}])"
        if pa.types.is_timestamp(type_):
            zone = f", {type_.tz!r}" if type_.tz else ""
            return f"pa.timestamp({type_.unit!r}{zone})"
        if pa.types.is_decimal(type_):
            return f"pa.decimal{type_.bit_width}({type_.precision}, {type_.scale})"
        if pa.types.is_dictionary(type_):
            kinds = self._type(type_.index_type), self._type(type_.value_type)
            return f"pa.dictionary({', '.join(kinds)})"
        return self._unknown(type_)

    def _callable(self, value: Any) -> str:
        """Return the name of a callable, whose definition comes before this statement."""
        if udf := COMPILED.get(_file_of(value)):
            bases = [line for base, line in _BASES.items() if base in udf.source]
            return self._use(self._define(udf.attribute, udf.source.strip(), "\n".join(bases)))
        name, module = getattr(value, "__name__", ""), getattr(value, "__module__", None) or ""
        is_importable = getattr(value, "__qualname__", "") == name and name.isidentifier()
        if is_importable and module.partition(".")[0] in ("datafusion", "conformance"):
            self.imports.add(imports_of(value))
            return name
        return self._unknown(value)


def _file_of(value: Any) -> str:
    """Return the file name of the code of a function, or of a method of a class."""
    members = (value, *vars(value).values()) if isinstance(value, type) else (value,)
    functions = (member for member in members if isinstance(member, FunctionType))
    return next((one.__code__.co_filename for one in functions), "")
