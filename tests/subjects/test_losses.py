"""The losses of a pickle are known before it is sent."""

from __future__ import annotations

import sys

import cloudpickle
import pytest

from conformance.catalogue import SHAPES
from conformance.catalogue.source import compile_udf
from conformance.subjects.losses import watched

LOST = {
    "closures-that-share-a-variable": "make.<locals>.add",
    "nonlocal": "make.<locals>.bump",
    "enum-aliases": "Level",
    "enum-with-attributes": "Size",
    "enum-that-makes-its-members": "Unit",
    "init-subclass-with-arguments": "Plus",
    "init-subclass-that-counts": "Plus",
    "cause-of-an-exception": "ValueError",
}
FLAGS = {"flag": "Mode", "flag-that-names-two-bits": "Access", "flag-with-gaps": "Perm"}
"""They come apart since Python 3.11."""
ANNOTATED = {"partial-method": "Rate", "class-annotations": "Point", "named-tuple": "Point"}
"""They come apart since Python 3.14."""
REFUSED = {"single-dispatch", "cached-helper", "cached-property"}
"""cloudpickle raises an error, or only a name would travel."""


@pytest.mark.parametrize("shape", sorted({one.partition("/")[2] for one in SHAPES} - REFUSED))
def test_a_shape(shape: str) -> None:
    expected = {
        **LOST,
        **(FLAGS if sys.version_info >= (3, 11) else {}),
        **(ANNOTATED if sys.version_info >= (3, 14) else {}),
    }
    (udf,) = SHAPES[f"shape/{shape}"].udfs
    with watched() as lost:
        cloudpickle.dumps(compile_udf(udf, {}))
    assert [*lost] == [expected[shape]] if shape in expected else lost == {}


def test_to_look_changes_nothing() -> None:
    (udf,) = SHAPES["shape/class-annotations"].udfs
    alone = cloudpickle.dumps(compile_udf(udf, {}))
    with watched():
        seen = cloudpickle.dumps(compile_udf(udf, {}))
    assert len(seen) == len(alone)  # ids of classes differ
    assert b"__annotations_cache__" not in seen
