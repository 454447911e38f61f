"""By name: bytes that hold only the names of UDFs, and how a receiver resolves them."""

from __future__ import annotations

import unicodedata
from functools import partial
from typing import get_args

import pytest

from conformance import wire
from conformance.catalogue import ENTRIES, boundaries, get
from conformance.catalogue.nodes import Binary, Call, Col, Family, Lit, Over
from conformance.runner.assertions import (
    assert_message_contains,
    assert_raises,
    assert_result,
    assert_succeeds,
    assert_unresolved,
)
from conformance.runner.results import assert_entry_result
from conformance.subjects.interface import Subject
from conformance.suite.helpers.markers import clause, each_family, each_receiver
from conformance.suite.helpers.same_name_udfs import (
    RESULTS,
    decode_and_evaluate,
    encode_call_by_name,
    evaluate_rows,
    expected_values,
    function_of,
    times,
)
from conformance.suite.helpers.samples import (
    build_expression,
    has_unique_names,
    make_functions,
    receiver,
    sample,
    sample_function,
    strict_session,
)
from conformance.suite.helpers.specimens import Specimen

each_unambiguous = pytest.mark.parametrize(
    "entry", [key for key, entry in ENTRIES.items() if has_unique_names(entry)]
)


@clause("BYNAME-01")
@each_unambiguous
def test_resolves_on_a_strict_receiver(subject: Subject, entry: str) -> None:
    """A strict receiver has the same UDFs registered. The entry gives its hand-written result."""
    _assert_resolves(subject, entry, "strict")


@clause("BYNAME-02")
@each_unambiguous
def test_resolves_on_an_inlining_receiver(subject: Subject, entry: str) -> None:
    """An inlining receiver has the same UDFs registered.

    The entry gives its hand-written result.
    """
    _assert_resolves(subject, entry, "inlining")


def _assert_resolves(subject: Subject, entry_id: str, mode: str) -> None:
    entry, session = get(entry_id), receiver(subject, mode)
    data = subject.to_bytes(build_expression(subject, entry), strict_session(subject))
    for function in make_functions(subject, entry).values():
        subject.register(session, function)
    assert_entry_result(subject, subject.from_bytes(data, session), entry, session)


@clause("BYNAME-02")
@each_family
def test_resolves_beside_a_frame(subject: Subject, family: Family) -> None:
    """A message calls times 2 inline and then that name, which is times 7 at the receiver."""
    udf, session = times(family, 2), subject.session()
    calls = (Call(udf, (arg,)) for arg in (Col("a"), Binary("+", Col("a"), Lit(1))))
    expr = subject.expr(Binary("+", *calls), {udf: function_of(subject, udf)})
    data = subject.to_bytes(expr)
    data = wire.remove(data, [wire.find(data)[1].path])
    subject.register(session, function_of(subject, times(family, 7)))
    values = decode_and_evaluate(subject, family, data, session)
    expected = [75] if family == "aggregate" else [16, 25, 34]
    assert_result(values, expected, "times 2 and, of one more, times 7")


@clause("BYNAME-03")
@each_receiver
@each_family
def test_the_receivers_function_runs(subject: Subject, family: Family, mode: str) -> None:
    """The sender's function multiplies by 2, the receivers' by 7 and by 5.

    Each receiver runs its own.
    """
    data = encode_call_by_name(subject, times(family, 2))
    sessions = {factor: receiver(subject, mode) for factor in (7, 5)}
    for factor, session in sessions.items():
        subject.register(session, function_of(subject, times(family, factor)))
    for factor, session in sessions.items():
        seen = decode_and_evaluate(subject, family, data, session)
        assert_result(seen, expected_values(family, factor), f"times {factor}")


@clause("BYNAME-03")
@pytest.mark.parametrize("given", ["argument", "slot"])
@each_receiver
@each_family
def test_the_last_registration_counts(
    subject: Subject, family: Family, mode: str, given: str
) -> None:
    """The receiver registers two UDFs under one name, one after the other.

    After each registration, the same bytes are decoded. The UDF that was registered last runs.
    """
    data, session = encode_call_by_name(subject, times(family, 2)), receiver(subject, mode)
    if given == "slot":
        subject.set_slot("worker", session)
    for factor in (5, 7):
        subject.register(session, function_of(subject, times(family, factor)))
        expr = subject.from_bytes(data, session if given == "argument" else None)
        seen = evaluate_rows(subject, family, expr, session)
        assert_result(seen, expected_values(family, factor), f"times {factor}")


