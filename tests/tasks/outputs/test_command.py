"""``python -m tasks.outputs`` compares outputs in what is the same in each run, or records them."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from conformance.spec import outputs
from conformance.spec.outputs import Outputs, read_outputs
from tasks.outputs import __main__ as command
from tasks.outputs.shape import shape, without_folders

HEX = "0123456789abcdef" * 2


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (f"c{HEX}.a at 0x7f00aa", f"c{HEX[::-1]}.a at 0x11"),
        (
            "8.5 microseconds with 256 UDFs, 59 with 4,096",
            "11 microseconds with 256 UDFs, 7 with 1",
        ),
    ],
)
def test_what_differs_in_each_run_is_no_difference(one: str, other: str) -> None:
    assert shape(one) == shape(other)


@pytest.mark.parametrize(
    ("one", "other"), [("expected [3], found [2]", "expected [3], found [1]"), ("a\nb", "a")]
)
def test_all_else_is(one: str, other: str) -> None:
    assert shape(one) != shape(other)


def test_folders_of_a_machine_are_left_out() -> None:
    text = (
        'File \\"/home/ada/.venv/lib/python3.11/site-packages/cloudpickle/cloudpickle.py\\", line 1'
    )
    assert without_folders(text) == 'File \\".../cloudpickle.py\\", line 1'
    assert without_folders("see https://example.org/a/b.py, and 1/2.py") == (
        "see https://example.org/a/b.py, and 1/2.py"
    )


def run(monkeypatch: pytest.MonkeyPatch, folder: Path, text: str, *options: str) -> Result:
    """Run the command for an engine on which one divergence prints ``text``."""
    here = Outputs("3.11", "3.1.3", {"a-divergence": f"{text}\n(exit code 1)"})
    read_outputs.cache_clear()
    monkeypatch.setattr(command, "read_outputs", lambda: read_outputs(folder))
    monkeypatch.setattr(command, "_outputs_here", lambda _: here)
    monkeypatch.setattr(outputs, "OUTPUTS", folder)
    return CliRunner().invoke(command.main, list(options))


def test_outputs_are_never_recorded_silently(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    new = run(monkeypatch, tmp_path, "broken: 1")
    assert new.exit_code == 1
    assert "+broken: 1" in new.output
    assert list(tmp_path.iterdir()) == []
    assert run(monkeypatch, tmp_path, "broken: 1", "--update").exit_code == 0
    assert run(monkeypatch, tmp_path, "broken: 1").exit_code == 0
    changed = run(monkeypatch, tmp_path, "broken: 2")
    assert changed.exit_code == 1
    assert "-broken: 1\n+broken: 2" in changed.output
