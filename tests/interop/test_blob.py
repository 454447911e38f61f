"""The answer whether a receiver reads a blob: calls and imports, names, schemas, damage."""

from __future__ import annotations

import collections
import datetime
import decimal
import enum
import functools
import inspect as inspect_module
import io
import itertools
import json
import marshal
import operator
import pathlib
import pickle
import platform
import random
import re
import sys
import zoneinfo
from collections.abc import Callable
from dataclasses import dataclass, make_dataclass
from typing import Any

import cloudpickle
import pyarrow as pa
import pytest
from datafusion import lit

from conformance.inspection import inspect, summary
from conformance.inspection.shape import why_no_artifact
from conformance.interop.blob import BlobAnswer, who_reads
from conformance.wire import Family, Frame
from conformance.wire.flat_schema import strange
from tests.wire.samples import REAL, field, scalar

HERE = {"engine": "55.0.0", "cloudpickle": "3.1.2", "python": "3.12"}
SCHEMA = pa.schema([pa.field("a", pa.int64())]).serialize().to_pybytes()
RECONSTRUCTOR: Any = object.__new__(object).__reduce_ex__(0)[0]
UNKNOWN = "and whether that succeeds is not known"


def answer(data: bytes, *, here: bool = False, **versions: str) -> BlobAnswer:
    found = inspect(data)
    doubt = why_no_artifact(data, found)
    return who_reads(found, HERE | versions, here=here, doubt=doubt)


def members(called: Any = len, **more: Any) -> tuple[Any, ...]:
    """Return the members of a scalar UDF's tuple."""
    return (
        more.get("name", "u"),
        called,
        more.get("inputs", SCHEMA),
        more.get("returns", SCHEMA),
        "immutable",
    )


def udf(called: Any = len, **more: Any) -> bytes:
    return scalar(pickle.dumps(members(called, **more), more.get("protocol", 5)))


def by_value(one: Any) -> bytes:
    return scalar(cloudpickle.dumps(members(one)))


@dataclass(frozen=True)
class Call:
    """Unpickling it calls a function."""

    function: Callable[..., Any]
    arguments: tuple[Any, ...]

    def __reduce__(self) -> Any:
        return self.function, self.arguments


@pytest.mark.parametrize(
    ("function", "arguments", "name"),
    [
        (pickle.loads, (pickle.dumps(len),), "_pickle.loads"),
        (marshal.loads, (b"N",), "marshal.loads"),
        (sys.exit, (3,), "sys.exit"),
        (open, ("/nonexistent",), "io.open"),
        (bytes, (1 << 40,), "builtins.bytes"),
        (bytearray, (1 << 40,), "builtins.bytearray"),
        (int, ("notanint",), "builtins.int"),
        (getattr, ("text", 1), "builtins.getattr"),
        (pathlib.WindowsPath, ("a",), "WindowsPath"),
        (Call(operator.attrgetter, ("nosuch",)), (sys.intern("x"),), "an object of which the name"),
    ],
)
def test_a_call_of_which_nobody_knows_what_it_does(
    function: Any, arguments: tuple[Any, ...], name: str
) -> None:
    found = answer(reduced(function, arguments))
    assert (found.reads, UNKNOWN in found.sentence, name in found.sentence) == (
        "not judged",
        True,
        True,
    ), found.sentence


def reduced(function: Any, arguments: tuple[Any, ...]) -> bytes:
    """Return a UDF whose callable is what a call returns; the pickler may refuse to write one."""
    parts = [pickle.dumps(one, 3)[2:-1] for one in members()]
    parts[1] = pickle.dumps(function, 3)[2:-1] + pickle.dumps(arguments, 3)[2:-1] + b"R"
    # Each part numbers its own memo from 0, and reads nothing of another one's.
    return scalar(b"(" + b"".join(parts) + b"t.")


class Color(enum.Enum):
    RED = 1


