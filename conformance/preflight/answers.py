"""Count the nodes that have answered, from one process to another."""

from __future__ import annotations

import json
import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol


class Count(Protocol):
    """Take how many nodes have answered, of how many, and the name of the last one."""

    def __call__(self, answered: int, of: int, node: str) -> None: ...


@contextmanager
def listening(count: Count) -> Iterator[str]:
    """Yield the path of a pipe; what ``telling`` writes to it calls ``count``, in a thread."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "answers"
        os.mkfifo(path)
        # Open for reading and writing: neither end waits for the other.
        pipe = os.open(path, os.O_RDWR)

        def listen() -> None:
            with open(pipe, encoding="utf-8") as lines:
                for line in lines:
                    if not (counted := json.loads(line)):
                        return
                    count(*counted)

        listener = threading.Thread(target=listen, daemon=True)
        listener.start()
        try:
            yield str(path)
        finally:
            os.write(pipe, b"[]\n")
            listener.join()


@contextmanager
def telling(path: str) -> Iterator[Count]:
    """Yield a function that writes to the pipe of ``listening``."""
    with open(path, "w", encoding="utf-8", buffering=1) as pipe:

        def count(answered: int, of: int, node: str) -> None:
            pipe.write(json.dumps([answered, of, node]) + "\n")

        yield count
