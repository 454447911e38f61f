"""Bytes of other formats are named, with what to do about them."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import pickle
import zipfile
from collections.abc import Callable

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from datafusion import col, functions, lit

from conformance.cli import main
from conformance.inspection.foreign import foreign_hint

EXPRESSION = functions.abs(col("a") + lit(1)).to_bytes()
TABLE = pa.table({"expression": [EXPRESSION]})
DECOMPRESS = "decompress them first, such as with"
EXTRACT = "extract the bytes of the expression or the plan from it first"


def zipped() -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        archive.writestr("expression.bin", EXPRESSION)
    return sink.getvalue()


def parquet() -> bytes:
    sink = io.BytesIO()
    pq.write_table(TABLE, sink)
    return sink.getvalue()


def arrow(writer: Callable[..., pa.ipc.RecordBatchStreamWriter]) -> bytes:
    sink = io.BytesIO()
    with writer(sink, TABLE.schema) as opened:
        opened.write_table(TABLE)
    return sink.getvalue()


FORMATS = {
    gzip.compress(EXPRESSION): f"these bytes are gzip: {DECOMPRESS} gunzip",
    bz2.compress(EXPRESSION): f"these bytes are bzip2: {DECOMPRESS} bunzip2",
    lzma.compress(EXPRESSION): f"these bytes are xz: {DECOMPRESS} unxz",
    pa.compress(EXPRESSION, "zstd", asbytes=True): f"these bytes are zstd: {DECOMPRESS} unzstd",
    pa.compress(EXPRESSION, "lz4", asbytes=True): f"these bytes are lz4: {DECOMPRESS} unlz4",
    zipped(): f"these bytes are a zip archive: {EXTRACT}",
    parquet(): f"these bytes are Parquet: {EXTRACT}",
    arrow(pa.ipc.new_file): f"these bytes are an Arrow file: {EXTRACT}",
    arrow(pa.ipc.new_stream): f"these bytes are an Arrow stream: {EXTRACT}",
    json.dumps({"expression": EXPRESSION.hex()}).encode(): f"these bytes are JSON text: {EXTRACT}",
    b" [\n1, 2]\n": f"these bytes are JSON text: {EXTRACT}",
    EXPRESSION.hex().encode(): "it looks like hex text: decode it first, such as with xxd -r -p",
}


@pytest.mark.parametrize(("data", "hint"), FORMATS.items(), ids=[*FORMATS.values()])
def test_a_format_has_a_name_and_a_remedy(data: bytes, hint: str) -> None:
    assert foreign_hint(data) == f"; {hint}"


@pytest.mark.parametrize(
    "data", [EXPRESSION, pickle.dumps([1]), pickle.dumps({"a": 1}, 0), b"{not JSON", b"BZh", b""]
)
def test_other_bytes_have_none(data: bytes) -> None:
    assert foreign_hint(data) == ""


def test_inspect_ends_with_the_hint() -> None:
    found = CliRunner().invoke(main, ["inspect", "-"], input=gzip.compress(EXPRESSION))
    assert found.exit_code == 2
    assert found.stderr.endswith(f"; these bytes are gzip: {DECOMPRESS} gunzip\n")
