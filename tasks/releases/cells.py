"""The cells that judge a newer release: those that the table would have with its line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from packaging.version import Version

from conformance.golden.store import Store
from conformance.matrix import ALL_CLUSTERS, ENGINE, WRITER, Cell, Matrix
from conformance.spec import CHAPTERS, CLAUSES
from tasks.releases.newer import PYTHON, Newer


def cells(newer: Newer) -> Sequence[Cell]:
    """Return a cell for each Python that can judge the release, the newest Python first.

    All other versions are the newest ones of the table.
    """
    table = newer.matrix
    if newer.kind == "cluster":
        found = [
            cell
            for cell in table.cells(ALL_CLUSTERS)
            if cell.version == table.engines[-1] and _pin(newer) in cell.requirements
        ]
    elif newer.kind == "ffi_library":
        fitting = [cell for cell in table.cells(WRITER) if _pin(newer) in cell.ffi_libraries]
        engine = max((cell.version for cell in fitting), key=Version, default="")
        found = [cell for cell in _writers(table, engine=engine) if cell in fitting]
    else:
        versions = {newer.kind: newer.version} if newer.kind in ("engine", "cloudpickle") else {}
        found = _writers(table, **versions)
    if newer.kind in ("pyarrow", PYTHON):
        found = [one for one in found if getattr(one, newer.kind) == newer.version]
    if newer.kind in ("engine", PYTHON):
        # The chapters that depend on these alone are judged, too.
        found = [replace(cell, without=_without_goldens(newer)) for cell in found]
    return sorted(found, key=lambda cell: Version(cell.python), reverse=True)


def chapters(newer: Newer, cell: Cell) -> Sequence[str]:
    """Return the chapters that judge the release; empty for those of the cell.

    A library that some clauses need is judged by their chapters.
    """
    needs: tuple[str, ...] = ()
    if newer.kind == "parallel_backend":
        needs = (newer.package,)
    elif newer.kind == "ffi_library":
        needs = tuple(one for one in cell.needs if one.endswith("_libraries"))
    found = [clause.chapter for clause in CLAUSES.values() if clause.needs in needs]
    return list(dict.fromkeys(found))


def before(newer: Newer, cell: Cell) -> Cell | None:
    """Return the cell of the table that differs from ``cell`` in this release alone.

    It is ``None`` for a release whose bytes nothing can be compared with: frames name their
    Python, and the other libraries write none.
    """
    versions = {"engine": cell.version, "cloudpickle": cell.cloudpickle, "pyarrow": cell.pyarrow}
    if newer.kind not in versions:
        return None
    versions[newer.kind] = newer.known
    return replace(
        cell,
        engine=f"{ENGINE}=={versions['engine']}",
        version=versions["engine"],
        cloudpickle=versions["cloudpickle"],
        pyarrow=versions["pyarrow"],
    )


def _without_goldens(newer: Newer) -> tuple[str, ...]:
    """Return the chapters that read goldens of a Python, if it is new and has none."""
    if newer.kind != PYTHON or Store().of_python(newer.version):
        return ()
    return tuple(chapter for chapter in CHAPTERS if chapter.startswith("GOLDEN"))


def _writers(table: Matrix, engine: str = "", cloudpickle: str = "") -> list[Cell]:
    wanted = (engine or table.engines[-1], cloudpickle or table.cloudpickles[-1])
    return [cell for cell in table.cells(WRITER) if (cell.version, cell.cloudpickle) == wanted]


def _pin(newer: Newer) -> str:
    return f"{newer.package}=={newer.version}"
