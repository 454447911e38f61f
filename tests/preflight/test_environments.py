"""The command on another environment of this machine: its packages and its editions count."""

from __future__ import annotations

import gzip
import importlib.metadata
import json
import pickle
from pathlib import Path
from typing import Any

import cloudpickle
import pyarrow as pa
import pytest
from click.testing import CliRunner, Result
from datafusion import SessionContext, col, functions, lit, udf

from conformance.cli import main
from conformance.processes import own_package
from conformance.processes.child import Child
from tests.conftest import ROOT
from tests.preflight.conftest import Environment

pytestmark = pytest.mark.usefixtures("driver")

JOB = """
import enum
import functools
import pyarrow as pa
from datafusion import SessionContext, col, udf, udaf, udwf, Accumulator
from datafusion.user_defined import WindowEvaluator
import features

INT = pa.int64()

class Total(Accumulator):
    def state(self): return []
    def update(self, *values): pass
    def merge(self, states): pass
    def evaluate(self): return pa.scalar(features.FACTOR)

class First(WindowEvaluator):
    def evaluate_all(self, values, rows): return values[0]

@functools.lru_cache
def cached(a): return a

class Level(enum.Enum):
    LOW = 1
    QUIET = 1

scalar = udf(lambda a, b: features.times(a), [INT, INT], INT, "immutable", "scalar")
aggregate = udaf(Total, [INT], INT, [INT], "immutable", "aggregate")
window = udwf(First, [INT], INT, "immutable", "window")
expression = scalar(col("a"), col("b")) + 1
frame = SessionContext().sql("select 1 as a, 2 as b").select(expression)
logical, physical = frame.logical_plan(), frame.execution_plan()
of_enum = udf(lambda a, b: len(Level.__members__), [INT, INT], INT, "immutable", "of_enum")
of_main = udf(cached, [INT], INT, "immutable", "of_main")
table = SessionContext().from_pydict({"a": [1]})
number = 1
empty, nested, keyed, pair = (), [[expression]], {None: expression}, [expression]
"""
FEATURES = "FACTOR = 2\ndef times(a): return a\n"
ALL = ("scalar", "aggregate", "window", "expression", "frame", "logical", "physical")


@pytest.fixture
def driver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which the command runs, with the user's script and the module it imports."""
    folder = tmp_path / "driver"
    folder.mkdir()
    (folder / "job.py").write_text(JOB)
    (folder / "features.py").write_text(FEATURES)
    monkeypatch.chdir(folder)
    return folder


def preflight(node: Environment, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["preflight", "--python", f"n={node.python}", *arguments])


def answers(node: Environment, *arguments: str, code: int) -> dict[str, tuple[str, str]]:
    """The verdict and the reason of each shipment."""
    result = preflight(node, *arguments, "--json")
    assert result.exit_code == code, result.output
    (found,) = json.loads(result.stdout)["nodes"]
    assert found["good"] == (code == 0)
    return {one["label"]: (one["verdict"], one["why"]) for one in found["judgements"]}


def specs(*names: str) -> list[str]:
    return [f"--expr=job.py:{name}" for name in names]


def test_a_node_reports_what_is_installed_for_it(other: Environment) -> None:
    """The driver's packages are not there, nor is this package."""
    package = other.packages / "datafusion"
    package.mkdir()
    (package / "__init__.py").write_text(
        "from importlib.util import find_spec\n"
        "found = [n for n in ('conformance', 'pytest', 'pyarrow') if find_spec(n)]\n"
        "raise ImportError(f'found {found}')\n"
    )
    metadata = other.packages / "datafusion-99.0.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: datafusion\nVersion: 99.0.0\n")
    child = Child()
    try:
        (report,) = child.call(
            *("conformance.preflight.survey:survey", "python", f"n={other.python}", "[]"),
            deadline=60,
        )
    finally:
        child.close()
    assert report["error"] == "datafusion 99.0.0 has no Python UDF frames"
    seen = {name: report[name] for name in ("datafusion", "cloudpickle", "pyarrow")}
    assert seen == {"datafusion": "99.0.0", "cloudpickle": "", "pyarrow": ""}
    assert importlib.metadata.version("datafusion") != "99.0.0"


def test_a_node_does_not_get_the_path_of_this_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", f"{ROOT}:/of/the/user")
    assert own_package.paths_of_user() == ["/of/the/user"]


def test_a_node_with_the_same_modules_reads_every_kind(other: Environment) -> None:
    other.link_engine()
    other.write("features", FEATURES)
    found = answers(other, *specs(*ALL), code=0)
    assert found == {f"job.py:{name}": ("reads", "") for name in ALL}