ORDINARY = {
    "partial": functools.partial(operator.add, 1),
    "Decimal": decimal.Decimal("1.5"),
    "datetime": datetime.datetime(2026, 1, 2, tzinfo=datetime.timezone.utc),
    "regex": re.compile("a+", re.IGNORECASE),
    "counter": collections.Counter("aab"),
    "default": collections.defaultdict(list, {1: [2]}),
    "set": {1, 2},
    "path": pathlib.PurePosixPath("a/b"),
    "error": ValueError("no"),
    "bytes": bytearray(b"ab"),
    "scalar": pa.scalar(1),
    "keys": {1: 2}.keys(),
    "view": memoryview(b"ab"),
    "itemgetter": operator.itemgetter(1),
    "range": range(3),
    "random": random.Random(1),
    "iterator": iter([1]),
    "signature": inspect_module.signature(lambda x: x),
    "json": json.JSONEncoder(),
}


@pytest.mark.parametrize("name", ORDINARY)
@pytest.mark.parametrize("protocol", [2, 5])
def test_ordinary_objects_are_known(name: str, protocol: int) -> None:
    value = ORDINARY[name]
    function = lambda x: (x, value)  # noqa: E731
    data = scalar(cloudpickle.dumps(members(function), protocol))
    found = answer(data)
    assert found.reads == "yes", found.sentence
    assert not [need for need in found.needs if "calls of" in need]


@pytest.mark.parametrize(
    "name",
    [
        "pathlib._local PurePosixPath",  # Python 3.13
        "functools cached_property",  # of a class, since Python 3.12
        "builtins frozendict",  # Python 3.15, as the next one
        "dataclasses _AutoDocstring",
        "_weakrefset WeakSet",
        "exceptions ValueError",
    ],
)
def test_names_that_other_pythons_write_are_known(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platform, "python_version", lambda: "3.9.0")
    found = answer(with_opcodes(f"c{name}\n)R".replace(" ", "\n").encode()))
    assert found.reads == "yes", found.sentence
    assert not [need for need in found.needs if "calls of" in need]


def test_classes_of_the_main_program_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    point = make_dataclass("Point", [("x", int, 1)])
    monkeypatch.setattr(point, "__module__", "__main__")
    monkeypatch.setattr(Color, "__module__", "__main__")
    for value in (point(), Color.RED):
        found = answer(by_value(functools.partial(print, value)))
        assert found.reads == "yes", found.sentence


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (zoneinfo.ZoneInfo("UTC"), "zoneinfo.ZoneInfo._unpickle"),
        (pathlib.PosixPath("a"), "PosixPath"),
        (Call(pytest.approx, (1,)), "approx"),
        (Call(cloudpickle.loads(cloudpickle.dumps(lambda x: x)), (1,)), "a function of its own"),
    ],
)
def test_a_call_that_depends_on_the_receiver_is_named(value: object, name: str) -> None:
    (need,) = (one for one in answer(by_value(value)).needs if "calls of" in one)
    assert name in need


def own_instances() -> dict[str, tuple[object, bool]]:
    """Return instances of local classes, and whether a method of theirs runs when they are made."""

    class Plain:
        def __init__(self, x: int) -> None:
            self.x = x

    class Error(Exception):
        def __init__(self, a: int, b: int) -> None:
            super().__init__(a + b)

    class New(Plain):
        def __new__(cls, x: int) -> New:
            return super().__new__(cls) if x else cls(1)

    class State(Plain):
        def __setstate__(self, state: object) -> None:
            raise TypeError

    class Sealed:
        __slots__ = ("x",)

        def __init__(self) -> None:
            object.__setattr__(self, "x", 1)

        def __setattr__(self, name: str, value: object) -> None:
            raise AttributeError(name)

    class Hooked(Plain):
        def __init_subclass__(cls) -> None:
            raise TypeError

    class Meta(type):
        pass

    class Made(metaclass=Meta):
        pass

    class Marked(type(pytest.approx(1))):  # type: ignore[misc]
        def __init__(self) -> None:
            pass

    class Level(enum.Enum):
        LOW = 1

    pair = collections.namedtuple("pair", "a b")
    below = type.__new__(type, "Below", (Plain,), {})
    below.__bases__ = (Hooked,)
    return {
        "plain": (Plain(1), False),
        "plain by protocol 0": (Call(RECONSTRUCTOR, (Plain, object, None)), False),
        "enum": (Level.LOW, False),
        "list": ([Plain(1)], False),
        "error": (Error(1, 2), True),
        "error without arguments": (Call(Error, ()), True),
        "new": (New(1), True),
        "setstate": (State(1), True),
        "slots": (Sealed(), True),
        "init_subclass": (below, True),
        "metaclass": (Made, True),
        "base of a package": (Marked(), True),
        "named tuple": (pair(1, 2), True),
    }


