from __future__ import annotations

import ast
import io
import pickle
import pickletools
import re
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import conformance.wire
from conformance.wire import (
    Definition,
    Family,
    Frame,
    MalformedPickle,
    MalformedTuple,
    Opaque,
    Payload,
    find,
    listing,
    locate,
)

from .samples import REAL, attempt, damaged, likely

SCALAR = ("double", len, b"input", b"return", "immutable")


@pytest.mark.parametrize("protocol", [0, 1, 2, 3, 4, 5])
def test_text_and_bytes_are_values_and_all_else_is_opaque(protocol: Any) -> None:
    items: tuple[Any, ...] = ("text", b"bytes\xff", b"", 1, None, [1], {}, (), ("nested",), len)
    payload = Payload.read(pickle.dumps(items, protocol))
    kinds = [item.kind if isinstance(item, Opaque) else item for item in payload.items]
    assert kinds[:3] == ["text", b"bytes\xff", b""]
    assert kinds[4:] == ["None", "list", "dict", "tuple", "tuple", "global"]


@pytest.mark.parametrize("protocol", [0, 1, 2])
def test_only_what_writes_bytes_is_read_as_bytes(protocol: Any) -> None:
    data = pickle.dumps(("x", b"\xe4bc"), protocol)
    assert Payload.read(data).items == ("x", b"\xe4bc")
    for other in (data.replace(b"latin1", b"utf-16"), data.replace(b"_codecs", b"_corecs")):
        assert other != data
        assert Payload.read(other).items == ("x", Opaque("call"))


@pytest.mark.parametrize("protocol", [0, 1, 2, 3, 4, 5])
def test_imports_are_listed_in_every_protocol(protocol: Any) -> None:
    payload = Payload.read(pickle.dumps((Path, len, Path), protocol))
    module = Path.__module__
    builtins = "__builtin__" if protocol < 3 else "builtins"
    assert payload.globals == (f"{module}.Path", f"{builtins}.len")


def test_old_opcodes_import_too() -> None:
    data = b"(cos\nsystem\n(i__main__\nThing\n\x82\x07t."
    assert Payload.read(data).globals == (
        "os.system",
        "__main__.Thing",
        "?.copyreg extension 7",
    )


def test_a_name_that_a_call_computes_is_shown_as_unknown() -> None:
    data = b"\x80\x04(\x8c\x02osc__builtin__\nstr\n)R\x93t."
    assert Payload.read(data).globals == ("__builtin__.str", "os.?")


def test_one_object_met_twice_is_two_members() -> None:
    name = "".join(("na", "me"))
    assert Payload.read(pickle.dumps((name, name, b"x"))).items == ("name", "name", b"x")


def test_what_follows_the_stop_is_counted_out() -> None:
    data = pickle.dumps(("a",))
    assert Payload.read(data + b"trailing").size == len(data)


def test_opcodes_are_those_of_pickletools() -> None:
    data = find(REAL["aggregate-expr"])[0].frame().payload
    seen = [(opcode.name, opcode.position) for opcode in Payload.read(data).opcodes]
    assert seen == [(info.name, position) for info, _, position in pickletools.genops(data)]


@pytest.mark.parametrize("name", [name for name in REAL if name.endswith("-expr")])
def test_real_definitions_are_read(name: str) -> None:
    for found in find(REAL[name]):
        definition = Definition.read(found.frame())
        assert definition.name == found.name
        assert definition.callable == Opaque("call")
        assert (definition.state_schema is None) == (definition.family is not Family.AGGREGATE)


def test_a_real_payload_imports_cloudpickle_and_the_base_class() -> None:
    payload = Payload.read(find(REAL["aggregate-expr"])[0].frame().payload)
    assert "datafusion.user_defined.Accumulator" in payload.globals
    assert "cloudpickle.cloudpickle._make_skeleton_class" in payload.globals


@pytest.mark.parametrize(
    ("family", "items", "field"),
    [
        (Family.SCALAR, SCALAR[:4], "tuple"),
        (Family.AGGREGATE, SCALAR, "tuple"),
        (Family.SCALAR, (b"double", *SCALAR[1:]), "name"),
        (Family.SCALAR, ("double", "len", *SCALAR[2:]), "callable"),
        (Family.SCALAR, ("double", None, *SCALAR[2:]), "callable"),
        (Family.WINDOW, ("double", 1, *SCALAR[2:]), "evaluator factory"),
        (Family.SCALAR, (*SCALAR[:2], None, *SCALAR[3:]), "input schema"),
        (Family.SCALAR, (*SCALAR[:3], "text", SCALAR[4]), "return schema"),
        (Family.AGGREGATE, (*SCALAR[:4], [], SCALAR[4]), "state schema"),
        (Family.SCALAR, (*SCALAR[:4], "Immutable"), "volatility"),
        (Family.SCALAR, (*SCALAR[:4], 0), "volatility"),
    ],
)
def test_the_field_that_is_off_is_named(family: Any, items: Any, field: Any) -> None:
    frame = Frame(family, 1, (3, 12), pickle.dumps(items))
    with pytest.raises(MalformedTuple, match=field) as caught:
        Definition.read(frame)
    assert caught.value.field == field


