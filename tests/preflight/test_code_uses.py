"""The modules that code imports or uses, read without running it."""

from __future__ import annotations

import pytest

from conformance.preflight.code_uses import nested_codes, uses_of


def uses(source: str, package: str = "here.inner") -> tuple[set[str], set[tuple[str, ...]]]:
    """The imports and the chains of a module and all code in it."""
    imported, chains, bound = set[str](), set[tuple[str, ...]](), dict[str, str]()
    for code in nested_codes(compile(source, "module.py", "exec")):
        found = uses_of(code, package, bound)
        bound = found.bound
        imported |= found.imported
        chains |= {chain for chain in found.chains if len(chain) > 1}
    return imported, chains


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import a.b", {"a", "a.b"}),
        ("from a.b import c", {"a", "a.b", "a.b.c"}),
        ("from a import *", {"a", "a.*"}),
        ("from . import x", {"here", "here.inner", "here.inner.x"}),
        ("from ..x import y", {"here", "here.x", "here.x.y"}),
        ("from ....x import y", set()),
        ("class A:\n def f(self):\n  import a\n  return lambda: a", {"a"}),
        ("try:\n import a\nexcept ImportError: import b", {"a", "b"}),
    ],
)
def test_imports(source: str, expected: set[str]) -> None:
    assert uses(source)[0] == expected


@pytest.mark.parametrize(
    "condition",
    [
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING",
        "import typing\nif typing.TYPE_CHECKING",
    ],
)
def test_what_only_a_type_checker_sees_is_no_import(condition: str) -> None:
    found, _ = uses(f"{condition}:\n import a\nelse:\n import b\nimport c")
    assert "a" not in found
    assert {"b", "c"} <= found


@pytest.mark.parametrize(
    ("source", "chain"),
    [
        ("import a\ndef f(x): return [a.b.g(y) for y in x]", ("a", "b", "g")),
        ("import a.b as c\ndef f(x): return lambda: c.d", ("a.b", "d")),
        ("def f(x):\n import a\n return a.b, lambda: a.c", ("a", "b")),
        ("def f(x):\n import a\n return a.b, lambda: a.c", ("a", "c")),
        ("from a import b as c, d\nc.e", ("a.b", "e")),
        ("from a import b as c, d\nd.e", ("a.d", "e")),
    ],
)
def test_attributes_of_modules(source: str, chain: tuple[str, ...]) -> None:
    assert chain in uses(source)[1]
