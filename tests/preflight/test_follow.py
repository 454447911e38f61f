"""Modules that other code of the bytes needs: the command on nodes with other sources of them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from conformance.cli import main
from tests.preflight.conftest import Environment

JOB = """
import pyarrow as pa
from datafusion import udf, col
import __main__
import pkg.sub, profile, tries

def make(function):
    return udf(function, [pa.int64()], pa.int64(), "immutable", "f")(col("a"))

def submodule(column):
    from pkg import sub
    return sub.g(column)

def inside(column):
    import lazyuser
    return lazyuser.g(column)

def relative(column):
    import pkg.user
    return pkg.user.g(column)

def nested(column):
    return list(map(lambda each: pkg.sub.g(each), column))

def nested_and_imported(column):
    import pkg.sub as part
    return list(map(lambda each: pkg.sub.g(each), column))

def package_inside(column):
    import pkg
    return pkg.sub.g(column)

def package_that_imports_it(column):
    import eager
    return eager.sub.g(column)

def package_of_python(column):
    import xml
    return xml.etree.ElementTree and column

def package_that_another_imports(column):
    import plistlib, xml
    return xml.parsers.expat and column

def optional(column):
    return tries.g(column)

def attribute(column):
    from lazyuser import g
    return g(column)

def hidden(column):
    import profile
    return profile.g(column)

def hidden_by_reference(column):
    return profile.g(column)

def optional_inside(column):
    try:
        import lazy
    except ImportError:
        return column
    return lazy.g(column)

def optional_and_needed(column):
    try:
        import lazy
    except ImportError:
        pass
    import lazy
    return lazy.g(column)

def optional_name_of_main(column):
    try:
        from __main__ import RATE
    except ImportError:
        RATE = 4
    return RATE

RATE = 4

def of_main(column):
    return __main__.RATE

def of_main_inside(column):
    from __main__ import RATE
    return RATE

def of_main_renamed(column):
    import __main__ as script
    return (lambda: script.RATE)()

def main_itself(column):
    return vars(__main__)["RATE"]

def main_as_a_default(column, *, script=__main__):
    return script.RATE

