"""Keeps a copy of what a driver sends to its workers and gets from them."""

from __future__ import annotations

import io
from multiprocessing import connection, reduction
from typing import Any

from conformance import wire
from conformance.suite.processes.worker_functions import NAME


class Recorder:
    """All that goes through multiprocessing's connections and into spawned processes.

    Pools, queues, pipes, ``concurrent.futures`` and loky have no other way.
    """

    def __init__(self) -> None:
        """Record from now on, for as long as the process lives."""
        self.sent: list[bytes] = []
        self.received: list[bytes] = []
        patched: Any = connection.Connection
        pickling: Any = reduction
        send, receive, dump = patched._send_bytes, patched._recv_bytes, pickling.dump

        def sending(one: Any, data: Any) -> None:
            self.sent.append(bytes(data))
            send(one, data)

        def receiving(one: Any, maxsize: int | None = None) -> io.BytesIO:
            data: io.BytesIO = receive(one, maxsize)
            self.received.append(data.getvalue())
            return data

        def dumping(process: Any, file: Any, protocol: int | None = None) -> None:
            copy = io.BytesIO()
            dump(process, copy, protocol)
            self.sent.append(copy.getvalue())
            file.write(copy.getvalue())

        patched._send_bytes, patched._recv_bytes = sending, receiving
        pickling.dump = dumping

    def clear(self) -> None:
        """Forgets what was recorded."""
        self.sent.clear()
        self.received.clear()


def udf_forms(messages: list[bytes]) -> list[str]:
    """In what form the UDF is in each message that speaks of it: ``frame`` or ``name``."""
    about = [message for message in messages if NAME.encode() in message]
    return ["frame" if wire.find(message) else "name" for message in about]
