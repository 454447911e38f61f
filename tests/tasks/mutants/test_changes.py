"""The operators find their places, and a change reaches the live function under every name."""

from __future__ import annotations

import ast
from typing import Any

import pytest

from tasks.mutants.changes import Change, change, changes
from tasks.mutants.layer import Function, functions, live
from tasks.mutants.operators import OPERATORS


def made(text: str) -> list[Change]:
    node = ast.parse(text).body[0]
    assert isinstance(node, ast.FunctionDef)
    return list(changes(Function("ipc.f", "ipc", "", node)))


def run(text: str, operator: str, *arguments: Any) -> list[Any]:
    """Return what each mutant by one operator returns for the arguments."""
    results = []
    for one in made(text):
        if f"/{operator}/" in one.name:
            space: dict[str, Any] = {}
            exec(compile(ast.parse(text), "f", "exec"), space)
            space["f"].__code__ = one.compiled()
            results.append(space["f"](*arguments))
    return results


@pytest.mark.parametrize(
    ("operator", "text", "results"),
    [
        ("negate-condition", "def f(a):\n if a: return 1\n return 2", [2]),
        ("drop-not", "def f(a):\n return not a", [3]),
        ("swap-comparison", "def f(a):\n return a is None", [True]),
        ("swap-and-or", "def f(a):\n return a and 7", [3]),
        ("none-argument", "def f(a):\n return (a, max((a, 5), default=0))[1]", ["raises", 5]),
        ("drop-keyword", "def f(a):\n return dict(a=a, b=1)", [{"b": 1}, {"a": 3}]),
        ("swap-arguments", "def f(a):\n return divmod(a, 2)", [(0, 2)]),
        ("return-none", "def f(a):\n return 9", [None]),
        ("return-first", "def f(a):\n return 9", [3]),
        ("delete-statement", "def f(a):\n a += 1\n return a", [3]),
        ("replace-constant", "def f(a):\n return (a, True, 4, 'x')[1:]", None),
        ("call-sibling", "def f(a):\n udf = udaf = udwf = a\n return udaf", None),
    ],
)
def test_operators(operator: str, text: str, results: list[Any] | None) -> None:
    if results is None:
        assert [one for one in made(text) if f"/{operator}/" in one.name]
    elif "raises" in results:
        with pytest.raises(TypeError):
            run(text, operator, 3)
    else:
        assert run(text, operator, 3) == results


def test_every_operator_applies_to_the_engine() -> None:
    used = {one.name.split("/")[2] for item in functions().values() for one in changes(item)}
    assert {*OPERATORS, "remove-decorator"} - {"drop-not"} <= used


def test_every_change_compiles_and_has_a_name_of_its_own() -> None:
    names = []
    for function in functions().values():
        free = live(function).__code__.co_freevars
        for one in changes(function):
            names.append(one.name)
            assert one.new is None or one.compiled().co_freevars == free
    assert len({*names}) == len(names) > 2000


def test_a_docstring_and_annotations_are_no_places() -> None:
    assert made("def f(a: 'int' = 1) -> 'int':\n 'Say.'\n return a")[0].shows.startswith("a: ")
    assert all("Say" not in one.shows for one in made("def f(a):\n 'Say.'\n return a"))


def test_a_mutant_of_no_name() -> None:
    with pytest.raises(KeyError):
        change("python/ipc.set_worker_ctx/negate-condition/9")
