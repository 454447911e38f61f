"""References of bytes to modules and names, found without unpickling."""

from __future__ import annotations

import pickle
import queue
import sys

import cloudpickle
import pytest

from conformance.preflight.references import find_references
from conformance.wire import Family, Frame, WireError

HERE = "{}.{}".format(*sys.version_info)


def frame(*items: object, python: tuple[int, int] = (3, 11)) -> bytes:
    """A frame whose tuple has these items."""
    return Frame(Family.SCALAR, 1, python, cloudpickle.dumps(items)).to_bytes()


def test_a_name_of_a_module_and_a_module() -> None:
    import colorsys
    import json.decoder as late

    def by_value(value: int) -> object:
        return late, colorsys, value

    found = find_references(frame("f", by_value, json_loads()))
    assert "json.loads" in found.names
    assert {"json.decoder", "colorsys"} <= {*found.modules}
    assert (found.main, found.pythons) == ((), ("3.11",))


def json_loads() -> object:
    import json

    return json.loads


def test_the_same_module_twice_is_found_by_its_memo() -> None:
    import colorsys
    import json

    found = find_references(frame("f", lambda: json, lambda: (json, colorsys)))
    assert {"json", "colorsys"} <= {*found.modules}


def test_a_name_of_main() -> None:
    data = b"\x80\x04c__main__\ng\n\x85."
    found = find_references(Frame(Family.SCALAR, 1, (3, 10), data).to_bytes())
    assert (found.main, found.names, found.pythons) == (("g",), (), ("3.10",))


def test_a_pickle_is_read_outside_its_frames_too() -> None:
    data = pickle.dumps([json_loads(), frame("f", pickle.encode_long)])
    found = find_references(data)
    assert {"json.loads", "pickle.encode_long"} <= {*found.names}
    assert found.pythons == ("3.11",)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_names_of_python_2_are_mapped(protocol: int) -> None:
    """A ``queue`` was ``Queue``, ``range`` was ``xrange``; protocols from 3 on keep their names."""
    data = pickle.dumps((getattr, queue.Queue, range), protocol)
    found = find_references(Frame(Family.SCALAR, 1, (3, 11), data).to_bytes())
    assert found.names == ("builtins.getattr", "queue.Queue", "builtins.range")


def test_a_name_of_python_2_that_a_newer_protocol_writes_is_a_name() -> None:
    assert find_references(b"\x80\x03c__builtin__\nxrange\n.").names == ("__builtin__.xrange",)


@pytest.mark.parametrize(
    "data",
    [b"DFPYUDF\x01", frame("f")[:-5], pickle.dumps([1, 2, 3] * 20)[:-3], b"\xff\xff"],
    ids=["header", "payload", "pickle", "protobuf"],
)
def test_damaged_bytes_are_an_error(data: bytes) -> None:
    with pytest.raises(WireError):
        find_references(data)
