"""Files of the user: bounded, and not waited for without a word."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from conformance.util import input_file


def test_a_file_has_a_bound(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"abc")
    assert input_file.read_bytes(path, 3) == b"abc"
    for endless, most in ((path, 2), (Path("/dev/zero"), 1000)):
        with pytest.raises(OSError, match=f"more than {most:,} bytes, which this tool does not"):
            input_file.read_bytes(endless, most)


def test_a_named_pipe_is_announced(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(b"ab",))
    writer.start()
    assert input_file.read_bytes(pipe) == b"ab"
    writer.join()
    said = f"{pipe}: a named pipe: waiting for a process that writes into it\n"
    assert capsys.readouterr().err == said


def test_a_pipe_of_a_shell_is_not_announced(capsys: pytest.CaptureFixture[str]) -> None:
    ours, theirs = os.pipe()
    os.write(theirs, b"ab")
    os.close(theirs)
    assert input_file.read_bytes(Path(f"/dev/fd/{ours}")) == b"ab"
    os.close(ours)
    assert capsys.readouterr().err == ""