@clause("BYNAME-04")
@each_receiver
@each_family
def test_unregistered_is_an_error(subject: Subject, family: Family, mode: str) -> None:
    """Only another session has the UDF registered. Decoding by name raises an error."""
    subject.register(subject.session(), sample_function(subject, family))
    data = subject.to_bytes(sample(subject, family), strict_session(subject))
    session = receiver(subject, mode)
    assert_raises(partial(subject.from_bytes, data, session), "an unregistered name")
    subject.register(session, sample_function(subject, family))
    assert_succeeds(partial(subject.from_bytes, data, session), "the name once it is registered")


@clause("BYNAME-05")
@each_receiver
@each_family
def test_unregistered_is_named(subject: Subject, family: Family, mode: str) -> None:
    """The receiver has no such function. The error names it."""
    data, session = (
        encode_call_by_name(subject, times(family, 2, "missing_one")),
        receiver(subject, mode),
    )
    error = assert_raises(lambda: subject.from_bytes(data, session), "an unregistered name")
    assert_message_contains(error, ["missing_one"], "an unregistered name")


@clause("BYNAME-05")
@pytest.mark.parametrize("name", [name for name in boundaries.NAMED if "built-in" not in name])
def test_any_unregistered_name(subject: Subject, name: str) -> None:
    """The receiver has no function of this name. The error has the whole of it."""
    missing = boundaries.NAMES[name]
    data = Specimen("scalar", missing).encode(subject, "expression", strict_session(subject))
    assert_unresolved(partial(subject.from_bytes, data, subject.session()), missing, "a name")


@clause("BYNAME-06")
@each_family
def test_another_kind_takes_nothing_away(subject: Subject, family: Family) -> None:
    """The receiver registers times 7, and then UDFs of the other kinds under its name: times 2."""
    session, data = strict_session(subject), encode_call_by_name(subject, times(family, 3))
    subject.register(session, function_of(subject, times(family, 7)))
    for other in get_args(Family):
        if other != family:
            subject.register(session, function_of(subject, times(other, 2)))
    assert_result(decode_and_evaluate(subject, family, data, session), RESULTS[family], "times 7")


@clause("BYNAME-06")
@pytest.mark.parametrize(
    ("family", "registered"),
    [
        ("scalar", "aggregate"),
        ("scalar", "window"),
        ("aggregate", "scalar"),
        ("aggregate", "window"),
        ("window", "scalar"),
        ("window", "aggregate"),
    ],
)
@each_receiver
def test_another_kind_does_not_count(
    subject: Subject, family: Family, registered: Family, mode: str
) -> None:
    """The receiver has a function of the same name but of another kind.

    Decoding raises an error.
    """
    data, session = encode_call_by_name(subject, times(family, 2)), receiver(subject, mode)
    subject.register(session, function_of(subject, times(registered, 7)))
    decode = partial(subject.from_bytes, data, session)
    assert_raises(decode, f"a {registered} of that name")
    subject.register(session, function_of(subject, times(family, 7)))
    assert_succeeds(decode, f"a {family} of that name")


@clause("BYNAME-06")
@each_receiver
def test_a_window_is_no_aggregate(subject: Subject, mode: str) -> None:
    """An aggregate UDF is called over a window. The receiver has a window UDF of its name.

    Decoding raises an error, and succeeds once an aggregate UDF of the name is registered.
    """
    udf, session = times("aggregate", 2), receiver(subject, mode)
    call = subject.expr(Call(udf, (Col("a"),), over=Over()), {udf: function_of(subject, udf)})
    data = subject.to_bytes(call, strict_session(subject))
    subject.register(session, function_of(subject, times("window", 7)))
    decode = partial(subject.from_bytes, data, session)
    assert_raises(decode, "a window UDF of that name")
    subject.register(session, function_of(subject, times("aggregate", 7)))
    assert_succeeds(decode, "an aggregate UDF of that name")


BUILTINS: dict[Family, str] = {"scalar": "abs", "aggregate": "sum", "window": "lag"}


