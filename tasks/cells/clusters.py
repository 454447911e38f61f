"""The cells of ``nox -s clusters``, and the checks of its options."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from conformance.matrix import ALL_CLUSTERS, CLUSTERS, Cell, read
from tasks.cells.options import OptionError, Options, nearest


def cluster_cells(options: Options) -> Sequence[Cell]:
    """Return the cells to judge: those of the tag, the named one, or one for each address.

    Raises ``OptionError`` for an unknown cell, and where no cell has this Python.
    """
    matrix = read()
    cells = {cell.name: cell for cell in matrix.cells(ALL_CLUSTERS)}
    if options.cell and options.cell not in cells:
        raise OptionError(
            f"--cell {options.cell}: unknown cell{nearest(options.cell, list(cells))}; "
            "`nox --list -s cluster` lists them"
        )
    if options.cell:
        return [cells[options.cell]]
    given = [library for library in matrix.clusters if getattr(options, library.name)]
    if not given:
        return matrix.cells(CLUSTERS)
    here = "{}.{}".format(*sys.version_info)
    if here not in {python.version for python in matrix.pythons}:
        raise OptionError(f"--cell is needed: Python {here} is not in the version table")
    newest = (here, matrix.engines[-1])
    return [
        cell
        for cell in cells.values()
        if (cell.python, cell.version) == newest and cell.cluster in given
    ]
