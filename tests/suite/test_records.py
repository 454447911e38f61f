"""The records of a program are judged by what they say, not by how a parser says it."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.runner.assertions import Mismatch
from conformance.suite.vectors.test_program import test_headers_and_names as judge
from tasks.faults.reference.program import AbsentNamesAreInvented, Program
from tasks.faults.sample_codec import SampleCodec

CASE = "scalar/empty-name"
"""Protobuf leaves the empty name out."""


class EmptyNames(Program):
    """A program whose parser gives an empty text for an absent one, as generated parsers do."""

    class Codec(SampleCodec):
        def frame(self, record: dict[str, Any]) -> dict[str, Any]:
            return {**record, "call": record["call"] or ""}


@pytest.mark.parametrize("program", [Program, EmptyNames])
def test_an_absent_name_is_null_or_empty(program: type[Program]) -> None:
    judge(program(), CASE)


def test_an_absent_name_is_nothing_else() -> None:
    with pytest.raises(Mismatch, match="frames of"):
        judge(AbsentNamesAreInvented(), CASE)