@clause("BYNAME-07")
@each_receiver
@each_family
def test_a_builtin_does_not_count(subject: Subject, family: Family, mode: str) -> None:
    """A Python UDF has the name of a built-in function.

    Decoding does not resolve it to the built-in.
    """
    name, session = BUILTINS[family], receiver(subject, mode)
    assert_succeeds(lambda: subject.get_function(session, family, name), f"the built-in {name}")
    decode = partial(
        subject.from_bytes, encode_call_by_name(subject, times(family, 2, name)), session
    )
    assert_raises(decode, f"{name} without a registration")


NAMES = [
    "MixedCase",
    " spaces ",
    '"quoted"',
    "with space",
    'with "quotes"',
    "zählen_数",
    "dotted.name",
    "a",
    "_x1",
    70 * "n",
]


@clause("BYNAME-08")
@pytest.mark.parametrize("name", NAMES)
@each_family
def test_names_are_exact(subject: Subject, family: Family, name: str) -> None:
    """The receiver first registers similar names only, then the exact name.

    Only the exact name resolves.
    """
    data, session = encode_call_by_name(subject, times(family, 2, name)), strict_session(subject)
    close = {
        name.swapcase(),
        name.lower(),
        name.upper(),
        name.strip(),
        f" {name}",
        f"{name} ",
        f'"{name}"',
        name[1:-1],
        f"{name}~",
        name[::-1],
        name.rpartition(".")[2],
        unicodedata.normalize("NFD", name),
        f"{name}\0",
    }
    for other in sorted(close - {name, ""}):
        subject.register(session, function_of(subject, times(family, 3, other)))
    decode = partial(subject.from_bytes, data, session)
    assert_raises(decode, f"{name!r} is not registered")
    subject.register(session, function_of(subject, times(family, 7, name)))
    assert_result(
        decode_and_evaluate(subject, family, data, session), RESULTS[family], "the result"
    )


@clause("BYNAME-09")
@pytest.mark.parametrize("registrations", [1, 2])
@each_receiver
@each_family
def test_deregistered_is_gone(
    subject: Subject, family: Family, mode: str, registrations: int
) -> None:
    """A UDF is registered once or twice, and deregistered. Its name no longer resolves."""
    data = subject.to_bytes(sample(subject, family), strict_session(subject))
    session, function = receiver(subject, mode), sample_function(subject, family)
    for _ in range(registrations):
        subject.register(session, function)
    assert_succeeds(lambda: subject.from_bytes(data, session), "registered")
    subject.deregister(session, function)
    decode = partial(subject.from_bytes, data, session)
    assert_raises(decode, "a deregistered name")


@clause("BYNAME-09")
@each_family
def test_deregistered_is_one_kind(subject: Subject, family: Family) -> None:
    """UDFs of all kinds have one name, and one of them is deregistered. The others resolve."""
    session = strict_session(subject)
    functions = {one: function_of(subject, times(one, 7)) for one in get_args(Family)}
    for function in functions.values():
        subject.register(session, function)
    subject.deregister(session, functions[family])
    for one in functions:
        decode = partial(subject.from_bytes, encode_call_by_name(subject, times(one, 2)), session)
        if one == family:
            assert_raises(decode, f"the deregistered {one}")
        else:
            assert_succeeds(decode, f"the {one}")


@clause("BYNAME-10")
@each_receiver
@each_family
def test_decoded_keeps_its_function(subject: Subject, family: Family, mode: str) -> None:
    """The receiver registers another function after decoding.

    The decoded expression keeps the first one.
    """
    data, session = encode_call_by_name(subject, times(family, 2)), receiver(subject, mode)
    subject.register(session, function_of(subject, times(family, 7)))
    expr = subject.from_bytes(data, session)
    subject.register(session, function_of(subject, times(family, 9)))
    assert_result(evaluate_rows(subject, family, expr, session), RESULTS[family], "the result")


@clause("BYNAME-11")
@pytest.mark.parametrize(
    "entry",
    [key for key, entry in ENTRIES.items() if len(entry.udfs) > 1 and has_unique_names(entry)],
)
def test_every_position(subject: Subject, entry: str) -> None:
    """The receiver lacks one UDF of an expression.

    Decoding raises an error that names it, wherever it is called.
    """
    udfs, data = make_functions(subject, get(entry)), None
    data = subject.to_bytes(build_expression(subject, get(entry)), strict_session(subject))
    for missing in udfs:
        session = strict_session(subject)
        for udf, function in udfs.items():
            if udf is not missing:
                subject.register(session, function)
        decode = partial(subject.from_bytes, data, session)
        assert_unresolved(decode, missing.name, f"without {missing.name}")
