"""The answer whether a receiver reads a blob: the calls and classes of its payloads."""

from __future__ import annotations

import collections
import datetime
import decimal
import enum
import functools
import inspect as inspect_module
import json
import marshal
import operator
import pathlib
import pickle
import platform
import random
import re
import sys
import zoneinfo
from dataclasses import make_dataclass
from typing import Any

import cloudpickle
import pyarrow as pa
import pytest
from datafusion import lit

from tests.interop.blobs import (
    UNKNOWN,
    Call,
    answer,
    by_value,
    members,
    reduced,
    with_opcodes,
)
from tests.wire.samples import scalar

RECONSTRUCTOR: Any = object.__new__(object).__reduce_ex__(0)[0]


@pytest.mark.parametrize(
    ("function", "arguments", "name"),
    [
        (pickle.loads, (pickle.dumps(len),), "_pickle.loads"),
        (marshal.loads, (b"N",), "marshal.loads"),
        (sys.exit, (3,), "sys.exit"),
        (open, ("/nonexistent",), "io.open"),
        (bytes, (1 << 40,), "builtins.bytes"),
        (bytearray, (1 << 40,), "builtins.bytearray"),
        (int, ("notanint",), "builtins.int"),
        (getattr, ("text", 1), "builtins.getattr"),
        (pathlib.WindowsPath, ("a",), "WindowsPath"),
        (Call(operator.attrgetter, ("nosuch",)), (sys.intern("x"),), "an object of which the name"),
    ],
)
def test_a_call_of_which_nobody_knows_what_it_does(
    function: Any, arguments: tuple[Any, ...], name: str
) -> None:
    found = answer(reduced(function, arguments))
    assert (found.reads, UNKNOWN in found.sentence, name in found.sentence) == (
        "not judged",
        True,
        True,
    ), found.sentence


class Color(enum.Enum):
    RED = 1


ORDINARY = {
    "partial": functools.partial(operator.add, 1),
    "Decimal": decimal.Decimal("1.5"),
    "datetime": datetime.datetime(2026, 1, 2, tzinfo=datetime.timezone.utc),
    "regex": re.compile("a+", re.IGNORECASE),
    "counter": collections.Counter("aab"),
    "default": collections.defaultdict(list, {1: [2]}),
    "set": {1, 2},
    "path": pathlib.PurePosixPath("a/b"),
    "error": ValueError("no"),
    "bytes": bytearray(b"ab"),
    "scalar": pa.scalar(1),
    "keys": {1: 2}.keys(),
    "view": memoryview(b"ab"),
    "itemgetter": operator.itemgetter(1),
    "range": range(3),
    "random": random.Random(1),
    "iterator": iter([1]),
    "signature": inspect_module.signature(lambda x: x),
    "json": json.JSONEncoder(),
}


@pytest.mark.parametrize("name", ORDINARY)
@pytest.mark.parametrize("protocol", [2, 5])
def test_ordinary_objects_are_known(name: str, protocol: int) -> None:
    value = ORDINARY[name]
    function = lambda x: (x, value)  # noqa: E731
    data = scalar(cloudpickle.dumps(members(function), protocol))
    found = answer(data)
    assert found.reads == "yes", found.sentence
    assert not [need for need in found.needs if "calls of" in need]


@pytest.mark.parametrize(
    "name",
    [
        "pathlib._local PurePosixPath",  # Python 3.13
        "functools cached_property",  # of a class, since Python 3.12
        "builtins frozendict",  # Python 3.15, as the next one
        "dataclasses _AutoDocstring",
        "_weakrefset WeakSet",
        "exceptions ValueError",
    ],
)
def test_names_that_other_pythons_write_are_known(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platform, "python_version", lambda: "3.9.0")
    found = answer(with_opcodes(f"c{name}\n)R".replace(" ", "\n").encode()))
    assert found.reads == "yes", found.sentence
    assert not [need for need in found.needs if "calls of" in need]


