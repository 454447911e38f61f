"""Assertions demand the fixed words of an error, its class and no more."""

from __future__ import annotations

import pytest

from conformance.runner.assertions import (
    Mismatch,
    assert_equal,
    assert_names,
    assert_names_versions,
    assert_raises,
    assert_true,
    assert_unresolved,
)


class Expression:
    """A value whose comparison is no answer, as an expression of the engine."""

    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other: object) -> Expression:  # type: ignore[override]
        return self

    def __ne__(self, other: object) -> Expression:  # type: ignore[override]
        return self


class Interval(tuple[int, ...]):
    """A tuple of a library's own class, such as an interval of pyarrow."""

    __slots__ = ()


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (Expression(), 1),
        ([Expression()], [1]),
        ([[1], [Expression()]], [[1], [2]]),
        ({"a": Expression()}, {"a": 1}),
        ((1,), [1]),
        ([1], [1, 2]),
        ({"a": 1}, {"a": 1, "b": 1}),
        (True, 1),
        ([1.0], [1]),
        ([None], [0]),
    ],
)
def test_what_only_counts_as_equal_is_not(seen: object, expected: object) -> None:
    with pytest.raises(Mismatch, match="a value: not the expected value"):
        assert_equal(seen, expected, "a value")


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        ([1, [b"a", None], {"b": (True, 0.5)}], [1, [b"a", None], {"b": (True, 0.5)}]),
        (Interval((0, 9, -4)), (0, 9, -4)),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
    ],
)
def test_equal_values(seen: object, expected: object) -> None:
    assert_equal(seen, expected, "a value")


@pytest.mark.parametrize("holds", [Expression(), [1], 1, False, None])
def test_what_only_counts_as_true_is_not(holds: bool) -> None:
    with pytest.raises(Mismatch, match="it holds"):
        assert_true(holds, "it holds")


class OwnRefusal(TypeError):
    """A class that an implementer derived from one of Python's."""


def fail(error: Exception) -> None:
    raise error


@pytest.mark.parametrize("error", [ValueError("x"), OwnRefusal("x"), UnicodeError("x")])
def test_a_refusal_may_be_of_any_class(error: Exception) -> None:
    assert assert_raises(lambda: fail(error), "a call") is error


@pytest.mark.parametrize(
    "error", [TypeError("x"), AttributeError("x"), ModuleNotFoundError("x"), Mismatch("hang", "x")]
)
def test_an_error_of_python_itself_is_a_bug(error: Exception) -> None:
    with pytest.raises(Mismatch) as found:
        assert_raises(lambda: fail(error), "a call")
    assert found.value.kind == "programming-error"
    assert assert_raises(lambda: fail(error), "a call", any_error=True) is error


@pytest.mark.parametrize(
    "text", ["made on 3.1 and not (3.12)", "3.12,3.1.", "Python 3.1/3.12", "v3.1\n3.12.4"]
)
def test_versions_in_any_words(text: str) -> None:
    assert_names_versions(ValueError(text), ["3.1", "3.12"], "an error")


@pytest.mark.parametrize("text", ["only 3.12", "3.12 and 13.1", "3.12 and 3.10", "2.3.1 and 3.12"])
def test_a_version_is_no_part_of_another(text: str) -> None:
    with pytest.raises(Mismatch, match=r"does not contain '3\.1'") as found:
        assert_names_versions(ValueError(text), ["3.12", "3.1"], "an error")
    assert found.value.kind == "message-lacks"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("times", "UDF 'times': refused"),
        ("times", "\u00abtimes\u00bb"),
        ("times", "times"),
        ('a"b', 'no function \\"a\\\\\\"b\\" here'),
        ("two words", "(two words)"),
        ("+", "no + here"),
    ],
)
def test_names_in_any_quotes(name: str, text: str) -> None:
    assert_names(ValueError(text), name, "an error")
    assert_unresolved(lambda: fail(ValueError(text)), name, "a call")


@pytest.mark.parametrize("text", ["sometimes", "times_2", "no name", "time s"])
def test_a_name_is_no_part_of_a_word(text: str) -> None:
    with pytest.raises(Mismatch, match="does not contain 'times'"):
        assert_names(ValueError(text), "times", "an error")


@pytest.mark.parametrize(
    ("seen", "expected", "text"),
    [
        ([{"size": 2440}], [{"size": 2441}], r"\[0\]\.size: expected 2441, seen 2440$"),
        ({"a": [1, 2]}, {"a": [1]}, r"a: expected 1 items, seen 2$"),
        ({"a": 1}, {"a": 1, "b": 2}, r"b: missing$"),
        ({"a": 1, "b": 2}, {"a": 1}, r"b: not expected$"),
        (2, 1, r"not the expected value$"),
    ],
)
def test_the_first_difference_of_values(seen: object, expected: object, text: str) -> None:
    with pytest.raises(Mismatch, match=text):
        assert_equal(seen, expected, "a value")
