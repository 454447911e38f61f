"""The modules that a callable imports only when it runs."""

from __future__ import annotations

import functools
import json
import types
from collections import Counter, OrderedDict, defaultdict, deque
from dataclasses import field, make_dataclass
from typing import Any

import click
import pytest

from conformance.preflight.late_imports import late_uses


def _shapes() -> dict[str, Any]:
    """Return callables that import ``json.tool`` late, as a script defines them."""
    names: dict[str, Any] = {"__name__": "__main__"}
    exec(
        "class Callable:\n"
        "    def __call__(self, a): import json.tool\n"
        "class Factory:\n"
        "    def state(self): import json.tool\n"
        "def function(a): import json.tool\n"
        "def user(a): return Factory\n"
        "class Meta(type):\n"
        "    def __call__(self, a): import json.tool\n"
        "class Made(metaclass=Meta): pass\n"
        "class List(list): pass\n"
        "class Dict(dict): pass\n"
        "class Tuple(tuple): pass\n"
        "class Text(str): pass\n"
        "class Slots:\n"
        "    __slots__ = ('late',)\n"
        "def plain(a): pass\n",
        names,
    )
    late, plain = names["function"], names["plain"]
    plain.late = late
    holders = [names["List"]([1]), names["Dict"](a=1), names["Tuple"]([1]), names["Text"]("a")]
    for one in (*holders, slots := names["Slots"]()):
        one.late = late
    module = types.ModuleType("made")
    vars(module)["late"] = late
    return {
        "a callable object": names["Callable"](),
        "a class": names["Factory"],
        "a function": names["function"],
        "a function that uses a class": names["user"],
        "an attribute of a function": plain,
        "a class of a metaclass": names["Made"],
        "an attribute of a list": holders[0],
        "an attribute of a dictionary": holders[1],
        "an attribute of a tuple": holders[2],
        "an attribute of a text": holders[3],
        "a slot": slots,
        "a module that was made": module,
        "a factory": defaultdict(late),
        "a deque": deque([late]),
        "a key": Counter([late]),
        "the keys": {late: 1}.keys(),
        "the values": OrderedDict(a=late).values(),
        "a proxy": types.MappingProxyType({"a": late}),
        "an iterator": iter([late]),
        "a cached function": functools.lru_cache(late),
        "a class that names Python's module": make_dataclass(
            "C", [("a", int, field(default=late))]
        ),
    }


@pytest.mark.parametrize("shape", _shapes().values(), ids=list(_shapes()))
def test_late_imports(shape: Any) -> None:
    found = set().union(*(uses.imported for uses in late_uses(shape)))
    assert found == {"json", "json.tool"}


def test_what_is_not_walked() -> None:
    """A library's late imports are its own affair; a value that holds itself ends."""
    holder: list[Any] = [json, json.loads, click.Command, types.SimpleNamespace()]
    holder.append(holder)
    assert list(late_uses(holder)) == []
