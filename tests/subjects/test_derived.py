"""The engine's ways to derive a session, found without a list of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from datafusion import SessionContext

from conformance.subjects.engine.derived import derivations

if TYPE_CHECKING:
    from typing_extensions import Self


class Widened(SessionContext):
    """A session as a later release may have it."""

    def with_everything(self) -> SessionContext:
        return SessionContext()

    def with_words(self, word: str, /, *more: str, loud: bool, quiet: bool = True) -> Self:
        self.heard = (word, more, loud, quiet)
        return self

    def with_a_friend(self, friend: SessionContext | None) -> SessionContext:
        assert friend is not None
        return friend

    def with_a_planet(self, planet: complex) -> SessionContext:
        raise AssertionError(planet)

    def with_no_promise(self):  # type: ignore[no-untyped-def]
        raise AssertionError

    def sessions(self) -> int:
        return 1

    @staticmethod
    def fresh() -> SessionContext:
        raise AssertionError

    def _private(self) -> SessionContext:
        raise AssertionError


ENGINE = {
    "enable_url_table",
    "with_extensions",
    "with_extensions()",
    "with_logical_extension_codec",
    "with_physical_extension_codec",
}


def test_the_ways_of_the_engine() -> None:
    """Neither the global session nor the toggle is among them; each gives another session."""
    session = SessionContext()
    found = derivations(session)
    assert found.keys() == ENGINE
    for derive in found.values():
        assert derive() is not session


def test_codecs_are_really_given() -> None:
    found = derivations(SessionContext())
    for layer in ("logical", "physical"):
        for name in (f"with_{layer}_extension_codec", "with_extensions"):
            assert len(getattr(found[name](), f"{layer}_extension_codec_ids")()) == 1


def test_a_method_of_a_later_release_is_found() -> None:
    session = Widened().with_everything()
    assert derivations(session).keys() == ENGINE
    widened = Widened()
    found = derivations(widened)
    assert found.keys() - ENGINE == {
        *("with_everything", "with_words", "with_a_friend", "with_a_planet", "with_no_promise")
    }
    assert type(found["with_everything"]()) is SessionContext
    assert found["with_words"]() is widened
    assert widened.heard == ("word", ("word",), False, True)
    assert isinstance(found["with_a_friend"](), SessionContext)


@pytest.mark.parametrize(
    ("method", "says"),
    [
        (
            "with_a_planet",
            "with_a_planet: no argument is known for the parameter planet: complex; add",
        ),
        ("with_no_promise", "with_no_promise: the return type is not annotated"),
    ],
)
def test_what_is_not_known_is_told(method: str, says: str) -> None:
    derive = derivations(Widened())[method]
    with pytest.raises(NotImplementedError, match=says):
        derive()