def test_each_object_of_a_list_has_an_answer(other: Environment, driver: Path) -> None:
    other.link_engine()
    (driver / "job.py").write_text(
        "from datafusion import col, udf\nimport pyarrow as pa\ndef f(a): return a\n"
        "by_name = udf(f, [pa.int64()], pa.int64(), 'immutable', 'f')(col('a'))\n"
        "listed, named = [by_name, col('a')], {'a b': col('a'), 2: col('b')}\n"
    )
    found = answers(other, *specs("listed", "named"), "--form", "by-name", code=1)
    assert {label: verdict for label, (verdict, _) in found.items()} == {
        "job.py:listed[0]": "does not read",
        "job.py:listed[1]": "reads",
        "job.py:named['a b']": "reads",
        "job.py:named[2]": "reads",
    }


def test_a_node_without_the_module(other: Environment) -> None:
    other.link_engine()
    found = answers(other, *specs("scalar", "aggregate"), code=1)
    message = "the node has no module features, which the bytes import: install it there"
    assert {*found.values()} == {("does not read", message)}


def test_a_node_with_another_edition(other: Environment, driver: Path) -> None:
    other.link_engine()
    there = other.write("features", FEATURES.replace("2", "3"))
    result = preflight(other, *specs("scalar"))
    assert result.exit_code == 1
    (line,) = [line for line in result.output.splitlines() if line.startswith("  job.py")]
    assert line == (
        "  job.py:scalar: READS, BUT NOT THE SAME: module features on the node "
        f"({there}) has another source than this driver's ({driver / 'features.py'}): "
        "install one edition"
    )
    assert "job.py:scalar: 0 of 1 node reads it, 1 not the same." in result.output


def test_a_name_of_the_script(other: Environment) -> None:
    other.link_engine()
    (verdict, why) = answers(other, *specs("of_main"), code=1)["job.py:of_main"]
    assert verdict == "does not read"
    assert why.startswith("the bytes refer to __main__.cached, which the node does not have: move")


def test_an_enum_that_comes_apart(other: Environment) -> None:
    """Bytes that were written before do not show it."""
    other.link_engine()
    (verdict, why) = answers(other, *specs("of_enum"), code=18)["job.py:of_enum"]
    assert (verdict, "of Level: its aliases are lost" in why) == ("not judged", True)


def test_a_udf_by_name(other: Environment) -> None:
    other.link_engine()
    other.write("features", FEATURES)
    other.write(
        "node",
        "from datafusion import SessionContext, udf\nimport pyarrow as pa\n"
        "context = SessionContext()\n"
        "context.register_udf(udf(abs, [pa.int64()] * 2, pa.int64(), 'immutable', 'scalar'))\n",
    )
    by_name = (*specs("scalar"), "--form", "by-name")
    (verdict, why) = answers(other, *by_name, code=1)["job.py:scalar"]
    assert verdict == "does not read"
    assert why.startswith("scalar UDF scalar travels by name, and a new session there lacks it")
    assert answers(other, *by_name, "--session", "node:context", code=0)
    (verdict, why) = answers(other, *by_name, "--session", "no_such:x", code=18)["job.py:scalar"]
    assert verdict == "not judged"
    assert why.startswith("the node cannot open the session no_such:x: ModuleNotFoundError")


def test_a_udf_by_the_name_of_a_built_in_function(other: Environment, driver: Path) -> None:
    other.link_engine()
    (driver / "job.py").write_text(
        "import pyarrow as pa\nfrom datafusion import col, functions, udf\n"
        "mine = udf(lambda a: a, [pa.int64()], pa.int64(), 'immutable', 'abs')\n"
        "built_in = functions.abs(col('a'))\n"
    )
    other.write(
        "node",
        "from datafusion import SessionContext, udf\nimport pyarrow as pa\n"
        "context = SessionContext()\n"
        "context.register_udf(udf(abs, [pa.int64()], pa.int64(), 'immutable', 'abs'))\n",
    )
    by_name = (*specs("mine"), "--form", "by-name")
    (verdict, why) = answers(other, *by_name, code=1)["job.py:mine"]
    assert verdict == "reads, but not the same"
    assert why.startswith("scalar UDF abs travels by name, and a new session there has a function")
    assert answers(other, *by_name, "--session", "node:context", code=0) == {
        "job.py:mine": ("reads", "")
    }
    assert answers(other, *specs("built_in"), code=0) == {"job.py:built_in": ("reads", "")}
    session = ("--session", "node:context")
    ((verdict, why),) = answers(other, *specs("built_in"), *session, code=1).values()
    assert verdict == "reads, but not the same"
    assert "the scalar function abs of the driver is no Python UDF" in why
    (driver / "abs.bin").write_bytes(functions.abs(col("a")).to_bytes())
    ((verdict, why),) = answers(other, "--bytes=expression:abs.bin", code=0).values()
    assert verdict == "reads"
    assert why.startswith("it calls scalar abs by name, and the node takes its built-in function")