@pytest.mark.parametrize("name", own_instances())
def test_a_class_of_its_own_whose_methods_run_is_a_condition(name: str) -> None:
    value, runs = own_instances()[name]
    found = answer(by_value(functools.partial(print, value)))
    assert found.reads == "yes", found.sentence
    need = "that the calls of a class of its own succeed while it unpickles"
    assert (need in found.needs) == runs, found.sentence


def test_an_expression_in_a_closure_is_made_by_a_method_of_its_own() -> None:
    """cloudpickle writes ``Expr._reconstruct`` by value, and binds it to the class."""
    found = answer(by_value(functools.partial(print, lit(1))))
    assert found.reads == "yes", found.sentence
    assert "that the calls of a function of its own succeed while it unpickles" in found.needs


def test_a_method_of_a_function_that_has_a_name_is_not_judged() -> None:
    """Nobody sees what a bound function gets: it may import what its first argument names."""
    bound = b"ctypes\nMethodType\nccloudpickle.cloudpickle\nsubimport\nVos\n\x86R"
    found = answer(with_opcodes(bound + b")R"))
    assert (found.reads, UNKNOWN in found.sentence) == ("not judged", True), found.sentence


def imported(module: str, name: str) -> bytes:
    """Return a UDF whose callable is a global that need not exist."""
    text = pickle.dumps(members(len), 0)
    old = b"c__builtin__\nlen\n"
    assert old in text
    return scalar(text.replace(old, f"c{module}\n{name}\n".encode()))


@pytest.mark.parametrize(
    ("module", "name", "missing"),
    [
        ("pyarrow.nosuch", "k", "pyarrow.nosuch"),
        ("json", "k3", "json.k3"),
        ("nosuchpackage.part", "k", "nosuchpackage.part"),
        ("test.helpers_of_mine", "k", "test.helpers_of_mine"),
        ("nosuch_c_module_of_python", "h", "nosuch_c_module_of_python"),
    ],
)
def test_here_whole_modules_are_looked_for(module: str, name: str, missing: str) -> None:
    found = answer(imported(module, name), here=True)
    assert (found.reads, found.reasons) == ("no", (f"it has no {missing}",))


def test_here_says_what_was_not_compared() -> None:
    found = answer(imported("jsonschema", "validate"), here=True)
    assert found.reads == "yes"
    assert "versions of jsonschema that fit: nobody has compared them" in found.needs
    # Nothing is imported to see a name of a module that no one has imported.
    assert "this" not in sys.modules
    found = answer(imported("this", "s"), here=True)
    assert "that it has this.s: nothing was imported to see it" in found.needs
    assert "this" not in sys.modules


@pytest.mark.parametrize("protocol", [0, 2])
def test_persistent_ids_are_never_loaded(protocol: int) -> None:
    class Pickler(pickle.Pickler):
        def persistent_id(self, one: Any) -> Any:
            return "7" if one is Color else None

    out = io.BytesIO()
    Pickler(out, protocol).dump(members(Color))
    found = answer(scalar(out.getvalue()))
    assert found.reads == "no", found.sentence
    assert "persistent ids" in found.sentence


