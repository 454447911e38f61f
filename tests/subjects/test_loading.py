"""The check that a subject has every method of the interface."""

from __future__ import annotations

import pytest

from conformance.subjects.interface import CAPABILITIES
from conformance.subjects.loading import PARTS, MethodsMissing, load_subject, members


def test_every_capability_has_an_interface() -> None:
    assert tuple(PARTS) == CAPABILITIES


def test_every_method_of_an_interface_has_a_purpose() -> None:
    for interface in PARTS.values():
        assert members(interface)
        assert all(member.__doc__ for member in members(interface).values())


def test_what_is_no_subject_lacks_everything() -> None:
    with pytest.raises(MethodsMissing, match=r"os:getcwd lacks \d+ methods .*\n  name: The name"):
        load_subject("os:getcwd")
