"""The callables of the stories: functions, classes by value with a state, and one with a lock."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from threading import Lock
from typing import Any

from conformance.catalogue.nodes import Family, Udf
from conformance.catalogue.source import compile_udf
from conformance.suite.helpers.same_name_udfs import INT, times

_CLASSES: Mapping[Family, str] = {
    "scalar": (
        "import pyarrow.compute as pc\nclass f:\n    factor = {k}\n"
        "    def __call__(self, a): return pc.multiply(a, type(self).factor)\n"
    ),
    "aggregate": (
        "import pyarrow.compute as pc\nclass f(Accumulator):\n    factor = {k}\n    total = 0\n"
        "    def update(self, a): self.total += type(self).factor * pc.sum(a).as_py()\n"
        "    def merge(self, s): self.total += pc.sum(s[0]).as_py()\n"
        "    def state(self): return [self.total]\n"
        "    def evaluate(self): return self.total\n"
    ),
    "window": (
        "import pyarrow.compute as pc\nclass f(WindowEvaluator):\n    factor = {k}\n"
        "    def evaluate_all(self, values, n):\n"
        "        return pc.multiply(values[0], type(self).factor)\n"
    ),
}


def declare(family: Family, name: str) -> Udf:
    """Return the declaration of a UDF whose callable is made elsewhere."""
    state = (INT,) if family == "aggregate" else ()
    return Udf(f"model/{family}", family, name, "", (INT,), INT, state)


def make_class(family: Family, factor: int, bases: Mapping[str, type]) -> Any:
    """Return a class that is pickled by value and multiplies by its attribute ``factor``."""
    source = _CLASSES[family].format(k=factor)
    return compile_udf(Udf(f"model/{family}-class-{factor}", family, "f", source, (), INT), bases)


def on_class(family: Family, class_: Any) -> Callable[..., Any]:
    """Return a callable that uses the class: an instance, or itself as a factory."""
    callable_: Callable[..., Any] = class_() if family == "scalar" else class_
    return callable_


def make_callable(
    family: Family, name: str, factor: int, locked: bool, bases: Mapping[str, type]
) -> Callable[..., Any]:
    """Return a callable that multiplies by ``factor``, with a lock in it if it is ``locked``."""
    plain = compile_udf(times(family, factor, name), bases)
    if not locked:
        return plain
    lock = Lock()

    def f(*arguments: Any) -> Any:
        with lock:
            return plain(*arguments)

    return f