def test_without_pyarrow_the_schemas_are_a_condition(monkeypatch: pytest.MonkeyPatch) -> None:
    needs = "schemas that it can read: there is no pyarrow here to look at them"
    assert needs not in answer(REAL["scalar-expr"]).needs
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert needs in answer(REAL["scalar-expr"]).needs


def test_a_pickle_with_persistent_ids() -> None:
    found = answer(b"\x80\x02]P7\na.")
    assert (found.reads, found.reasons) == (
        "no",
        ("a pickle has persistent ids, which no engine loads",),
    )


def bad_metadata() -> bytes:
    fields = [pa.field("a", pa.int64(), metadata={b"k\xff": b"v"})]
    return bytes(pa.schema(fields).serialize())


def bad_unit(type_: pa.DataType) -> bytes:
    """Return a schema of a type whose unit or precision is 64, as pyarrow still reads it."""
    good = bytes(pa.schema([pa.field("a", type_)]).serialize())
    for at in range(8, len(good) - 1):
        bad = good[:at] + b"\x40" + good[at + 1 :]
        if good[at] in (1, 2) and good[at + 1] == 0:
            try:
                pa.ipc.read_schema(pa.BufferReader(bad))
            except (pa.ArrowException, OSError, ValueError):
                continue
            if any(" 64 of a type" in one for one in strange(bad)):
                return bad
    raise AssertionError(good)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (udf(returns=pa.schema([]).serialize().to_pybytes()), "expected one field, found none"),
        (udf(inputs=bad_metadata()), "input schema is wrong: a text of its metadata is not UTF-8"),
        (udf(inputs=bad_unit(pa.duration("us"))), "unit 64 of a type"),
        (udf(returns=bad_unit(pa.list_(pa.timestamp("us")))), "unit 64 of a type"),
        (udf(inputs=bad_unit(pa.float64())), "precision 64 of a type"),
        (udf(name="\ud800"), "name is wrong: '\\ud800' holds half of a surrogate pair"),
    ],
)
def test_what_the_engine_refuses_in_a_tuple(data: bytes, reason: str) -> None:
    found = answer(data)
    assert (found.reads, reason in found.sentence) == ("no", True), found.sentence


@pytest.mark.parametrize("protocol", [2, 5])
def test_a_return_schema_of_two_fields_is_read(protocol: int) -> None:
    """The engine takes the first field."""
    two = pa.schema([pa.field(name, pa.int64()) for name in "ab"]).serialize().to_pybytes()
    assert answer(udf(returns=two, protocol=protocol)).reads == "yes"


COLUMN = field(1, field(1, b"a"))
NAME_AND_DEFINITION = {
    Family.SCALAR: (20, 1, 3),
    Family.AGGREGATE: (19, 1, 6),
    Family.WINDOW: (18, 9, 10),
}


def call(family: Family, frame: bytes, name: bytes = b"u", column: bytes = COLUMN) -> bytes:
    held_by, named, defined = NAME_AND_DEFINITION[family]
    bounds = field(8, b"") if family is Family.WINDOW else b""
    arguments = field(4 if family is Family.WINDOW else 2, column)
    return field(held_by, field(named, name) + arguments + bounds + field(defined, frame))


@pytest.mark.parametrize(("around", "family"), [*itertools.product(Family, Family)], ids=str)
def test_a_frame_belongs_to_the_call_around_it(around: Family, family: Family) -> None:
    payload = ("u", len, SCHEMA, SCHEMA, *([SCHEMA] if family is Family.AGGREGATE else []))
    frame = Frame(family, 1, (3, 12), pickle.dumps((*payload, "immutable"))).to_bytes()
    found = answer(call(around, frame))
    kind = around.kind.removesuffix(" UDF")
    reason = f"the {kind} call of UDF 1 holds the frame of another kind: {family.kind}"
    expected = ("yes", ()) if around is family else ("no", (reason,))
    assert (found.reads, found.reasons) == expected


