"""SQL with UDFs at every place, from ``sql.toml``, and the UDFs in it."""

from __future__ import annotations

from ast import literal_eval
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa

from conformance.catalogue.build import INT, TEXT, aggregate_udf, scalar_udf, window_udf
from conformance.catalogue.nodes import Udf
from conformance.util.records import read_tables

_FILE = Path(__file__).with_name("sql.toml")
_IMPORT = "import pyarrow.compute as pc\n"
UDFS: tuple[Udf, ...] = (
    scalar_udf("sql/tri", f"{_IMPORT}f = lambda a: pc.multiply(a, 3)", [INT], INT),
    scalar_udf("sql/low", f"{_IMPORT}f = lambda s: pc.utf8_lower(s)", [TEXT], TEXT),
    aggregate_udf(
        "sql/tot",
        """
        import pyarrow as pa, pyarrow.compute as pc
        class f(Accumulator):
            def __init__(self): self.total = 0
            def update(self, a, *order): self.total += 7 * (pc.sum(a).as_py() or 0)
            def retract_batch(self, a, *order): self.total -= 7 * (pc.sum(a).as_py() or 0)
            def supports_retract_batch(self): return True
            def merge(self, states): self.total += pc.sum(states[0]).as_py() or 0
            def state(self): return [pa.scalar(self.total, pa.int64())]
            def evaluate(self): return pa.scalar(self.total, pa.int64())
        """,
        [INT],
        INT,
        [INT],
    ),
    window_udf(
        "sql/win",
        """
        import pyarrow.compute as pc
        class f(WindowEvaluator):
            def evaluate_all(self, values, num_rows): return pc.multiply(values[0], 7)
        """,
        [INT],
        INT,
    ),
    scalar_udf(
        "sql/odd", f"{_IMPORT}f = lambda a: pc.if_else(pc.equal(a, 2), None, a)", [INT], INT
    ),
    aggregate_udf(
        "sql/pair",
        """
        import pyarrow as pa
        class f(Accumulator):
            def __init__(self): self.text = ""
            def update(self, s, key): self.text += "".join(f"{a}{b}" for a, b in zip(s, key))
            def merge(self, states): self.text += "".join(states[0].to_pylist())
            def state(self): return [pa.scalar(self.text)]
            def evaluate(self): return pa.scalar(self.text)
        """,
        [TEXT],
        TEXT,
        [TEXT],
    ),
    aggregate_udf(
        "sql/none",
        """
        import pyarrow as pa
        class f(Accumulator):
            def update(self, a): pass
            def merge(self, states): pass
            def state(self): return [pa.scalar(None, pa.int64())]
            def evaluate(self): return pa.scalar(None, pa.int64())
        """,
        [INT],
        INT,
        [INT],
    ),
    window_udf(
        "sql/fst",
        """
        class f(WindowEvaluator):
            def uses_window_frame(self): return True
            def evaluate(self, values, eval_range): return values[0][eval_range[0]]
        """,
        [INT],
        INT,
    ),
    window_udf(
        "sql/times",
        """
        import pyarrow as pa
        class f(WindowEvaluator):
            calls = 0
            def evaluate_all(self, values, num_rows):
                self.calls += 1
                return pa.array([self.calls] * num_rows)
        """,
        [INT],
        INT,
    ),
    window_udf(
        "sql/span",
        """
        import pyarrow as pa
        class f(WindowEvaluator):
            def supports_bounded_execution(self): return True
            def get_range(self, idx, num_rows): return max(idx - 1, 0), idx + 1
            def evaluate(self, values, range): return pa.scalar(10 * range[1] + range[0])
        """,
        [INT],
        INT,
    ),
)
"""The functions of ``sql.toml``."""

TABLE = "(VALUES (1, 'Ab'), (2, 'B%'), (3, 'c'))"
ROWS = pa.RecordBatch.from_pydict({"a": [1, 2, None], "s": ["Ab", "B%", "c"]})
"""The input of the expressions."""


@dataclass(frozen=True)
class Sql:
    """An expression or a query. A query's result is its rows, sorted."""

    id: str
    text: str
    result: list[Any]

    @property
    def udfs(self) -> tuple[Udf, ...]:
        """The UDFs that the text calls."""
        return tuple(udf for udf in UDFS if f"{udf.name}(" in self.text)


_TABLES = read_tables(_FILE, "expressions", "queries", "statements")


def _read(kind: Literal["expressions", "queries"]) -> Mapping[str, Sql]:
    return {
        id_: Sql(id_, text, [literal_eval(value) for value in result.split()])
        for id_, (text, result) in _TABLES[kind].items()
    }


EXPRESSIONS = _read("expressions")
QUERIES = {
    id_: Sql(id_, f"WITH t(a, s) AS {TABLE} {sql.text}", sql.result)
    for id_, sql in _read("queries").items()
}
STATEMENTS = {id_: Sql(id_, text, []) for id_, text in _TABLES["statements"].items()}
"""Statements that read and write files in ``{folder}``, after ``STATEMENT_TABLE``."""

STATEMENT_TABLE = (
    "CREATE EXTERNAL TABLE x (a BIGINT) STORED AS CSV LOCATION '{folder}/x.csv' "
    "OPTIONS ('format.has_header' 'true')"
)
"""A statement that creates their table, from the file ``x.csv``."""
