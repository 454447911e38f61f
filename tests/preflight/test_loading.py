"""Objects that the user names, and the sentence for each that cannot be loaded."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from conformance.preflight.loading import ShipmentError, load


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, as on the path of a script; what ``load`` changes is restored."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.path", [str(tmp_path), *sys.path])
    monkeypatch.setitem(sys.modules, "__main__", sys)
    return tmp_path


def test_an_attribute_of_a_module() -> None:
    assert load("pathlib:Path.cwd") == Path.cwd


def test_a_file_is_a_script_without_its_main_block(folder: Path) -> None:
    (folder / "job.py").write_text(
        "import beside\n"
        "def f(): return __name__\n"
        "if __name__ == '__main__':\n    raise SystemExit('started')\n"
        "last = 1\n"
    )
    (folder / "beside.py").touch()
    found = load("job.py:f")
    assert (found(), found.__module__) == ("__main__", "__main__")
    assert load("job.py:last") == 1


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("pathlib", "pathlib: expected MODULE:NAME or FILE.py:NAME"),
        (":x", ":x: expected MODULE:NAME"),
        ("no_such.part:x", "no_such.part:x: this driver has no module no_such; expected"),
        ("email.no_such:x", "this driver has no module email.no_such"),
        ("pathlib:no_such", "pathlib:no_such: pathlib has no attribute no_such"),
        ("none.py:x", "none.py: No such file or directory"),
        ("broken.py:x", "broken.py: importing it raised SyntaxError: "),
        ("raises:x", "raises: importing it raised ValueError: two lines"),
        ("exits:x", "exits: importing it raised SystemExit: 3"),
        ("needs:x", "needs: importing it raised ModuleNotFoundError: No module named 'no_such'"),
        ("opens.py:x", "opens.py: importing it raised FileNotFoundError: "),
    ],
)
def test_what_cannot_be_loaded(folder: Path, spec: str, message: str) -> None:
    (folder / "broken.py").write_text("def (")
    (folder / "raises.py").write_text("raise ValueError('two\\nlines')")
    (folder / "exits.py").write_text("raise SystemExit(3)")
    (folder / "needs.py").write_text("import no_such")
    (folder / "opens.py").write_text("open('no such file')")
    with pytest.raises(ShipmentError) as raised:
        load(spec)
    assert str(raised.value).startswith(message) or message in str(raised.value)
    assert "\n" not in str(raised.value)