def test_a_frame_where_no_call_has_one() -> None:
    found = answer(field(20, field(1, b"u") + field(5, udf())))
    assert (found.reads, found.reasons) == (
        "not judged",
        ("UDF 1 is at a place where no call has its frame",),
    )


TEXT = b"DFPYUDF\x01\x03\x0c"


@pytest.mark.parametrize("python", ["3.12", "3.13"])
@pytest.mark.parametrize(
    ("data", "what"),
    [
        (field(2, field(1, COLUMN) + field(2, TEXT[:7])), "UDF 1"),  # the name of an alias
        (field(3, field(2, TEXT[:7])), "UDF 1"),  # a literal
        (field(3, field(2, TEXT)), "UDF 1"),
        (field(3, field(2, b"DFPYCHN")), "envelope 1"),
        (pickle.dumps([TEXT]), "UDF 1"),
    ],
)
def test_text_or_bytes_that_begin_like_a_frame(data: bytes, what: str, python: str) -> None:
    """An engine reads any text: nobody knows that it does not."""
    found = answer(data, python=python)
    reasons = (f"{what} is at a place where no call has its frame",)
    assert (found.reads, found.reasons) == ("not judged", reasons)
    assert "every engine" not in summary(inspect(data), "x")


def test_a_constant_of_a_payload_that_begins_like_a_frame() -> None:
    found = answer(by_value(functools.partial(print, TEXT[:7])))
    assert found.reasons == ("UDF 2 is at a place where no call has its frame",)


def test_a_definition_that_is_no_frame_needs_a_codec() -> None:
    need = "a codec that reads the definition of 'u': it is no frame"
    damaged = udf().replace(b"DFPYUDF", b"DFPYUD(", 1)
    assert need in answer(call(Family.SCALAR, damaged)).needs
    assert need not in answer(call(Family.SCALAR, udf())).needs


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (call(Family.SCALAR, udf(), name=b"\xff"), "is not UTF-8, if it is one"),
        (call(Family.SCALAR, udf(), column=field(1, field(1, b"\xff"))), "is not UTF-8"),
        (field(1, field(1, b"\xff")), "is not UTF-8, if it is one"),
        (field(100, b""), "neither an expression nor a plan"),
    ],
)
def test_protobuf_that_the_engine_refuses(data: bytes, reason: str) -> None:
    found = answer(data)
    assert (found.reads, reason in found.sentence) == ("not judged", True), found.sentence


def with_opcodes(opcodes: bytes) -> bytes:
    """Return a UDF whose payload does something else before it makes its tuple."""
    text = pickle.dumps(members(len), 0)
    return scalar(text[:1] + opcodes + b"0" + text[1:])


def test_a_named_tuple_of_an_old_cloudpickle_is_not_judged() -> None:
    named = b"ctyping\nNamedTuple\n"
    old = b"0ccloudpickle.cloudpickle_fast\n_class_setstate\n"
    assert answer(with_opcodes(named)).reads == "yes"
    found = answer(with_opcodes(named + old))
    assert (found.reads, found.reasons) == (
        "not judged",
        ("a NamedTuple that cloudpickle 2.0.0 to 2.2.0 pickled by value cannot be unpickled",),
    )


def test_more_imports_than_are_listed() -> None:
    data = with_opcodes(b"0".join(f"cpackage\nname{one}\n".encode() for one in range(300)))
    found = answer(data)
    assert found.reasons == ("a payload has more imports or names than this suite lists",)
    (described,) = inspect(data)["udfs"]
    assert len(described["imports"]) == 200
    assert described["imports"][-1] == "package.name199"
    # The 100 others, the callable, and what makes bytes of a text in protocol 0.
    assert described["names_omitted"] == 102
    assert "102 names more, not listed" in summary(inspect(data), "x")


