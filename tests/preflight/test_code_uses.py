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


def guarded(body: str) -> set[str]:
    """The imports of a function of which it handles the failure."""
    code = compile(f"def f(x):\n{body}", "module.py", "exec")
    return set[str]().union(*(uses_of(one, "", {}).guarded for one in nested_codes(code)))


@pytest.mark.parametrize(
    "clause",
    [
        "except ImportError: x = 1",
        "except ModuleNotFoundError as error: x = error",
        "except (KeyError, ImportError): pass",
        "except KeyError: x = 2\n except Exception: pass\n finally: x = 3",
        "except builtins.ImportError: pass",
        "except: pass",
    ],
)
def test_imports_of_which_the_failure_is_handled(clause: str) -> None:
    assert guarded(f" try:\n  import a.b\n {clause}") == {"a", "a.b"}
    assert guarded(f" try:\n  with x:\n   from a import b\n {clause}") == {"a", "a.b"}
    assert guarded(f" import a\n try:\n  import a.b\n {clause}") == {"a.b"}


@pytest.mark.parametrize(
    "body",
    [
        " try:\n  x()\n except ImportError:\n  import a",
        " try:\n  x()\n except ImportError as error:\n  import a",
        " try:\n  import a\n except KeyError: pass",
        " try:\n  import a\n finally: x = 1",
        " with x:\n  import a",
        " import a\n try:\n  x()\n except ImportError: pass",
        " try:\n  x()\n except ImportError: pass\n import a",
        " try:\n  import a\n except ImportError: pass\n import a",
    ],
)
def test_imports_that_have_to_succeed(body: str) -> None:
    assert guarded(body) == set()


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