def test_a_function_that_takes_lambdas_is_none_in_python(other: Environment, driver: Path) -> None:
    other.link_engine()
    (driver / "job.py").write_text(
        "from datafusion import col, functions\n"
        "mapped = functions.array_transform(col('a'), lambda x: x)\n"
    )
    assert answers(other, *specs("mapped"), code=0) == {"job.py:mapped": ("reads", "")}
    mapped = functions.array_transform(col("a"), lambda x: x)
    (driver / "mapped.bin").write_bytes(mapped.to_bytes())
    (answer,) = answers(other, "--bytes=expression:mapped.bin", code=0).values()
    assert answer == ("reads", "")


@pytest.mark.parametrize("form", ["inline", "by-name"])
def test_a_name_that_begins_like_a_frame_is_a_name(
    other: Environment, driver: Path, form: str
) -> None:
    other.link_engine()
    (driver / "job.py").write_text(
        "import pyarrow as pa\nfrom datafusion import col, udf\n"
        "mine = udf(lambda a: a, [pa.int64()], pa.int64(), 'immutable', 'mine')\n"
        "called = mine(col('a')).alias('DFPYUDF')\n"
    )
    code = 0 if form == "inline" else 1
    found = answers(other, *specs("called"), "--form", form, code=code)
    assert found["job.py:called"][0] == ("reads" if form == "inline" else "does not read")


def test_a_udf_that_cannot_be_pickled_by_the_name_of_a_built_in_function(
    other: Environment, driver: Path
) -> None:
    """The engine drops the error of the pickler, and would send the name alone."""
    other.link_engine()
    (driver / "job.py").write_text(
        "import re\nimport pyarrow as pa\nfrom datafusion import col, udf\n"
        "match, ints = re.match('a', 'a'), [pa.int64()]\n"
        "mine = udf(lambda a: (match, a)[1], ints, ints[0], 'volatile', 'abs')(col('a'))\n"
        "outer = udf(lambda a: (mine, a)[1], ints, ints[0], 'volatile', 'outer')(col('a'))\n"
    )
    for name in ("mine", "outer"):
        result = preflight(other, *specs(name))
        assert result.exit_code == 2
        assert result.stderr.splitlines()[-1] == (
            f"job.py:{name}: the driver cannot encode it: UDF 'abs' cannot be pickled: TypeError: "
            "cannot pickle 're.Match' object; the engine would send its name alone"
        )
    ((verdict, why),) = answers(other, *specs("mine"), "--form", "by-name", code=1).values()
    assert verdict == "reads, but not the same"
    assert why.startswith("scalar UDF abs travels by name, and a new session there has a function")


def test_an_interpreter_without_the_engine_and_one_that_does_not_start(
    other: Environment, tmp_path: Path
) -> None:
    none = Environment(str(tmp_path / "none"), tmp_path)
    Path(none.python).write_bytes(b"\x7fELF")
    Path(none.python).chmod(0o755)
    (verdict, why) = answers(none, *specs("scalar"), code=18)["job.py:scalar"]
    assert verdict == "not judged"
    assert "Exec format error" in why
    (verdict, why) = answers(other, *specs("scalar"), code=1)["job.py:scalar"]
    assert why.startswith("No module named 'datafusion'")


@pytest.mark.parametrize(
    ("nodes", "message"),
    [
        (["x=none/python"], "--python x=none/python: expected a program at PATH, found none\n"),
        (["x=no_such_program"], "--python x=no_such_program: expected a program at PATH, found"),
        (["x=job.py"], "--python x=job.py: expected a program at PATH, found none\n"),
        (["x"], "--python x: expected NAME=PATH\n"),
        (["x=sh", "x=cat"], "--python x=cat: expected each NAME once, found x twice\n"),
    ],
)
def test_a_node_that_the_command_line_has_wrong(nodes: list[str], message: str) -> None:
    options = [option for node in nodes for option in ("--python", node)]
    result = CliRunner().invoke(main, ["preflight", *options, *specs("scalar")])
    assert result.exit_code == 2
    assert result.stderr.startswith(message)