names = (
    of_main, of_main_inside, of_main_renamed, main_itself, main_as_a_default,
    hidden, hidden_by_reference,
    optional_inside, optional_and_needed, optional_name_of_main,
    package_inside, package_that_imports_it, package_of_python, package_that_another_imports,
    submodule, inside, relative, nested, nested_and_imported, optional, attribute
)
globals().update({f"{one.__name__}_": make(one) for one in names})
"""
MODULES = {
    "pkg/__init__": "",
    "pkg/sub": "def g(x): return x\n",
    "eager/__init__": "import eager.user\n",
    "eager/user": "from eager import sub\n",
    "eager/sub": "def g(x): return x\n",
    "pkg/user": "class A:\n  def g(self, x):\n    from . import sub\n    return sub.g(x)\n"
    "g = A().g\n",
    "lazy": "def g(x): return x\n",
    "lazyuser": "def g(x):\n    import lazy\n    return lazy.g(x)\n",
    "tries": "try:\n    import lazy\nexcept ImportError:\n    lazy = None\ndef g(x): return x\n",
}
EVERY = ("submodule", "inside", "relative", "nested_and_imported", "optional", "attribute")


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, other: Environment) -> Environment:
    """A node with the same modules as the driver, whose folder is the current one."""
    other.link_engine()
    folder = tmp_path / "driver"
    for root in (folder, other.packages):
        for package in ("pkg", "eager"):
            (root / package).mkdir(parents=True)
        for name, text in MODULES.items():
            (root / f"{name}.py").write_text(text)
    (folder / "job.py").write_text(JOB)
    (folder / "profile.py").write_text("def g(x): return x\n")
    monkeypatch.chdir(folder)
    return other


def answers(node: Environment, *names: str) -> dict[str, tuple[str, str]]:
    """The verdict and the reason of each function of the job."""
    specs = [f"--expr=job.py:{name}_" for name in names]
    arguments = ["preflight", "--python", f"n={node.python}", *specs, "--json"]
    result = CliRunner().invoke(main, arguments)
    assert result.stdout, result.output
    (found,) = json.loads(result.stdout)["nodes"]
    rows = found["judgements"]
    return {name: (row["verdict"], row["why"]) for name, row in zip(names, rows, strict=True)}


def test_the_same_modules(node: Environment) -> None:
    assert answers(node, *EVERY) == dict.fromkeys(EVERY, ("reads", ""))


def test_another_source(node: Environment) -> None:
    for name in ("pkg/sub", "lazy"):
        (node.packages / f"{name}.py").write_text("def g(x): return -x\n")
    found = answers(node, *EVERY)
    assert {verdict for verdict, _ in found.values()} == {"reads, but not the same"}
    for name, module in (("submodule", "pkg.sub"), ("inside", "lazy"), ("relative", "pkg.sub")):
        assert f"module {module} on the node" in found[name][1]


def test_no_such_module(node: Environment) -> None:
    for name in ("pkg/sub", "lazy"):
        (node.packages / f"{name}.py").unlink()
    found = answers(node, *EVERY)
    assert found.pop("optional") == (
        "reads, but not the same",
        "the node has no module lazy, which code of module tries imports where it can: install it "
        "there",
    )
    assert {verdict for verdict, _ in found.values()} == {"does not read"}
    assert "no module pkg.sub, which a function imports when it runs" in found["submodule"][1]
    assert "no module lazy, which code of module lazyuser imports" in found["inside"][1]


def test_a_submodule_that_only_the_driver_imported(node: Environment) -> None:
    """Cloudpickle imports it on the node only for the function itself, not for code inside it."""
    verdict, why = answers(node, "nested")["nested"]
    assert verdict == "does not read"
    assert "a function takes pkg.sub as an attribute of its package" in why
    shutil.rmtree(node.packages / "pkg")
    (node.packages / "pkg").mkdir()
    (node.packages / "pkg" / "__init__.py").touch()
    verdict, why = answers(node, "nested")["nested"]
    assert verdict == "does not read"
    assert "no module pkg.sub, which a function" in why


def test_a_submodule_of_a_package_that_only_the_function_imports(node: Environment) -> None:
    found = answers(node, "package_inside", "package_of_python")
    for name, module in (("package_inside", "pkg.sub"), ("package_of_python", "xml.etree")):
        verdict, why = found[name]
        assert verdict == "does not read"
        assert f"a function takes {module} as an attribute of its package, and neither" in why
    names = ("package_that_imports_it", "package_that_another_imports")
    found = answers(node, *names)
    assert found[names[0]] == ("reads", "")
    verdict, why = found[names[1]]
    assert verdict == "not judged"
    assert "nobody knows whether module plistlib imports it" in why


def test_a_name_that_a_function_takes_of_main_when_it_runs(node: Environment) -> None:
    names = ("of_main", "of_main_inside", "of_main_renamed")
    assert answers(node, *names) == dict.fromkeys(
        names,
        (
            "does not read",
            "code that the bytes need takes __main__.RATE of the driver's script when it runs, "
            "which the node does not have: move it into a module that is installed on every node",
        ),
    )


def test_main_of_which_the_name_is_not_known(node: Environment) -> None:
    names = ("main_itself", "main_as_a_default", "optional_name_of_main")
    for verdict, why in answers(node, *names).values():
        assert verdict == "not judged"
        assert "takes the module __main__, which is another one there: if it needs" in why


def test_a_module_of_the_driver_that_hides_one_of_python(node: Environment) -> None:
    for verdict, why in answers(node, "hidden", "hidden_by_reference").values():
        assert verdict == "reads, but not the same"
        assert why.startswith("module profile on the node (")


def test_a_function_that_imports_where_it_can(node: Environment) -> None:
    names = ("optional_inside", "optional_and_needed")
    assert answers(node, *names) == dict.fromkeys(names, ("reads", ""))
    (node.packages / "lazy.py").unlink()
    assert answers(node, *names) == {
        "optional_inside": (
            "reads, but not the same",
            "the node has no module lazy, which a function imports where it can: install it there",
        ),
        "optional_and_needed": (
            "does not read",
            "the node decodes it, but has no module lazy, which a function imports when it runs: "
            "install it there",
        ),
    }
