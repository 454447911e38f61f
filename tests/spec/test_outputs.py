"""The recorded outputs are of the released engines, and of divergences that show there."""

from __future__ import annotations

import re

import pytest
from packaging.specifiers import SpecifierSet

from conformance.explain.issue import markdown
from conformance.matrix import read
from conformance.runner.selection import PACKAGES
from conformance.spec import CLAUSES, DIVERGENCES
from conformance.spec.outputs import read_outputs

OTHER_CLOUDPICKLES = {one.id for one in DIVERGENCES.values() if one.cloudpickle}
OF_CLUSTERS = {one.id for one in DIVERGENCES.values() if CLAUSES[one.clause].needs in PACKAGES}
NEEDS_A_FOLDER = {"library-of-another-engine-kills-the-process"}


@pytest.mark.parametrize("engine", read().engines)
def test_each_that_shows_is_recorded(engine: str) -> None:
    known = {
        one.id
        for one in DIVERGENCES.values()
        if SpecifierSet(one.engines).contains(engine, prereleases=True)
    }
    outputs = read_outputs()[engine]
    recorded = outputs.texts.keys()
    assert recorded <= known
    other_pythons = {
        one.id
        for one in DIVERGENCES.values()
        if outputs.python not in SpecifierSet(one.python or "")
    }
    elsewhere = OTHER_CLOUDPICKLES | OF_CLUSTERS | NEEDS_A_FOLDER | other_pythons
    assert known - recorded <= elsewhere


def test_only_released_engines_are_recorded() -> None:
    assert read_outputs().keys() == {*read().engines}


def test_no_output_names_a_folder_of_a_machine() -> None:
    for recorded in read_outputs().values():
        for id_, text in recorded.texts.items():
            assert not re.search(r"/(?:root|home|tmp|work)/", text), id_
            assert text.endswith("(exit code 1)"), id_


def test_an_issue_says_what_each_engine_prints() -> None:
    lines = markdown(DIVERGENCES["hostile-orderings-panic"]).splitlines()
    versions = "datafusion 54.0.0, 54.1.0 with Python 3.11 and cloudpickle 3.1.3"
    at = lines.index(f"On {versions} it prints")
    assert lines[at + 2] == "```text"
    assert lines[at + 3].startswith("ordering-past-the-schema, 21 bytes: PanicException: ")
    assert lines[at + 4] == "(exit code 1)"