def test_two_shipments_of_one_name_are_refused(other: Environment, driver: Path) -> None:
    (driver / "job.py:pair[0]").write_bytes(pickle.dumps(lit(1)))
    result = preflight(other, *specs("pair"), "--bytes=job.py:pair[0]")
    assert result.exit_code == 2
    assert result.stderr.endswith("\njob.py:pair[0]: expected once, found twice\n")


def test_files_of_bytes(other: Environment, driver: Path) -> None:
    other.link_engine()
    expr = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "f")(col("a"))
    plan = SessionContext().sql("select 1 as a").select(expr).logical_plan()
    contents: dict[str, Any] = {
        "list.pkl": pickle.dumps([expr, "text"]),
        "expression:e.bin": expr.to_bytes(),
        "plan:p.bin": plan.to_bytes(SessionContext()),
    }
    for name, data in contents.items():
        (driver / name.rpartition(":")[2]).write_bytes(data)
    found = answers(other, *(f"--bytes={name}" for name in contents), code=0)
    assert found == dict.fromkeys(contents, ("reads", ""))


def test_a_function_in_a_pickle_beside_the_expressions(other: Environment, driver: Path) -> None:
    names: dict[str, Any] = {"__name__": "__main__"}
    exec("def late(a):\n  import features\n  return features.times(a)\n", names)
    other.link_engine()
    (driver / "late.pkl").write_bytes(cloudpickle.dumps([names["late"]]))
    ((verdict, why),) = answers(other, "--bytes=late.pkl", code=1).values()
    assert (verdict, "no module features, which a function" in why) == ("does not read", True)


def test_a_plan_that_parses_as_an_expression_is_not_judged_as_one(
    other: Environment, driver: Path
) -> None:
    other.link_engine()
    session = SessionContext()
    session.register_udf(udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "f"))
    session.from_pydict({"a": [1, 2]}, name="t")
    plan = session.sql("select distinct f(a) from t").execution_plan()
    (driver / "p.bin").write_bytes(plan.to_bytes(session))
    assert answers(other, "--bytes=execution-plan:p.bin", code=0)
    ((verdict, why),) = answers(other, "--bytes=expression:p.bin", code=18).values()
    assert verdict == "not judged"
    assert "reaches none of its UDFs: check the KIND of --bytes" in why


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ("--expr=no_such:x", "no_such:x: this driver has no module no_such"),
        ("--expr=features:no_such", "features:no_such: features has no attribute no_such"),
        ("--expr=job.py:number", "job.py:number: expected an Expr, a UDF of udf, udaf or udwf"),
        ("--expr=job.py:empty", "job.py:empty: the tuple is empty"),
        ("--expr=job.py:nested", "job.py:nested[0]: expected an Expr, a UDF of udf, udaf or udwf"),
        ("--expr=job.py:keyed", "job.py:keyed: expected keys that are str or int, found None"),
        ("--expr=job.py:table", "job.py:table: the driver cannot encode it: "),
        ("--expr=job.py", "job.py: expected MODULE:NAME or FILE.py:NAME"),
        ("--bytes=none.bin", "none.bin: No such file or directory"),
        ("--bytes=empty.bin", "empty.bin: the file is empty"),
        ("--bytes=cut.bin", "cut.bin: MalformedPickle: "),
        ("--bytes=text.txt", "text.txt: MalformedProtobuf: "),
        (
            "--bytes=e.gz",
            "e.gz: MalformedProtobuf: not a protobuf message: 22 bytes do not parse as "
            "fields; these bytes are gzip: decompress them first, such as with gunzip",
        ),
        ("--bytes=plan:words", "words: neither protobuf nor a pickle; it looks like base64"),
        ("--bytes=frame.bin", "frame.bin: a lone frame, which no engine decodes; give the"),
        ("--bytes=plan:whole.pkl", "whole.pkl: expected protobuf, found a pickle"),
        ("--bytes=lit.bin", "lit.bin: protobuf does not show whether it is an expression or a"),
    ],
)
def test_bad_input_is_one_sentence(
    other: Environment, driver: Path, argument: str, message: str
) -> None:
    contents = {
        "empty.bin": b"",
        "cut.bin": pickle.dumps(["x" * 99])[:-9],
        "whole.pkl": pickle.dumps(lit(1)),
        "text.txt": b"\xff\xff",
        "frame.bin": b"DFPYUDF\x01\x03\x0b" + pickle.dumps(()),
        "lit.bin": lit(1).to_bytes(),
        "e.gz": gzip.compress(b"ab", mtime=0),
        "words": b"Aabcdefgh" * 4,  # four times field 8, of eight bytes
    }
    for name, data in contents.items():
        (driver / name).write_bytes(data)
    result = preflight(other, argument)
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1].startswith(message)
    assert "Traceback" not in result.output
