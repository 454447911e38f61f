"""A program behind stdin and stdout that fails in the way that its argument names."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

OPERATIONS = ["decide", "take-apart", "write-back", "write-frame", "envelopes"]
HELLO = {
    "protocol": 1,
    "name": "fake",
    "version": "1.2",
    "language": "Python",
    "operations": OPERATIONS,
    "artifacts": ["expression", "logical", "physical"],
}
REFUSAL = {"decision": "refuse", "kind": "ExecutionError", "message": "no", "unpickled": False}
Message = Mapping[str, Any]


def _reply(message: Message, /, **fields: Any) -> None:
    print(json.dumps({"id": message["id"], **fields}), flush=True)


def _accept(message: Message) -> None:
    _reply(message, decision="accept")


def _sleep(_: Message) -> None:
    time.sleep(60)


def _crash(_: Message) -> None:
    print("out of cheese", file=sys.stderr, flush=True)
    os.abort()


def _exit(_: Message) -> None:
    sys.exit(3)


def _close(_: Message) -> None:
    os.close(1)
    time.sleep(60)


def _flood(message: Message) -> None:
    for _ in range(2_000):
        print("x" * 1_000, file=sys.stderr)
    print("the last words", file=sys.stderr, flush=True)
    _accept(message)


def _spawn(_: Message) -> None:
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(61)"])
    time.sleep(60)


def _answer_late(message: Message) -> None:
    time.sleep(0.5)
    _accept(message)


def _answer_twice(message: Message) -> None:
    _accept(message)
    _accept(message)


def _write(text: str) -> None:
    """Write all of a text at once."""
    sys.stdout.write(text)
    sys.stdout.flush()


def _line(message: Message, *, indent: int | None = None) -> str:
    return json.dumps({"id": message["id"], "decision": "accept"}, indent=indent) + "\n"


def _write_half(message: Message) -> None:
    _write(_line(message)[:-1])
    time.sleep(60)


def _write_half_and_exit(message: Message) -> None:
    _write(_line(message)[:-1])
    sys.exit(3)


def _answer_much(_: Message) -> None:
    sys.stdout.write("x" * (65 << 20))


BEHAVIOURS: Mapping[str, Callable[[Message], None]] = {
    "good": _accept,
    "hangs": _sleep,
    "crashes": _crash,
    "exits": _exit,
    "closes": _close,
    "floods": _flood,
    "spawns": _spawn,
    "late": _answer_late,
    "nonsense": lambda _: print("hello?", flush=True),
    "no-object": lambda _: print("[]", flush=True),
    "late-id": lambda _: print('{"x": "' + "y" * 200 + '", "id": 77}', flush=True),
    "without-id": lambda _: print('{"decision": "accept"}', flush=True),
    "wrong-id": lambda _: print('{"id": 77, "decision": "accept"}', flush=True),
    "two-lines": _answer_twice,
    "twice": lambda message: _write(_line(message) * 2),
    "logs": lambda message: _write("debug: got it\n" + _line(message)),
    "indents": lambda message: _write(_line(message, indent=2)),
    "blank": lambda message: _write("\n" + _line(message)),
    "byte-order-mark": lambda message: _write("\ufeff" + _line(message)),
    "not-a-number": lambda message: _reply(message, decision="accept", x=float("nan")),
    "no-line-end": _write_half,
    "half-a-line": _write_half_and_exit,
    "ends-with-3": _accept,
    "lingers": _accept,
    "late-words": _accept,
    "maybe": lambda message: _reply(message, decision="maybe"),
    "half": lambda message: _reply(message, decision="refuse"),
    "refuses": lambda message: _reply(message, **REFUSAL),
    "cannot": lambda message: _reply(message, error="not today"),
    "huge": _answer_much,
    "no-bytes": lambda message: _reply(message, data=""),
    "few": lambda message: _reply(message, error="not today"),
    "datafusion": _accept,
}
GREETINGS: Mapping[str, Callable[[Message], None]] = {
    "dies-at-hello": _crash,
    "hangs-at-hello": _sleep,
    "protocol-2": lambda message: _reply(message, **{**HELLO, "protocol": 2}),
    "unknown-operation": lambda message: _reply(message, **{**HELLO, "operations": ["fly"]}),
    "offers-nothing": lambda message: _reply(message, **{**HELLO, "operations": []}),
    "few": lambda message: _reply(message, **{**HELLO, "operations": ["envelopes"]}),
    "datafusion": lambda message: _reply(message, **{**HELLO, "name": "datafusion"}),
    "only-plans": lambda message: _reply(message, **{**HELLO, "artifacts": ["logical"]}),
    "no-artifacts": lambda message: _reply(message, **{**HELLO, "artifacts": []}),
    "no-name": lambda message: _reply(message, protocol=1, operations=[], artifacts=[]),
}


def main(how: str) -> None:
    for line in sys.stdin:
        message = json.loads(line)
        if message["op"] != "hello":
            BEHAVIOURS[how](message)
        elif how in GREETINGS:
            GREETINGS[how](message)
        else:
            _reply(message, **HELLO)
    if how == "ends-with-3":
        sys.exit(3)
    if how == "lingers":
        time.sleep(60)
    if how == "late-words":
        print("x" * 1_000_000, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
