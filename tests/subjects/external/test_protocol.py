"""The messages of the suite, and the replies that it accepts, follow the protocol's schema."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from conformance.golden.store import Store
from conformance.subjects import external
from conformance.subjects.codec import Conditions
from conformance.subjects.external.errors import ProtocolError
from conformance.subjects.external.pipe import Pipe
from conformance.subjects.external.program import JUDGED, Program
from conformance.subjects.external.replies import read_decision
from conformance.subjects.external.trial import FRAME_FIELDS
from conformance.suite.helpers.vector_goldens import artifact_of, goldens_of
from tests.examples.node import ask
from tests.subjects.external.fake import HELLO

SCHEMA = json.loads(Path(external.__file__).with_name("protocol.schema.json").read_text())

REPLIES: Mapping[str, Mapping[str, Any]] = {
    "hello": HELLO,
    "decide": {"decision": "accept"},
    "take-apart": {"frames": [], "envelopes": []},
    "write-back": {"data": "AA=="},
    "write-frame": {"data": "AA=="},
    "wrap": {"data": "AA=="},
    "unwrap": {"codec_id": "a", "payload": ""},
}
ASKS: Mapping[str, Callable[[Program], object]] = {
    "hello": lambda program: program.hello,
    "decide": lambda program: program.decide(
        "logical", b"x", Conditions("3.12", False, ("a",), (("scalar", "f"),))
    ),
    "take-apart": lambda program: program.take_apart("expression", b"x"),
    "write-back": lambda program: program.write_back("physical", b"x"),
    "write-frame": lambda program: program.write_frame("window", "3.12", b"x"),
    "wrap": lambda program: program.wrap("a", b"x"),
    "unwrap": lambda program: program.unwrap(b"x"),
}


def _validate(message: object, name: str) -> None:
    schema = {"$ref": f"#/$defs/{name}", "$defs": SCHEMA["$defs"]}
    jsonschema.Draft202012Validator(schema).validate(message)


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("op", list(ASKS))
def test_what_the_suite_asks(op: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Mapping[str, Any]] = []

    def ask(self: Pipe, message: Mapping[str, Any]) -> Mapping[str, Any]:
        del self
        asked.append({"id": len(asked), **message})
        return {"id": len(asked) - 1, **REPLIES[message["op"]]}

    monkeypatch.setattr(Pipe, "ask", ask)
    monkeypatch.setattr(Pipe, "running", True)
    ASKS[op](Program(["program"]))
    _validate(asked[-1], f"{op}-request")
    _validate(asked[-1], "request")
    _validate({"id": 0, **REPLIES[op]}, f"{op}-reply")


def test_a_frame_has_the_fields_of_the_schema() -> None:
    assert {*FRAME_FIELDS} == {*SCHEMA["$defs"]["frame"]["required"]}


@pytest.mark.parametrize(
    "artifacts",
    [
        ["logical", "physical", "expression"],
        ["expression"],
        ["logical"],
        ["expression", "physical"],
        ["logical", "physical"],
    ],
)
def test_artifacts_that_are_judged_are_those_of_the_schema(artifacts: list[str]) -> None:
    """The schema does not see that a program whose operations take artifacts offers none."""
    try:
        _validate({"id": 0, **HELLO, "artifacts": artifacts}, "hello-reply")
    except jsonschema.ValidationError:
        assert {*artifacts} not in JUDGED
    else:
        assert {*artifacts} in JUDGED


def test_the_replies_of_a_right_program_follow_the_schema() -> None:
    """Those of examples/node-codec, which the suite passes, to a golden of each case."""
    session = {"inlining": False, "python": "3.12", "codecs": [], "registered": []}
    requests = [
        {"op": op, "artifact": artifact_of(case), "data": base64.b64encode(data).decode(), **more}
        for case in Store().manifest.cases
        for _, data in [next(goldens_of(case))]
        for op, more in (("take-apart", {}), ("write-back", {}), ("decide", {"session": session}))
    ]
    replies = ask("node-codec/codec.mjs", requests)
    for request, reply in zip(requests, replies, strict=True):
        _validate({"id": 0, **request}, f"{request['op']}-request")
        _validate(reply, f"{request['op']}-reply")
    assert None in [frame["call"] for reply in replies for frame in reply.get("frames", ())]


@pytest.mark.parametrize("decision", [{"decision": "maybe"}, {"decision": "refuse", "kind": "x"}])
def test_a_reply_that_is_refused_is_not_in_the_schema(decision: Mapping[str, Any]) -> None:
    with pytest.raises(ProtocolError):
        read_decision({"id": 1, **decision})
    with pytest.raises(jsonschema.ValidationError):
        _validate({"id": 1, **decision}, "decide-reply")
