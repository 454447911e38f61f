"""The tables of the store for decoders without an engine: messages and built-in functions."""

from __future__ import annotations

import json
import re
from typing import get_args

import pytest
from datafusion import Expr, SessionContext

from conformance.catalogue.nodes import Family
from conformance.golden.store import FUNCTIONS, MESSAGES
from conformance.negative.artifacts import call
from tasks.goldens.functions import text
from tests.conftest import ROOT

TEXT = (ROOT / "golden" / FUNCTIONS).read_text(encoding="utf-8")
README = (ROOT / "golden" / "README.md").read_text(encoding="utf-8")
_ROW = r"^\| (\w+) UDF(?: in a window call)? \| (\d+) \| field (\d+) \| field (\d+) \|$"
TABLE = json.loads((ROOT / "golden" / MESSAGES).read_text(encoding="utf-8"))
LEAVES = {"text", "bytes"}


def test_the_functions_are_those_of_the_engine() -> None:
    """``python -m tasks.goldens.functions`` writes them."""
    assert text() == TEXT


@pytest.mark.parametrize("family", get_args(Family))
def test_every_function_decodes_by_name(family: Family) -> None:
    """A new session knows it, and knows no function of another name."""
    session = SessionContext()
    for name in json.loads(TEXT)[family]:
        Expr.from_bytes(call(family, None, name), session)
    with pytest.raises(Exception, match="no_function"):
        Expr.from_bytes(call(family, None, "no_function"), session)


def test_every_message_is_in_the_table() -> None:
    messages = TABLE["messages"]
    assert {*TABLE["artifacts"].values()} <= {*messages}
    named = {type_ for one in messages.values() for type_ in one["fields"].values()}
    assert named - LEAVES <= {*messages}
    for one in messages.values():
        assert {*map(str, one.get("required", ()))} <= {*one["fields"]}


def test_every_call_is_in_the_table() -> None:
    """Its names are texts, its definition is bytes."""
    for name, call_ in TABLE["calls"].items():
        fields = TABLE["messages"][name]["fields"]
        assert {fields[number] for number in call_["names"]} == {"text"}
        assert {*call_["names"].values()} <= {*get_args(Family)}
        assert fields[str(call_["definition"])] == "bytes"


def test_the_places_in_the_text_are_those_of_the_table() -> None:
    """Four calls in an expression, and four in a physical one."""
    places = []
    for number, row in enumerate(re.findall(_ROW, README, flags=re.MULTILINE)):
        family, field, name, definition = row
        message = TABLE["messages"]["expr" if number < 4 else "pExpr"]["fields"][field]
        places.append((message, family, name, int(definition)))
    assert sorted(places) == sorted(
        (message, family, name, call_["definition"])
        for message, call_ in TABLE["calls"].items()
        for name, family in call_["names"].items()
    )
