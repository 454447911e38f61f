"""A receiver that is given by its versions has Python's own names, or nobody knows it."""

from __future__ import annotations

import importlib
import pickle
import platform

import pytest

from conformance.inspection import inspect
from conformance.interop.blob import BlobAnswer, who_reads
from conformance.interop.loading import DEPENDING, KNOWN
from conformance.interop.python_names import uncertain_names
from conformance.util.versions import minor_version

OURS = minor_version(platform.python_version())
OTHER = "3.13" if OURS != "3.13" else "3.12"


def pickled(module: str, name: str) -> bytes:
    """Return a pickle of a list with one global, which need not exist."""
    return b"\x80\x04](" + b"".join(map(text, (module, name))) + b"\x93e."


def text(one: str) -> bytes:
    return b"\x8c" + bytes((len(one),)) + one.encode()


def answer(data: bytes, python: str) -> BlobAnswer:
    receiver = {"engine": "55.0.0", "cloudpickle": "3.1.2", "python": python}
    return who_reads(inspect(data), receiver)


@pytest.mark.parametrize(
    ("module", "name", "missing"),
    [
        ("operator", "negg", "operator.negg"),
        ("json", "nope", "json.nope"),
        ("json.nope", "f", "json.nope"),
        ("builtins", "nope", "builtins.nope"),
    ],
)
def test_a_name_that_this_python_lacks(module: str, name: str, missing: str) -> None:
    found = answer(pickled(module, name), OURS)
    assert (found.reads, found.reasons) == ("no", (f"Python {OURS} has no {missing}",))
    other = answer(pickled(module, name), OTHER)
    assert other.reads == "yes"
    need = f"that Python {OTHER} has {module}.{name}: no such Python is here to see it"
    assert need in other.needs


@pytest.mark.parametrize(
    "dotted",
    [
        "pathlib._local PosixPath",
        "itertools batched",
        "copy replace",
        "builtins ExceptionGroup",
        "tomllib loads",
        "_operator call",
        "winreg OpenKey",
    ],
)
def test_a_name_that_not_every_python_has_is_a_condition(dotted: str) -> None:
    module, _, name = dotted.partition(" ")
    found = answer(pickled(module, name), OTHER)
    assert found.reads == "yes"
    # A module that this Python lacks as well looks like a package to it.
    assert any(f"{module}.{name}" in need or module in need for need in found.needs)
    assert not answer(pickled("operator", "neg"), OTHER).needs
    assert not answer(pickled("datetime", "datetime"), OURS).needs


def test_a_module_of_another_system_is_not_judged() -> None:
    (elsewhere,) = {"winreg", "fcntl"} - {name for name in ("winreg", "fcntl") if has(name)}
    found = answer(pickled(elsewhere, "x"), OURS)
    reason = f"Python has {elsewhere} on other systems only"
    assert (found.reads, found.reasons) == ("not judged", (reason,))


def has(name: str) -> bool:
    try:
        importlib.import_module(name)
    except ImportError:
        return False
    return True


def test_names_that_are_no_condition_are_here() -> None:
    """The table is right for the Python that runs this."""
    skipped = ("__builtin__.", "exceptions.", "copy_reg.", "pyarrow.", "datafusion.")
    for dotted in KNOWN | DEPENDING:
        module, _, name = dotted.rpartition(".")
        if dotted.startswith(skipped) or uncertain_names(inspect(pickled(module, name))):
            continue
        while not has(module):
            module = module.rpartition(".")[0]
        one = importlib.import_module(module)
        for part in dotted.removeprefix(f"{module}.").split("."):
            one = getattr(one, part)


def test_ordinary_values_have_no_condition() -> None:
    assert not answer(pickle.dumps([1, "a", b"b", {2: {3}}, len, abs]), OTHER).needs


def test_a_name_of_a_module_that_nothing_imported() -> None:
    """Nothing is imported to see a name; one of all Pythons is no condition."""
    assert not answer(pickled("http", "HTTPStatus"), OURS).needs
    (need,) = answer(pickled("this", "s"), OURS).needs
    assert need == "that it has this.s: nothing was imported to see it"
