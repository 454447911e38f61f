"""The answers of a node, which is a child of this process, about shipments."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from conformance.preflight.node_source import DECODER
from conformance.preflight.probe import on_node
from conformance.preflight.shipments import from_objects
from conformance.preflight.survey import SOURCE

pytestmark = pytest.mark.usefixtures("folder")

JOB = """
import pyarrow as pa
import pyarrow.compute as pc
from datafusion import SessionContext, col, udf
import features

INT = pa.int64()
def late(a):
    import colorsys, nowhere, features.part
    return a

by_value = udf(lambda a: features.double(a), [INT], INT, "immutable", "by_value")
by_reference = udf(features.double, [INT], INT, "immutable", "by_reference")
lazy = udf(lambda a: [late(b) for b in a], [INT], INT, "immutable", "lazy")
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder on the path of this process and of its children, with two modules of a user."""
    monkeypatch.syspath_prepend(str(tmp_path))
    before = {*sys.modules}
    (tmp_path / "features").mkdir()
    (tmp_path / "features" / "__init__.py").write_text("def double(a): return a\n")
    (tmp_path / "features" / "part.py").write_text("import features.deeper\n")
    (tmp_path / "features" / "deeper.py").touch()
    (tmp_path / "job.py").write_text(JOB)
    importlib.invalidate_caches()
    yield tmp_path
    for name in {*sys.modules} - before:
        if name.partition(".")[0] in ("features", "job"):
            del sys.modules[name]


def shipment(name: str, form: str = "inline", session: str = "") -> dict[str, Any]:
    ((one,), _) = from_objects(f"job:{name}", form, session)
    return one


def answer(one: dict[str, Any], decoder: str = DECODER, each: float = 60) -> dict[str, Any]:
    """The answer of a node, which is this machine; the modules of the job are not loaded in it."""
    for name in [*sys.modules]:
        if name.partition(".")[0] in ("features", "job"):
            del sys.modules[name]
    report = json.loads(on_node(SOURCE, "[]", 60, decoder, json.dumps([one]), each))
    assert not report["error"]
    (found,) = report["answers"]
    return dict(found)


def test_a_module_is_reported_with_its_edition(folder: Path) -> None:
    found = answer(shipment("by_reference"))
    assert (found["outcome"], found["unpickled"], found["lacks"]) == ("decoded", 1, [])
    edition = found["modules"]["features"]
    assert edition["file"] == str(folder / "features" / "__init__.py")
    assert (len(edition["sha256"]), edition["version"], edition["direct"]) == (64, "", True)
    assert found["stale"] == []


def test_python_and_the_engine_are_no_modules_of_the_bytes() -> None:
    assert {*answer(shipment("by_value"))["modules"]} == {"features"}


def test_a_module_that_is_not_there_is_named(folder: Path) -> None:
    sent = shipment("by_value")
    (folder / "features").rename(folder / "elsewhere")
    found = answer(sent)
    assert (found["outcome"], found["lacks"]) == ("refused", ["features"])


def test_a_function_that_is_not_there_is_an_error(folder: Path) -> None:
    sent = shipment("by_reference")
    (folder / "features" / "__init__.py").write_text("")
    found = answer(sent)
    assert found["outcome"] == "refused"
    assert found["error"].startswith("AttributeError: Can't get attribute 'double'")


def test_what_a_function_imports_when_it_runs_is_reported() -> None:
    """Also where the function is called by the one that was sent."""
    sent = shipment("lazy")
    found = answer(sent)
    modules = {"features": True, "features.deeper": True, "features.part": True, "nowhere": False}
    assert found["late"].items() >= modules.items()
    assert found["importers"]["features.deeper"] == "features.part"
    assert found["modules"]["features.part"]["direct"]
    assert not found["modules"]["features.deeper"]["direct"]


def test_nothing_is_evaluated(folder: Path) -> None:
    """The module is imported, as any decoder must; the function is not called."""
    (folder / "features" / "__init__.py").write_text(
        "import pathlib\ndef double(a): pathlib.Path(__file__).with_name('called').touch()\n"
    )
    found = answer(shipment("by_reference"))
    assert found["outcome"] == "decoded"
    assert not (folder / "features" / "called").exists()


def test_a_module_that_prints_does_not_garble_the_answer(folder: Path) -> None:
    sent = shipment("by_reference")
    with (folder / "features" / "__init__.py").open("a") as stream:
        stream.write("import os\nprint('hello')\nos.write(1, b'there')\n")
    assert answer(sent)["outcome"] == "decoded"


def test_the_probe_does_not_answer_for_a_name_of_main() -> None:
    """Its own functions, such as ``decode``, would be found in ``__main__``."""
    sent = {**shipment("by_reference"), "kind": "pickle", "main": ["decode"]}
    found = answer({**sent, "data": "Y19fbWFpbl9fCmRlY29kZQou"})  # GLOBAL __main__ decode
    assert found["outcome"] == "refused"
    assert "decode" in found["error"]


def test_a_name_of_the_workers_own_main_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    main = SimpleNamespace(__file__="/worker.py", score=1)
    monkeypatch.setitem(sys.modules, "__main__", main)
    found = answer({**shipment("by_value"), "main": ["score", "other"]})
    assert found["main"] == {"score": "/worker.py"}


def test_a_module_that_the_worker_holds_is_stale_once_its_file_changed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sent = shipment("by_reference")
    monkeypatch.setitem(sys.modules, "features", sys)
    report = json.loads(on_node(SOURCE, "[]", 60, DECODER, json.dumps([sent])))
    assert report["answers"][0]["stale"] == ["features"]


def test_a_udf_by_name_needs_the_session_of_the_node(folder: Path) -> None:
    (folder / "features" / "sessions.py").write_text(
        "import job\nfrom datafusion import SessionContext\n"
        "def empty(): return SessionContext()\n"
        "def full():\n    made = SessionContext()\n    made.register_udf(job.by_value)\n"
        "    return made\n"
    )
    outcomes = {
        name: answer(shipment("by_value", "by name", name and f"features.sessions:{name}"))
        for name in ("", "empty", "full", "none")
    }
    assert {name: one["outcome"] for name, one in outcomes.items()} == {
        "": "refused",
        "empty": "refused",
        "full": "decoded",
        "none": "no session",
    }
    assert "is not provided for scalar function by_value" in outcomes["empty"]["error"]


@pytest.mark.parametrize(
    ("decoder", "message"),
    [
        ("import os; os.kill(os.getpid(), 9)", "the probe died of SIGKILL"),
        ("import time; time.sleep(100)", "no answer within 1 s"),
    ],
)
def test_a_decoder_that_dies_is_reported_and_the_next_shipment_is_answered(
    decoder: str, message: str
) -> None:
    broken = DECODER.replace(
        'if __name__ == "__main__":\n    main()',
        f'if __name__ == "__main__":\n    {decoder}',
    )
    found = answer(shipment("by_value"), broken, each=1)
    assert (found["outcome"], found["error"]) == ("lost", message)


def test_a_shipment_that_a_node_has_no_time_for_is_not_tried() -> None:
    """Those before it took the time: nothing says that it is slow."""
    one = shipment("by_value")
    slow = DECODER.replace("    main()\n", "    import time; time.sleep(100)\n")
    report = json.loads(on_node(SOURCE, "[]", 10, slow, json.dumps([one] * 3), 10))
    assert [found["outcome"] for found in report["answers"]] == ["lost", "not tried", "not tried"]
    assert report["answers"][1]["error"] == "10 s"
