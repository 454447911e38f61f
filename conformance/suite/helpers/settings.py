"""UDFs by value whose factor is a setting that the sender changes between two messages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from conformance.catalogue.nodes import Call, Col, Family, Udf
from conformance.catalogue.source import MODULE
from conformance.subjects.interface import Expression, Subject
from conformance.suite.helpers.same_name_udfs import INT

HELD = ("attribute", "base", "helper", "global", "enum", "module")
"""The place of the setting.

It is on the UDF's class, its base, another class or an enum, in the globals, or in a module that
travels by value.
"""

_SETTINGS = """
import enum, types
import pyarrow as pa, pyarrow.compute as pc
class Base{bases}: base = 1
class Helper: helper = 1
class Kind(enum.Enum): ONE = 1
module = types.ModuleType("settings")
def set(value):
    global FACTOR
    FACTOR = value if {held!r} == "global" else 1
    f_class.attribute = value if {held!r} == "attribute" else 1
    Base.base = value if {held!r} == "base" else 1
    Helper.helper = value if {held!r} == "helper" else 1
    Kind.kind = value if {held!r} == "enum" else 1
    module.module = value if {held!r} == "module" else 1
"""
_FACTOR = "FACTOR * self.attribute * self.base * Helper.helper * Kind.kind * module.module"
_CLASSES: dict[Family, str] = {
    "scalar": """
class f_class(Base):
    def __call__(self, a): return pc.multiply(a, {factor})
f = f_class()
""",
    "aggregate": """
class f_class(Base):
    def __init__(self): self.total = 0
    def update(self, a): self.total += pc.sum(a).as_py()
    def merge(self, states): self.total += pc.sum(states[0]).as_py()
    def state(self): return [pa.scalar(self.total)]
    def evaluate(self): return pa.scalar(self.total * {factor})
f = f_class
""",
    "window": """
class f_class(Base):
    def evaluate_all(self, values, n): return pc.multiply(values[0], {factor})
f = f_class
""",
}
_BASES: dict[Family, str] = {
    "scalar": "",
    "aggregate": "(Accumulator)",
    "window": "(WindowEvaluator)",
}


class Setting:
    """A UDF named ``scaled`` that multiplies by a setting, and the sender's ways to change it."""

    def __init__(self, subject: Subject, family: Family, held: str) -> None:
        source = _SETTINGS.format(held=held, bases=_BASES[family])
        source += _CLASSES[family].format(factor=_FACTOR)
        namespace: dict[str, Any] = {"__name__": MODULE, **subject.bases}
        exec(source, namespace)
        self.set: Callable[[int], None] = namespace["set"]
        self.set(1)
        state = (INT,) if family == "aggregate" else ()
        udf = Udf(f"setting/{family}-{held}", family, "scaled", source, (INT,), INT, state)
        function = subject.function(udf, namespace["f"])
        self.expr: Expression = subject.expr(Call(udf, (Col("a"),)), {udf: function})
