"""A small package index in a folder, wheels without content, and a version table of their own."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from pathlib import Path

from packaging.utils import canonicalize_name

TABLE = """
engines = ["54.0.0", "55.0.0"]
cloudpickles = ["3.0.0", "3.1.0"]

[[ffi_library]]
package = "geo==0.4.0"
engines = ">=55,<56"

[[cluster]]
name = "ray"
package = "ray==2.0.0"
chapter = "RAY"
pythons = ">=3.10"

[[parallel_backend]]
package = "joblib==1.6.0"
cloudpickle = ">=3"

[chapters]
on_engine = ["COST"]
on_engine_or_python = ["WORKER"]
on_engine_and_python = ["MODEL"]

[[python]]
version = "3.12"
cloudpickle = "3.0.0"
pyarrow = ["16.0.0", "25.0.0"]

[[python]]
version = "3.13"
cloudpickle = "3.0.0"
pyarrow = ["18.0.0", "26.0.0"]

[[free_threaded]]
version = "3.13t"
pyarrow = "26.0.0"
chapters = ["THREAD"]
"""

KNOWN = {
    "datafusion": ["54.0.0", "55.0.0"],
    "cloudpickle": ["3.0.0", "3.1.0"],
    "geo": ["0.4.0"],
    "ray": ["2.0.0"],
    "joblib": ["1.6.0"],
}
"""The versions of the table, but for pyarrow, whose wheels are made for one Python each."""

PYARROWS = [("25.0.0", "cp312-none"), ("26.0.0", "cp313-none")]


def make_wheel(
    folder: Path, name: str, version: str, tag: str = "py3-none", requires: Iterable[str] = ()
) -> Path:
    """Write a wheel without a module into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}-{version}-{tag}-any.whl"
    info = f"{name}-{version}.dist-info"
    needs = "".join(f"Requires-Dist: {one}\n" for one in requires)
    with zipfile.ZipFile(path, "w") as wheel:
        head = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        wheel.writestr(f"{info}/METADATA", head + needs)
        wheel.writestr(f"{info}/WHEEL", f"Wheel-Version: 1.0\nTag: {tag}-any\n")
        wheel.writestr(f"{info}/RECORD", "")
    return path


class SmallIndex:
    """An index that holds what the table has; ``add`` publishes more."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name, versions in KNOWN.items():
            for version in versions:
                self.add(name, version)
        for version, tag in PYARROWS:
            self.add("pyarrow", version, tag)

    @property
    def url(self) -> str:
        """The value of UV_DEFAULT_INDEX."""
        return self.folder.as_uri()

    def add(
        self,
        name: str,
        version: str,
        tag: str = "py3-none",
        *,
        requires: Iterable[str] = (),
        yanked: bool = False,
    ) -> None:
        """Publish a release."""
        folder = self.folder / canonicalize_name(name)
        wheel = make_wheel(folder, name, version, tag, requires)
        page = folder / "index.html"
        before = page.read_text(encoding="utf-8") if page.exists() else ""
        why = ' data-yanked="broken"' if yanked else ""
        page.write_text(f'{before}<a href="{wheel.name}"{why}>{wheel.name}</a>\n', encoding="utf-8")

    def remove(self, name: str) -> None:
        """Take a package and its page away."""
        for path in (self.folder / name).iterdir():
            path.unlink()
        (self.folder / name).rmdir()
