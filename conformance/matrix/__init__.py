"""The version matrix: the cells of engine, cloudpickle, pyarrow and Python versions.

It imports no other part of the suite, so that ``noxfile.py`` can load it with the packages
that nox itself needs.
"""

from conformance.matrix.cell import (
    ALL_CLUSTERS,
    CLUSTERS,
    ENGINE,
    FULL,
    GATE,
    WRITER,
    Cell,
    MatrixError,
)
from conformance.matrix.cells import Matrix
from conformance.matrix.selection import cloudpickle_minors, covering_sample
from conformance.matrix.table import TABLE, read

__all__ = [
    "ALL_CLUSTERS",
    "CLUSTERS",
    "ENGINE",
    "FULL",
    "GATE",
    "TABLE",
    "WRITER",
    "Cell",
    "Matrix",
    "MatrixError",
    "cloudpickle_minors",
    "covering_sample",
    "read",
]