@pytest.mark.parametrize(
    ("opcodes", "reason"),
    [
        (b"NVk\nVv\ns", "SETITEM fills None"),
        (b"N(Vk\nVv\nu", "SETITEMS fills None"),
        (b"Vtext\n)R", "REDUCE calls str"),
        (b"cbuiltins\nlen\nVx\nR", "REDUCE has str as arguments"),
        (b"}]Vv\ns", "SETITEM has list as a key"),
        (b"}(Vk\nu", "SETITEMS has a key without a value"),
        (b")Vx\na", "APPEND fills tuple"),
        (b"]VA\nVv\ns", "SETITEM has str as an index"),
        (b"(]d", "DICT has a key without a value"),
        (b"(]N\x64", "DICT has list as a key"),
        (b"(]\x91", "FROZENSET has list as a key"),
        (b"}]\x85\x85Vv\ns", "SETITEM has a tuple with list as a key"),
        (b"K\x01}Va\nNsb", "BUILD gives int the state dict"),
        (b"N}Va\nNsb", "BUILD gives None the state dict"),
        (b"]NN\x86b", "BUILD gives list the state tuple"),
    ],
)
def test_opcodes_that_cannot_work(opcodes: bytes, reason: str) -> None:
    with pytest.raises((TypeError, AttributeError, pickle.UnpicklingError)):
        pickle.loads(opcodes + b".")
    found = answer(with_opcodes(opcodes))
    assert (found.reads, reason in found.sentence) == ("no", True), found.sentence


@pytest.mark.parametrize("name", REAL)
def test_real_bytes_are_read(name: str) -> None:
    found = answer(REAL[name])
    assert found.reads == "yes"
    assert not [need for need in found.needs if "calls of" in need]


LAMBDA = field(37, field(1, b"array_filter") + field(2, COLUMN))


@pytest.mark.parametrize("data", [LAMBDA, field(20, field(1, b"abs") + field(2, LAMBDA))])
def test_an_older_engine_has_no_lambdas(data: bytes) -> None:
    found = answer(data, engine="54.1.0")
    reason = "datafusion 54.1.0 has no lambdas, as 'array_filter' takes: 55.0.0 added them"
    assert (found.reads, found.reasons) == ("no", (reason,))
    assert answer(data).reads == "yes"


def test_an_older_engine_has_no_lambdas_in_physical_plans() -> None:
    call = field(1, b"array_filter") + field(2, field(16, field(1, b"make_array")))
    found = answer(field(4, field(2, field(24, call)) + field(3, b"z")), engine="54.1.0")
    assert found.reads == "no"
    assert "has no lambdas, as 'array_filter' takes" in found.sentence


def test_a_variable_of_a_lambda_alone() -> None:
    found = answer(field(39, field(1, b"v")), engine="54.0.0")
    assert found.reasons == ("datafusion 54.0.0 has no lambdas: 55.0.0 added them",)


def test_a_field_that_no_released_engine_has() -> None:
    found = answer(field(40, field(1, b"v")))
    assert (found.reads, "neither an expression nor a plan" in found.sentence) == (
        "not judged",
        True,
    )


@pytest.mark.parametrize("data", [COLUMN, b"\x80\x02]cdatafusion.expr\nExpr\na."])
def test_what_else_a_newer_engine_writes_is_a_condition(data: bytes) -> None:
    need = (
        "no newer engine than 54.1.0 on the sender, if it is a plan or uses more than that "
        "engine has"
    )
    assert need in answer(data, engine="54.1.0").needs
    assert need not in answer(data).needs


@pytest.mark.parametrize(
    ("opcodes", "called"),
    [
        (b"]K\x05Vv\ns", "builtins.list.__setitem__"),
        (b"]N}Va\nNs\x86b", "builtins.setattr"),
        (b"}(" + b")" + b"\x85" * 5000 + b"Nu", "builtins.hash"),
        (b"}()" + b"2\x86" * 30 + b"Nu", "builtins.hash"),
        (b"()" + b"\x85" * 5000 + b"\x91", "builtins.hash"),
    ],
    ids=["index", "state", "deep", "wide", "frozenset"],
)
def test_what_may_fail_or_never_end_is_not_judged(opcodes: bytes, called: str) -> None:
    found = answer(with_opcodes(opcodes))
    assert (found.reads, f"unpickling calls {called}, {UNKNOWN}" in found.sentence) == (
        "not judged",
        True,
    ), found.sentence