def test_classes_of_the_main_program_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    point = make_dataclass("Point", [("x", int, 1)])
    monkeypatch.setattr(point, "__module__", "__main__")
    monkeypatch.setattr(Color, "__module__", "__main__")
    for value in (point(), Color.RED):
        found = answer(by_value(functools.partial(print, value)))
        assert found.reads == "yes", found.sentence


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (zoneinfo.ZoneInfo("UTC"), "zoneinfo.ZoneInfo._unpickle"),
        (pathlib.PosixPath("a"), "PosixPath"),
        (Call(pytest.approx, (1,)), "approx"),
        (Call(cloudpickle.loads(cloudpickle.dumps(lambda x: x)), (1,)), "a function of its own"),
    ],
)
def test_a_call_that_depends_on_the_receiver_is_named(value: object, name: str) -> None:
    (need,) = (one for one in answer(by_value(value)).needs if "calls of" in one)
    assert name in need


def own_instances() -> dict[str, tuple[object, bool]]:
    """Return instances of local classes, and whether a method of theirs runs when they are made."""

    class Plain:
        def __init__(self, x: int) -> None:
            self.x = x

    class Error(Exception):
        def __init__(self, a: int, b: int) -> None:
            super().__init__(a + b)

    class New(Plain):
        def __new__(cls, x: int) -> New:
            return super().__new__(cls) if x else cls(1)

    class State(Plain):
        def __setstate__(self, state: object) -> None:
            raise TypeError

    class Sealed:
        __slots__ = ("x",)

        def __init__(self) -> None:
            object.__setattr__(self, "x", 1)

        def __setattr__(self, name: str, value: object) -> None:
            raise AttributeError(name)

    class Hooked(Plain):
        def __init_subclass__(cls) -> None:
            raise TypeError

    class Meta(type):
        pass

    class Made(metaclass=Meta):
        pass

    class Marked(type(pytest.approx(1))):  # type: ignore[misc]
        def __init__(self) -> None:
            pass

    class Level(enum.Enum):
        LOW = 1

    pair = collections.namedtuple("pair", "a b")
    below = type.__new__(type, "Below", (Plain,), {})
    below.__bases__ = (Hooked,)
    return {
        "plain": (Plain(1), False),
        "plain by protocol 0": (Call(RECONSTRUCTOR, (Plain, object, None)), False),
        "enum": (Level.LOW, False),
        "list": ([Plain(1)], False),
        "error": (Error(1, 2), True),
        "error without arguments": (Call(Error, ()), True),
        "new": (New(1), True),
        "setstate": (State(1), True),
        "slots": (Sealed(), True),
        "init_subclass": (below, True),
        "metaclass": (Made, True),
        "base of a package": (Marked(), True),
        "named tuple": (pair(1, 2), True),
    }


@pytest.mark.parametrize("name", own_instances())
def test_a_class_of_its_own_whose_methods_run_is_a_condition(name: str) -> None:
    value, runs = own_instances()[name]
    found = answer(by_value(functools.partial(print, value)))
    assert found.reads == "yes", found.sentence
    need = "that the calls of a class of its own succeed while it unpickles"
    assert (need in found.needs) == runs, found.sentence


def test_an_expression_in_a_closure_is_made_by_a_method_of_its_own() -> None:
    """cloudpickle writes ``Expr._reconstruct`` by value, and binds it to the class."""
    found = answer(by_value(functools.partial(print, lit(1))))
    assert found.reads == "yes", found.sentence
    assert "that the calls of a function of its own succeed while it unpickles" in found.needs


def test_a_method_of_a_function_that_has_a_name_is_not_judged() -> None:
    """Nobody sees what a bound function gets: it may import what its first argument names."""
    bound = b"ctypes\nMethodType\nccloudpickle.cloudpickle\nsubimport\nVos\n\x86R"
    found = answer(with_opcodes(bound + b")R"))
    assert (found.reads, UNKNOWN in found.sentence) == ("not judged", True), found.sentence