@pytest.mark.parametrize("value", [[1], "text", b"bytes", None, {}, len])
def test_a_pickle_of_something_else_is_no_tuple(value: Any) -> None:
    with pytest.raises(MalformedTuple, match="no tuple"):
        Payload.read(pickle.dumps(value))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "exhausted"),
        (b"\x80\x05", "exhausted"),
        (b"\x80\x63N.", "protocol"),
        (b"\xf7.", "unknown"),
        (b".", "STOP"),
        (b"t.", "TUPLE needs a mark"),
        (b"\x86.", "TUPLE2"),
        (b"(N\x86.", "TUPLE2 takes more"),
        (b"0.", "POP"),
        (b"h\x07.", "memo 7"),
        (b"j\xff\xff\xff\xff.", "memo 4294967295"),
        (b"\x94.", "MEMOIZE"),
        (b"R.", "REDUCE"),
        (b"\x8e\xff\xff\xff\xff\xff\xff\xff\xff.", "BINBYTES8|bytes8"),
        (b"\x8b\xff\xff\xff\xff.", "long4"),
        (b"I1\\d\n.", "invalid literal"),
        (b"S'\\d'\n.", "holds str"),
    ],
)
def test_opcodes_that_cannot_be_followed_say_why(data: bytes, words: Any) -> None:
    with pytest.raises((MalformedPickle, MalformedTuple), match=words):
        Payload.read(data)


def test_hostile_pickles_take_no_time() -> None:
    doubling = b"N" + b"2\x86" * 5_000  # as values, 2 ** 5000 of them
    far = b"Nr\xff\xff\xff\xff" * 5_000
    deep = b"(" * 20_000 + b"t" * 20_000
    cyclic = b"]\x94h\x00a"
    started = time.perf_counter()
    for body in (doubling, far, deep, cyclic):
        assert len(Payload.read(body + b"\x85.").items) == 1
    assert time.perf_counter() - started < 5


def test_long_integers_can_be_shown() -> None:
    data = b"\x8a\xff" + b"\x7f" * 255 + b"\x8b\x00\x10\x00\x00" + b"\x7f" * 4096 + b"\x86."
    text = listing(Frame(Family.SCALAR, 1, (3, 12), data).to_bytes())
    assert "an integer of 32767 bits" in text


class Canary:
    """Unpickling it writes a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return Path.write_text, (self.path, "sung")


def test_reading_runs_nothing(tmp_path: Path) -> None:
    song = tmp_path / "song"
    sleeping = "this"  # a module that prints when it is imported
    assert sleeping not in sys.modules
    call = pickle.dumps(Canary(song))[:-1]
    payload = b"(" + call + b"c" + sleeping.encode() + b"\ns\n" + b"t."
    frame = Frame(Family.SCALAR, 1, sys.version_info[:2], payload).to_bytes()

    assert Payload.read(payload).globals[-1] == "this.s"
    assert locate(frame).frames
    attempt(lambda data: Definition.read(Frame.parse(data)), frame)
    assert "this.s" in listing(frame)
    locate(pickle.dumps(Canary(song)))

    assert not song.exists()
    assert sleeping not in sys.modules
    # Unpickling does trigger the canary: the test would notice.
    pickle.loads(call + b".")
    assert song.read_text() == "sung"


def test_the_room_has_no_way_to_unpickle() -> None:
    allowed = {*sys.stdlib_module_names, "google", "pyarrow"} - {"pickle"}
    for path in Path(conformance.wire.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                assert name.startswith("conformance.wire") or name.split(".")[0] in allowed, path


# Members that pickle knows by value, in the shapes that cloudpickle uses.
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=3) | st.tuples(inner, inner) | st.sets(st.text()),
    max_leaves=8,
)


@given(st.tuples(values, values, values), st.integers(0, 5))
def test_members_are_what_unpickling_would_give(items: Any, protocol: Any) -> None:
    read = Payload.read(pickle.dumps(items, protocol)).items
    for item, expected in zip(read, items, strict=True):
        if isinstance(expected, str | bytes):
            assert item == expected
        else:
            assert isinstance(item, Opaque)


payloads = st.sampled_from(
    [find(REAL[f"{family.name.lower()}-expr"])[0].frame().payload for family in Family]
)
opcode_soup = st.lists(
    st.sampled_from([info.code.encode("latin-1") for info in pickletools.opcodes])
    | st.binary(max_size=3),
    max_size=30,
).map(b"".join)


@settings(max_examples=300)
@given(likely | opcode_soup | payloads.flatmap(damaged))
def test_any_bytes_are_a_payload_or_a_wire_error(data: bytes) -> None:
    payload = attempt(Payload.read, data)
    assert payload is None or 0 < payload.size <= len(data)


@settings(max_examples=300)
@given(opcode_soup.map(lambda body: b"(" + body + b"t."))
def test_what_an_unpickler_refuses_to_start_with_is_never_a_different_tuple(data: bytes) -> None:
    """Both read the same tuple of plain values, if both read one."""

    class Plain(pickle.Unpickler):
        def find_class(self, *_: Any) -> None:
            raise pickle.UnpicklingError

        def persistent_load(self, *_: Any) -> None:
            raise pickle.UnpicklingError

    payload = attempt(Payload.read, data)
    try:
        real = Plain(io.BytesIO(data)).load()
    except Exception:  # noqa: BLE001, hostile bytes make the real one raise anything
        return
    if payload is not None and isinstance(real, tuple):
        for item, expected in zip(payload.items, real, strict=True):
            if not isinstance(item, Opaque):
                assert item == expected


@pytest.mark.parametrize(
    ("damaged", "reason"),
    [
        (b"L" + b"9" * 5000 + b"L\n", "Exceeds the limit"),
        (b"\x8c\x02\xff\xfe", "'utf-8' codec can't decode byte 0xff"),
        (b"Fnofloat\n", "could not convert string to float"),
        (b"\x8c\x09abc", "expected 9 bytes in a unicodestring1, but only 4 remain"),
    ],
)
def test_the_place_of_a_damaged_argument(damaged: bytes, reason: str) -> None:
    with pytest.raises(MalformedPickle, match=re.escape(f"at byte 4: {reason}")) as caught:
        Payload.read(b"\x80\x05N0" + damaged + b".")
    assert caught.value.position == 4
    assert "set_int_max_str_digits" not in str(caught.value)
