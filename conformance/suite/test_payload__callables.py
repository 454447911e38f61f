"""The payload: how the callable in it travels, and who unpickles it."""

from __future__ import annotations

import pickle
import re
import sys
from collections.abc import Callable
from contextlib import ExitStack
from types import ModuleType
from typing import Any
from unittest import mock

import pyarrow as pa
import pytest

from conformance.catalogue.nodes import Family, Udf
from conformance.catalogue.source import MODULE
from conformance.runner.assertions import assert_control, assert_equal, assert_succeeds, assert_true
from conformance.subjects.interface import Subject
from conformance.suite.helpers import handmade_frames
from conformance.suite.helpers.callables import CALLABLES
from conformance.suite.helpers.codec import frame_of
from conformance.suite.helpers.markers import clause, each_family
from conformance.suite.helpers.same_name_udfs import assert_times_seven, call_of, times
from conformance.suite.helpers.samples import sample, strict_session
from conformance.wire import Payload
from conformance.wire.payload import WRITE_BYTES

IPC_NAMES = r"open_|new_|read_|serialize|Message|RecordBatch(Stream|File)"
"""Pattern for the names of pyarrow's functions and classes that write or read IPC."""


@clause("PAYLOAD-18")
@each_family
def test_no_pyarrow_ipc(subject: Subject, family: Family) -> None:
    """All IPC functions of pyarrow raise. Encoding and decoding still work."""
    expr = sample(subject, family)
    names = [name for name in dir(pa.ipc) if re.match(IPC_NAMES, name)]
    assert_control(len(names) > 10, "pyarrow.ipc has fewer matching names than expected", names)
    with ExitStack() as patches:
        for module in (pa.ipc, pa.lib, pa):
            for name in names:
                if hasattr(module, name):
                    patches.enter_context(mock.patch.object(module, name, _fail))
        assert_succeeds(lambda: subject.from_bytes(subject.to_bytes(expr)), "without pyarrow.ipc")


@clause("PAYLOAD-18")
@each_family
def test_no_pyarrow_memory(subject: Subject, family: Family) -> None:
    """A call is encoded inline and by name.

    The equal peaks of pyarrow's memory rule out ``Schema.serialize``, which cannot be patched.
    """
    expr, by_name = sample(subject, family), strict_session(subject)
    inline = _peak_memory(lambda: subject.to_bytes(expr))
    bare = _peak_memory(lambda: subject.to_bytes(expr, by_name))
    assert_equal(inline, bare, "the peak of pyarrow's memory in bytes, inline and by name")


def _peak_memory(call: Callable[[], Any]) -> int:
    before = pa.default_memory_pool()
    pool = pa.proxy_memory_pool(before)
    pa.set_memory_pool(pool)
    try:
        call()
    finally:
        pa.set_memory_pool(before)
    return int(pool.max_memory())


def _fail(*_: Any, **__: Any) -> Any:
    raise AssertionError("a pyarrow IPC function was called")


NAMESAKES: dict[str, Any] = {"object": object(), "function": lambda a: a, "class": Exception}
"""What can have the name of a callable in its module: what a decorator made, a later one."""


@clause("PAYLOAD-19")
@pytest.mark.parametrize("namesake", NAMESAKES)
@each_family
def test_namesake_in_the_module(subject: Subject, family: Family, namesake: str) -> None:
    """The module that the callable names is importable, but has another object by that name."""
    udf, module = times(family, 7), ModuleType(MODULE)
    setattr(module, udf.attribute, NAMESAKES[namesake])
    with mock.patch.dict(sys.modules, {MODULE: module}):
        data = subject.to_bytes(call_of(subject, udf))
        imported = Payload.read(frame_of(data).payload).globals
        named = [name for name in imported if name.startswith(MODULE)]
        assert_equal(named, [], "what the payload imports of that module")
        assert_times_seven(subject, family, data, "a callable with a namesake")


@clause("PAYLOAD-20")
@each_family
def test_by_reference(subject: Subject, family: Family) -> None:
    """The callable is in an importable module.

    The payload imports it by module and name, and the UDF runs.
    """
    content = handmade_frames.payload_members(family)
    data = subject.to_bytes(
        subject.from_bytes(handmade_frames.make_expression(subject, family, content))
    )
    # How protocols 0 to 2, which have no bytes, write those of the schemas is no import of code.
    imports = {*Payload.read(frame_of(data).payload).globals} - WRITE_BYTES
    callable_ = CALLABLES[family]
    expected = f"{callable_.__module__}.{callable_.__qualname__}"
    assert_equal(imports, {expected}, "the imports of the payload")
    assert_times_seven(subject, family, data, "a callable by reference")


@clause("PAYLOAD-21")
def test_modules_by_reference(subject: Subject) -> None:
    """The callable uses a module. The payload holds the module's name and none of its content."""
    source = (
        "import decimal, pyarrow.compute as pc\nf = lambda a: (decimal, pc.multiply(a, 7))[1]\n"
    )
    udf = Udf(**(times("scalar", 7).__dict__ | {"source": source, "id": "payload/module"}))
    frame = frame_of(subject.to_bytes(call_of(subject, udf)))
    assert_true(
        b"decimal" in frame.payload,
        "the payload does not name the module",
        frame.payload,
        kind="wrong-bytes",
    )
    assert_true(
        b"quantize" not in frame.payload,
        "the payload contains the module's content",
        frame.payload,
        kind="wrong-bytes",
    )


@clause("PAYLOAD-22")
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@each_family
def test_any_pickler(subject: Subject, family: Family, protocol: int) -> None:
    """Another pickler wrote the tuple, with any protocol. The frame decodes, and the UDF runs."""
    payload = pickle.dumps(handmade_frames.payload_members(family), protocol)
    data = handmade_frames.make_expression(subject, family, payload)
    assert_times_seven(subject, family, data, f"protocol {protocol}")
