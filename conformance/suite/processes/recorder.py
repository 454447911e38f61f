"""Record the bytes that a driver sends to its workers and receives from them."""

from __future__ import annotations

import io
from multiprocessing import connection as connections
from multiprocessing import reduction
from typing import Any

from conformance import wire
from conformance.suite.processes.worker_functions import NAME


class Recorder:
    """A record of all bytes that a driver's workers are sent and send back.

    It covers multiprocessing's connections and the start of spawned processes. Pools, queues,
    pipes, ``concurrent.futures`` and loky use no other channel.
    """

    def __init__(self) -> None:
        """Patch multiprocessing to record, for the rest of the process's life."""
        self.sent: list[bytes] = []
        self.received: list[bytes] = []
        patched: Any = connections.Connection
        pickling: Any = reduction
        send, receive, dump = patched._send_bytes, patched._recv_bytes, pickling.dump

        def record_send(connection: Any, data: Any) -> None:
            self.sent.append(bytes(data))
            send(connection, data)

        def record_receive(connection: Any, maxsize: int | None = None) -> io.BytesIO:
            data: io.BytesIO = receive(connection, maxsize)
            self.received.append(data.getvalue())
            return data

        def record_dump(process: Any, file: Any, protocol: int | None = None) -> None:
            copy = io.BytesIO()
            dump(process, copy, protocol)
            self.sent.append(copy.getvalue())
            file.write(copy.getvalue())

        patched._send_bytes, patched._recv_bytes = record_send, record_receive
        pickling.dump = record_dump

    def clear(self) -> None:
        """Discard the record."""
        self.sent.clear()
        self.received.clear()


def udf_forms(messages: list[bytes]) -> list[str]:
    """Return the form of the UDF, ``frame`` or ``name``, in each message that contains its name."""
    with_udf = [message for message in messages if NAME.encode() in message]
    return ["frame" if wire.find(message) else "name" for message in with_udf]
