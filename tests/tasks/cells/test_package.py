"""The check of the wheel notices what does not belong there."""

from __future__ import annotations

import pytest

from tasks.cells.package import MOST_FILES, WheelError, check_contents
from tests.conftest import ROOT

WHOLE = [
    "conformance/__init__.py",
    "conformance/py.typed",
    "conformance/golden/store.zip",
    "conformance/inspection/schema.json",
    "conformance/interop/schema.json",
    "conformance/page/template/page.css",
    "conformance/page/template/page.html",
    "conformance/page/template/page.js",
    "conformance/report/merged.schema.json",
    "conformance/report/schema.json",
    "conformance/subjects/external/protocol.schema.json",
    "dfpy_conformance-0.1.0.dist-info/METADATA",
]


def test_a_whole_wheel() -> None:
    check_contents(WHOLE)


def test_the_package_is_not_too_many_files() -> None:
    """Each change learns this from the tests, and not only from `nox -s package`."""
    files = [path for path in (ROOT / "conformance").rglob("*") if path.is_file()]
    names = [path.relative_to(ROOT).as_posix() for path in files if path.suffix != ".pyc"]
    dist_info = ("METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE")
    others = [f"dfpy_conformance-0.1.0.dist-info/{name}" for name in dist_info]
    check_contents([*names, *others, "conformance/golden/store.zip"])


@pytest.mark.parametrize(
    ("names", "text"),
    [
        ([*WHOLE, "tasks/faults/fault.py"], "tasks/faults/fault.py: only the package"),
        ([*WHOLE, "golden/manifest.json"], "golden/manifest.json: only the package"),
        (WHOLE[:1] + WHOLE[2:], "conformance/py.typed is missing"),
        (WHOLE[:2], "conformance/golden/store.zip is missing"),
        (WHOLE[:5], "conformance/page/template/page.css is missing"),
        (WHOLE[:9], "conformance/report/schema.json is missing"),
        ([f"conformance/{n}.py" for n in range(MOST_FILES + 1)], f"expected at most {MOST_FILES}"),
    ],
)
def test_what_does_not_belong_there_is_noticed(names: list[str], text: str) -> None:
    with pytest.raises(WheelError, match=text):
        check_contents(names)