@pytest.mark.parametrize("opcodes", [b"K\x01Nb", b"]Nb", b"]K\x01a", b"})Ns", b"()\x91"])
def test_opcodes_that_work(opcodes: bytes) -> None:
    pickle.loads(opcodes + b".")
    assert answer(with_opcodes(opcodes)).reads == "yes"


COLUMN_2 = field(1, field(1, b"b"))
TWICE = "a message has a field twice, or two where one alone can be: no engine writes such bytes"


@pytest.mark.parametrize(
    "data",
    [
        # Protobuf takes the last: the second definition, or none.
        field(20, field(1, b"u") + field(2, COLUMN) + field(3, udf()) + field(3, b"")),
        field(
            20, field(1, b"u") + field(2, COLUMN) + field(3, scalar(version=2)) + field(3, udf())
        ),
        field(16, field(1, b"u") + field(4, b"") + field(3, udf()) + field(3, b"")),
        field(20, field(1, b"u") + field(1, b"v") + field(2, COLUMN)),
        # It joins two calls to one with two arguments.
        call(Family.SCALAR, udf()) * 2,
        field(13, field(1, call(Family.SCALAR, udf()) * 2)),
        call(Family.SCALAR, udf()) + COLUMN,
        COLUMN + COLUMN_2,
        pickle.dumps([call(Family.SCALAR, udf()) * 2]),
    ],
)
def test_a_field_that_is_twice_is_not_judged(data: bytes) -> None:
    found = answer(data)
    assert found.reads == "not judged"
    assert TWICE in found.reasons
    assert f"  ! {TWICE}" in summary(inspect(data), "x")


def test_a_field_that_may_be_twice() -> None:
    two = field(20, field(1, b"abs") + field(2, COLUMN) + field(2, COLUMN_2))
    assert answer(two).reads == "yes"
    assert answer(field(13, field(1, COLUMN) + field(1, COLUMN_2))).reads == "yes"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\x80\x04NN\x93.", "something by a name that the bytes do not show"),
        (b"\x80\x04\x8c\x03a-b\x8c\x01c\x93.", "'a-b.c', and no module has such a name"),
    ],
)
def test_names_that_no_pickler_writes(data: bytes, reason: str) -> None:
    found = answer(data)
    assert (found.reads, found.reasons) == ("not judged", (f"unpickling imports {reason}",))


def test_another_wire_version() -> None:
    frame = Frame(Family.SCALAR, 2, (3, 12), pickle.dumps(members())).to_bytes()
    found = answer(frame)
    assert (found.reads, found.reasons) == ("no", ("no released engine reads wire version 2",))


def test_a_pickle_that_is_too_large_is_not_judged() -> None:
    found = answer(scalar(b"\x80\x04" + b")0" * 150_001 + pickle.dumps(members())[2:]))
    reason = "the payload of UDF 1 has more opcodes than this suite reads"
    assert (found.reads, found.reasons) == ("not judged", (reason,))


@pytest.mark.parametrize("family", Family)
def test_a_callable_that_cannot_be_called_is_not_judged(family: Family) -> None:
    """A decoder must refuse it (PAYLOAD-30), and no released engine does."""
    payload = ("u", 7, SCHEMA, SCHEMA, *([SCHEMA] if family is Family.AGGREGATE else []))
    frame = Frame(family, 1, (3, 12), pickle.dumps((*payload, "immutable"))).to_bytes()
    found = answer(frame)
    assert found.reads == "not judged"
    assert "the callable of UDF 1 cannot be called" in found.sentence
    text = summary(inspect(frame), "x")
    assert "is wrong: expected callable, found int" in text
    assert "every engine" not in text


def test_a_callable_that_is_not_the_only_damage() -> None:
    assert answer(udf(7, returns=b"")).reads == "no"
