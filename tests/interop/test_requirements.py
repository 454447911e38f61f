"""Lists of requirements: a pin counts only where its marker holds."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from conformance.cli import main
from conformance.interop.markers import MarkerError, marker_holds
from conformance.interop.peer_spec import NotCovered, PeerSpecError, parse_peer

ENGINE = "datafusion==55.0.0\n"
OLD = 'cloudpickle==3.1.3 ; python_version<"3.11"\n'
NEW = 'cloudpickle==2.1.0 ; python_version>="3.11"\n'


def peer(tmp_path: Path, text: str, given: str = "python==3.12") -> dict[str, str]:
    file = tmp_path / "requirements.txt"
    file.write_text(text)
    return parse_peer(given, file)


@pytest.mark.parametrize(("python", "version"), [("3.10", "3.1.3"), ("3.12", "2.1.0")])
def test_the_pin_whose_marker_holds(tmp_path: Path, python: str, version: str) -> None:
    found = peer(tmp_path, ENGINE + OLD + NEW, f"python=={python}")
    assert found == {"engine": "55.0.0", "cloudpickle": version, "python": python}
    within = peer(tmp_path, f"{ENGINE}{OLD}{NEW}python=={python}\n", "")
    assert within == found


@pytest.mark.parametrize("side", ["sender", "receiver"])
def test_a_pin_that_does_not_apply_is_no_answer(tmp_path: Path, side: str) -> None:
    file = tmp_path / "requirements.txt"
    file.write_text(ENGINE + OLD)
    other = {"sender": "receiver", "receiver": "sender"}[side]
    versions = "datafusion==55.0.0,cloudpickle==3.1.3,python==3.12"
    command = ["can-talk", f"--{side}-from", str(file), f"--{side}", "python==3.12"]
    result = CliRunner().invoke(main, [*command, f"--{other}", versions])
    assert (result.exit_code, result.stdout) == (2, "")
    assert "the version of cloudpickle is missing" in result.stderr
    assert f"{OLD.strip()!r} does not apply" in result.stderr


def test_a_marker_that_needs_a_python(tmp_path: Path) -> None:
    with pytest.raises(PeerSpecError, match=r"the marker needs a Python: add python==VERSION"):
        peer(tmp_path, ENGINE + OLD + NEW, "")


def test_a_pin_that_the_specifier_replaces_needs_no_marker(tmp_path: Path) -> None:
    text = ENGINE + 'cloudpickle==3.1.3 ; python_full_version<"3.12.4"\n'
    assert peer(tmp_path, text, "python==3.12,cloudpickle==3.0.0")["cloudpickle"] == "3.0.0"
    with pytest.raises(PeerSpecError, match=r"give python==3\.12\.PATCH"):
        peer(tmp_path, text)
    assert peer(tmp_path, text, "python==3.12.1")["cloudpickle"] == "3.1.3"


def test_two_pins_that_apply(tmp_path: Path) -> None:
    with pytest.raises(PeerSpecError, match="duplicate version of cloudpickle"):
        peer(tmp_path, ENGINE + NEW + "cloudpickle==3.1.3\n")


@pytest.mark.parametrize(
    "line",
    [
        'cloudpickle==2.1.0;python_version>="3.11"',
        'cloudpickle==2.1.0 ; python_version >= "3.11" and python_version < "4.0" --hash=sha256:0',
        'cloudpickle==2.1.0 ; python_version >= "3.11" \\\n --hash=sha256:0 \\\n --hash=sha256:1',
        'cloudpickle==2.1.0 \\\n    ; python_version >= "3.11"  # via x',
        '# cloudpickle==3.1.3 \\\ncloudpickle==2.1.0 ; sys_platform != "none"',
        'cloudpickle==2.1.0 ; python_full_version >= "3.11" and python_full_version < "3.13"',
        'cloudpickle==2.1.0 ; platform_python_implementation == "CPython"',
        "\ufeffcloudpickle==2.1.0  # via x",
        "cloudpickle[foo]==2.1.0",
        "cloudpickle [foo, bar] == 2.1.0",
    ],
)
def test_how_a_pin_is_written(tmp_path: Path, line: str) -> None:
    assert peer(tmp_path, f"{line}\n{ENGINE}")["cloudpickle"] == "2.1.0"


@pytest.mark.parametrize("rest", ["; x", ", !=2.0.0", "; 'a' in python_version and", "; x == 1"])
def test_what_is_no_pin(tmp_path: Path, rest: str) -> None:
    with pytest.raises(PeerSpecError, match="expected"):
        peer(tmp_path, f"{ENGINE}cloudpickle==2.1.0 {rest}\n")


def test_markers_without_an_answer() -> None:
    assert marker_holds('sys_platform != "none"', "")
    assert not marker_holds('extra == "test"', "3.12")
    assert marker_holds('python_full_version < "3.13"', "3.12")
    for text, says in (
        ("x", "expected a marker"),
        ('python_version < "3"', "needs a Python"),
        ('sys_platform ~= "linux"', "cannot be evaluated"),
    ):
        with pytest.raises(MarkerError, match=says):
            marker_holds(text, "")


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_what_powershell_writes(tmp_path: Path, codec: str) -> None:
    file = tmp_path / "requirements.txt"
    file.write_bytes(f"\ufeff{ENGINE}cloudpickle==3.1.3\r\n".encode(codec))
    with pytest.raises(PeerSpecError, match=r"found UTF-16.*pip freeze \| Out-File -Encoding utf8"):
        parse_peer("python==3.12", file)


@pytest.mark.parametrize(
    "line",
    [
        "datafusion>=55",
        "DataFusion",
        "datafusion @ file:///x.whl",
        "./datafusion-54.0.0-cp310-abi3-linux_x86_64.whl",
        "-e git+https://x/y#egg=datafusion",
    ],
)
def test_a_line_without_a_pin_is_shown(tmp_path: Path, line: str) -> None:
    with pytest.raises(PeerSpecError) as caught:
        peer(tmp_path, f"datafusion-extra-functions-ffi==0.1.0\n{line}\ncloudpickle==3.1.3\n")
    assert f"the version of datafusion is missing; {line!r} pins no version; " in str(caught.value)
    assert "extra" not in str(caught.value)


@pytest.mark.parametrize(
    "line",
    [
        "-c other.txt",
        "-r other.txt",
        "-rother.txt",
        "  --requirement other.txt",
        "--constraint=other.txt",
        "--req other.txt",
    ],
)
def test_another_list_is_not_judged(tmp_path: Path, line: str) -> None:
    with pytest.raises(NotCovered) as caught:
        peer(tmp_path, f"{line}\n{ENGINE}cloudpickle==3.1.3\n")
    assert f"{line.strip()!r} names another list" in str(caught.value)
    assert caught.value.code == 18


@pytest.mark.parametrize(
    "line",
    [
        "-e git+https://x/y#egg=datafusion",
        "git+https://github.com/apache/datafusion-python",
        "./datafusion-54.0.0-cp310-abi3-linux_x86_64.whl",
        "datafusion @ file:///x.whl",
        "datafusion>=54",
        "--some-option datafusion",
        "${DATAFUSION}",
        "datafusion (==54.0.0)",
        "pyarrow>=16",
    ],
)
def test_a_line_that_is_not_understood_is_not_judged(tmp_path: Path, line: str) -> None:
    name = "pyarrow" if "pyarrow" in line else "datafusion"
    with pytest.raises(NotCovered) as caught:
        peer(tmp_path, f"{line}\n{ENGINE}cloudpickle==3.1.3\n")
    assert f"{line!r} is about {name} and pins no version" in str(caught.value)
    given = f"python==3.12,{name}==55.0.0"
    assert peer(tmp_path, f"{line}\n{ENGINE}cloudpickle==3.1.3\n", given)["engine"] == "55.0.0"


@pytest.mark.parametrize(
    "line",
    [
        "datafusion-extra-functions-ffi @ git+https://github.com/apache/datafusion-python",
        "-e /srv/other",
        "--no-binary datafusion",
        "--require-hashes",
        'datafusion>=56 ; python_version<"3"',
        "other[datafusion]==1.0",
    ],
)
def test_a_line_about_something_else(tmp_path: Path, line: str) -> None:
    assert peer(tmp_path, f"{line}\n{ENGINE}cloudpickle==3.1.3\n")["engine"] == "55.0.0"


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ("datafusion==55.*", "'datafusion==55.*': expected NAME==VERSION"),
        ("datafusion===55.0.0", "'datafusion===55.0.0': expected NAME==VERSION"),
        (ENGINE + ENGINE, "duplicate version of datafusion"),
    ],
)
def test_an_error_names_the_file(tmp_path: Path, lines: str, says: str) -> None:
    with pytest.raises(PeerSpecError) as caught:
        peer(tmp_path, f"{lines}\ncloudpickle==3.1.3\n")
    assert str(caught.value).startswith(f"{tmp_path / 'requirements.txt'}: ")
    assert says in str(caught.value)


def test_here_is_given_alone() -> None:
    with pytest.raises(PeerSpecError, match="expected 'here' alone"):
        parse_peer("here,pyarrow==20.0.0")
