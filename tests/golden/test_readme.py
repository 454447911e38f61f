"""The text of golden/README.md, compared with the bytes and the manifest."""

from __future__ import annotations

import json
import re

import pytest

from tests.conftest import ROOT

STORE = ROOT / "golden"
TEXT = (STORE / "README.md").read_text(encoding="utf-8")
_HEAD = r"\| Offset \| Bytes \| Meaning \|\n\| --- .*\n"
EXAMPLES = re.findall(rf"`(\S+\.bin)`, (\d+) bytes:\n\n{_HEAD}((?:\|.*\n)+)", TEXT)


def test_there_are_two_examples() -> None:
    assert [name.partition("/")[0] for name, _, _ in EXAMPLES] == ["DFPYUDF", "DFPYCHN"]


@pytest.mark.parametrize(("name", "size", "table"), EXAMPLES)
def test_an_example(name: str, size: str, table: str) -> None:
    """Each row is what is there; only the middle of the pickle is left out."""
    data = (STORE / name).read_bytes()
    assert len(data) == int(size)
    end = 0
    gaps = []
    for row in table.splitlines():
        _, offset, code, _, _ = row.split("|")
        start, expected = int(offset), bytes.fromhex(code.strip(" `"))
        assert data[start : start + len(expected)] == expected, row
        if start != end:
            gaps.append((end, start))
        end = start + len(expected)
    if name.startswith("DFPYUDF"):
        assert (gaps, end) == ([(53, 1066)], len(data))
    else:
        assert (gaps, end) == ([], 62)


def test_the_numbers_in_the_first_example_are_those_of_its_bytes() -> None:
    data = (STORE / EXAMPLES[0][0]).read_bytes()
    assert (1090 - 4, 1090 - 22) == (1086, 1068)
    assert data[2:4] == bytes([1086 % 128 | 128, 1086 // 128])
    assert data[20:22] == bytes([1068 % 128 | 128, 1068 // 128])
    assert int.from_bytes(data[35:43], "little") == 1047 == len(data) - 43


def test_the_second_example_holds_the_frame_of_the_first() -> None:
    first, second = ((STORE / name).read_bytes() for name, _, _ in EXAMPLES)
    assert second[52:] == first[22:]


def test_the_recipe_for_a_record_gives_the_whole_record() -> None:
    """The three steps of the text, done as it says."""
    manifest = json.loads((STORE / "manifest.json").read_text(encoding="utf-8"))
    golden = next(one for one in manifest["goldens"] if one["file"] == EXAMPLES[1][0])
    case = manifest["cases"][golden["case"]]
    record = {"python": golden["python"]}
    record |= case["frames"][0]
    record |= golden["frames"][0]
    record["imports"] = manifest["import_sets"][record["imports"]]
    assert record == {
        "offset": 52,
        "size": 1068,
        "path": [[20, 0], [3, 0], [0, 0]],
        "family": "scalar",
        "version": 1,
        "python": "3.12",
        "call": "lambda",
        "name": "lambda",
        "inputs": [{"name": "arg_0", "type": "int64"}],
        "returns": {"name": "value", "type": "int64"},
        "volatility": "immutable",
        "imports": [
            "cloudpickle.cloudpickle._builtin_type",
            "cloudpickle.cloudpickle._function_setstate",
            "cloudpickle.cloudpickle._make_function",
            "cloudpickle.cloudpickle.subimport",
        ],
        "payload_sha256": "56236cf597c1da936448d481bb764ebf929fa9b17eb741ecf4e5662ad8232f4b",
    }
    assert {**case["envelopes"][0], **golden["envelopes"][0]} == {
        "offset": 22,
        "size": 1098,
        "path": [[20, 0], [3, 0]],
        "version": 1,
        "codec_id": "conformance.golden",
        "payload_sha256": "029433b3be6419deb746f499f71b76061ac105df417239fbc7dd6c69b0ba6958",
    }


def test_every_field_of_the_manifest_is_described() -> None:
    """A name in code marks; a key of a JSON value counts with its braces."""
    manifest = json.loads((STORE / "manifest.json").read_text(encoding="utf-8"))
    names = set(manifest)
    for part in ("writers", "cases"):
        names |= {name for one in manifest[part].values() for name in one}
    for golden in manifest["goldens"]:
        names |= set(golden) | {name for one in golden["frames"] for name in one}
    for case in manifest["cases"].values():
        for kind in ("frames", "envelopes"):
            names |= {name for one in case.get(kind, ()) for name in one}
    named = set(re.findall(r"`([^`\n]+)`", TEXT))
    assert names - named == set()


def test_the_text_names_no_file_outside_the_archive() -> None:
    """Those who vendor the vectors have nothing else of the project."""
    links = [link for link in re.findall(r"\]\(([^)]+)\)", TEXT) if "://" not in link]
    headings = {
        "#" + re.sub(r"[^\w -]", "", line.lower()).strip().replace(" ", "-")
        for line in re.findall(r"^#+ (.*)$", TEXT, flags=re.MULTILINE)
    }
    assert [link for link in links if link not in headings] == []
    assert "conformance/" not in TEXT
    assert "nox -s" not in TEXT
