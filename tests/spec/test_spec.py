"""The spec is whole: every clause has a case, every case a clause, every divergence its script."""

from __future__ import annotations

import platform
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from importlib import metadata
from importlib.util import find_spec
from itertools import product
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet

from conformance.processes.child import Child
from conformance.runner.outcomes import case_id
from conformance.runner.selection import PACKAGES, VECTORS, can_skip
from conformance.spec import CLAUSES, DIVERGENCES, read_clauses, read_divergences
from conformance.spec.clauses import CHAPTERS, RETIRED
from conformance.spec.divergences import REPRODUCTIONS
from conformance.suite.helpers import slot_table
from conformance.util.kinds import KINDS
from conformance.util.places import SUITE
from conformance.util.records import SpecError
from tests.spec.scripts import Ended


class _Collected:
    """Keeps what a session collects."""

    def __init__(self) -> None:
        self.items: list[pytest.Function] = []

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.items = [item for item in session.items if isinstance(item, pytest.Function)]


@pytest.fixture(scope="module")
def items() -> list[pytest.Function]:
    """The cases of the suite, as pytest collects them."""
    kept = _Collected()
    options = ["--collect-only", "-qq", "-p", "no:cacheprovider"]
    options += [
        "-W",
        "ignore::pytest.PytestAssertRewriteWarning",
        "-p",
        "conformance.runner.plugin",
    ]
    assert pytest.main([*options, str(SUITE)], plugins=[kept]) == pytest.ExitCode.OK
    return kept.items


def clauses_of(items: list[pytest.Function]) -> dict[str, str]:
    """The clause of each case."""
    found = {}
    for item in items:
        marker = item.get_closest_marker("clause")
        found[case_id(item.nodeid)] = marker.args[0] if marker else ""
    return found


def test_every_case_has_a_clause(items: list[pytest.Function]) -> None:
    found = clauses_of(items)
    assert len(found) == len(items), "two cases have one id"
    assert {case: clause for case, clause in found.items() if clause not in CLAUSES} == {}


def test_every_clause_has_a_case(items: list[pytest.Function]) -> None:
    assert CLAUSES.keys() - set(clauses_of(items).values()) == set()


def test_the_cases_of_a_clause_stand_in_its_chapter(items: list[pytest.Function]) -> None:
    """A verdict on a clause is whole when its chapter's file ran."""
    files: dict[str, set[str]] = {}
    in_python = [item for item in items if not item.module.__name__.startswith(VECTORS)]
    for case, clause in clauses_of(in_python).items():
        files.setdefault(CLAUSES[clause].chapter, set()).add(case.partition("/")[0])
    assert {chapter: found for chapter, found in files.items() if len(found) > 1} == {}
    assert len({min(found) for found in files.values()}) == len(files)


def test_a_run_on_a_chapter_skips_none_of_its_files(items: list[pytest.Function]) -> None:
    """And all others, but for the vectors, whose data name clauses of many chapters."""
    chapters: dict[Path, set[str]] = {}
    for item, clause in zip(items, clauses_of(items).values(), strict=True):
        chapters.setdefault(item.path, set()).add(CLAUSES[clause].chapter)
    for chapter in CHAPTERS:
        kept = {path for path in chapters if not can_skip(path, [chapter])}
        vectors = {path for path in chapters if path.parent.name == "vectors"}
        assert kept == vectors | {path for path, has in chapters.items() if chapter in has}


JUDGED_BY_VECTORS = {
    "FRAME": "02 03 04 07 08 09 10 11 12 13 14 15 17 18 19 20 21 22 23 24",
    "GOLDEN": "02 03",
    "PAYLOAD": "22 23 24 25 26 27 28 29 30",
    "INLINE": "17",
    "STRICT": "01 02 03 04 05 06 07 09 11",
    "BYNAME": "01 02 04 05 06 08 11",
    "PLAN": "10 11 12 13 14 15 16 17 18 19 20 32",
    "GOLDENCHAIN": "02 03 04",
    "GOLDENPLAN": "03 04",
    "CHAIN": "17 20 21 22 23 24 25 26 27 28 29 30 31",
    "CODEC": "03 05 07 09",
    "HOSTILE": "01 02 04 05 07",
    "PROGRAM": "01 02 03 04 05 06 07 08 09",
}


def test_the_clauses_by_which_a_program_is_judged(items: list[pytest.Function]) -> None:
    """A clause that loses its last vector would no longer be judged, and nothing would fail."""
    vectors = [item for item in items if item.module.__name__.startswith(VECTORS)]
    judged = {*clauses_of(vectors).values()}
    assert judged == {
        f"{name}-{one}" for name, ids in JUDGED_BY_VECTORS.items() for one in ids.split()
    }
    assert {CLAUSES[id_].profile for id_ in judged} == {"wire"}


def test_every_case_says_what_it_shows_and_takes_a_subject(items: list[pytest.Function]) -> None:
    functions = {item.function for item in items}
    assert [f.__name__ for f in functions if not f.__doc__] == []
    assert {item.originalname for item in items if "subject" not in item.fixturenames} == set()


def test_ids_are_counted_without_a_gap() -> None:
    """Retired ids count: none is ever used again."""
    assert not CLAUSES.keys() & RETIRED.keys()
    ids = [*CLAUSES, *RETIRED]
    for chapter in {id_.rpartition("-")[0] for id_ in ids}:
        mine = sorted(id_ for id_ in ids if id_.rpartition("-")[0] == chapter)
        assert mine == [f"{chapter}-{n:02}" for n in range(1, len(mine) + 1)]


def test_retired_ids_name_what_replaced_them() -> None:
    for one in RETIRED.values():
        assert one.reason.endswith("."), one.id
        assert set(one.replaced_by) <= CLAUSES.keys(), one.id


def test_clauses_are_filled_in() -> None:
    for clause in CLAUSES.values():
        assert clause.requirement.endswith("."), clause.id
        assert len(clause.title) <= 60, clause.id
        assert not clause.title.endswith("."), clause.id
        assert clause.link or clause.basis == "suite", clause.id
    for one in ("title", "requirement"):
        texts = [(clause.chapter, getattr(clause, one)) for clause in CLAUSES.values()]
        assert len(set(texts)) == len(texts)


def test_chapters_are_filled_in() -> None:
    assert list(CHAPTERS) == list(dict.fromkeys(clause.chapter for clause in CLAUSES.values()))
    for chapter in CHAPTERS.values():
        assert len(chapter.introduction.split()) > 15, chapter.id


def test_links_lead_to_lines_of_a_release() -> None:
    upstream = "https://github.com/apache/datafusion-python/"
    form = re.compile(rf"{upstream}(blob/5[45]\.0\.0/[^#]+#L\d+(-L\d+)?|(pull|issues)/\d+)")
    links = [clause.link for clause in CLAUSES.values() if clause.link]
    assert [link for link in links if not form.fullmatch(link)] == []


each_divergence = pytest.mark.parametrize("entry", DIVERGENCES.values(), ids=list(DIVERGENCES))


def test_every_divergence_covers_cases_of_its_clause(items: list[pytest.Function]) -> None:
    """Each pattern for itself: one that covers nothing is misspelt."""
    found, wrong = clauses_of(items), []
    for entry in DIVERGENCES.values():
        for pattern in entry.cases:
            alone = type(entry)(**(entry.__dict__ | {"cases": (pattern,)}))
            covered = {case for case in found if alone.covers(case)}
            if {found[case] for case in covered} != {entry.clause}:
                wrong.append((entry.id, pattern, {found[case] for case in covered}))
    assert wrong == []


def test_no_case_is_covered_twice_on_one_cell(items: list[pytest.Function]) -> None:
    cells = [
        {"engine": engine, "cloudpickle": cloudpickle, "python": "3.12.1"}
        for engine, cloudpickle in product(["54.0.0", "55.0.0"], ["2.0.0", "2.2.1", "3.1.2"])
    ]
    found = clauses_of(items)
    cases = {
        entry.id: [case for case in found if entry.covers(case)] for entry in DIVERGENCES.values()
    }
    for cell in cells:
        here = [entry.id for entry in DIVERGENCES.values() if entry.in_cell(cell)]
        covered = Counter(case for id_ in here for case in cases[id_])
        assert [case for case, number in covered.items() if number > 1] == [], cell


def test_every_script_belongs_to_a_divergence() -> None:
    assert {path.stem for path in REPRODUCTIONS.glob("*.py")} == DIVERGENCES.keys()


@each_divergence
def test_divergence_is_filled_in(entry: object) -> None:
    assert entry.kind in KINDS  # type: ignore[attr-defined]
    assert entry.reason.endswith(".")  # type: ignore[attr-defined]
    assert entry.introduced_by.startswith("https://")  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def engine() -> Iterator[Child]:
    """A process that has imported the engine and runs each script in a fork."""
    child = Child()
    yield child
    child.close()


@each_divergence
def test_reproduction(entry: object, engine: Child) -> None:
    """On what is installed: 1 where the engine breaks the clause, else 0; 2 for what it lacks."""
    script: Path = entry.reproduction  # type: ignore[attr-defined]
    run: Ended = engine.call("tests.spec.scripts:run", str(script), deadline=60)
    needs = CLAUSES[entry.clause].needs  # type: ignore[attr-defined]
    needs_more = "FOLDER" in script.read_text() or (needs in PACKAGES and not find_spec(needs))
    installed = {
        entry.engines: metadata.version("datafusion"),  # type: ignore[attr-defined]
        entry.python: platform.python_version(),  # type: ignore[attr-defined]
        entry.cloudpickle: metadata.version("cloudpickle"),  # type: ignore[attr-defined]
    }
    stands = all(
        SpecifierSet(wanted).contains(version, prereleases=True)
        for wanted, version in installed.items()
    )
    expected = 2 if needs_more else int(stands)
    assert run.code == expected, run.output + run.errors
    assert run.output.strip()
    assert "conformance" not in script.read_text()  # which a fork of this project's process has


@each_divergence
def test_reproduction_without_packages(entry: object) -> None:
    """Without the packages that it needs, a script says so and ends with 2."""
    script: Path = entry.reproduction  # type: ignore[attr-defined]
    command = [sys.executable, "-S", str(script)]  # -S: no site-packages
    run = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == 2, run.stdout + run.stderr
    assert run.stdout.strip()
    assert not run.stderr


CLAUSE: dict[str, object] = {
    "id": "X-01",
    "title": "A title",
    "requirement": "A decoder MUST do it.",
    "basis": "documented",
    "severity": "interop",
    "source": "A source",
}
CHAPTER = """[chapter]
id = "X"
title = "A title"
introduction = "An introduction."
profile = "wire"
"""
DIVERGENCE: dict[str, object] = {
    "id": "x",
    "clause": "FRAME-01",
    "cases": ["frame/x"],
    "engines": ">=54",
    "kind": "no-error",
    "reason": "r.",
    "introduced_by": "https://example.org",
}


def _toml(key: str, *tables: dict[str, object]) -> str:
    lines = []
    for table in tables:
        lines += [f"[[{key}]]", *(f"{name} = {value!r}" for name, value in table.items())]
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (_toml("clause", CLAUSE | {"txt": "?"}), "clause X-01: unknown field 'txt'"),
        (
            _toml("clause", {k: v for k, v in CLAUSE.items() if k != "source"}),
            "clause X-01: the field 'source' is missing",
        ),
        (_toml("clause", {}), "clause 1: the field 'id' is missing"),
        (_toml("clause", CLAUSE, CLAUSE), "duplicate clause X-01"),
        (_toml("clause", CLAUSE | {"id": "Y-01"}), "Y-01: expected an id of the chapter X"),
        (_toml("clause", CLAUSE | {"severity": "bad"}), "X-01: severity 'bad': expected one of"),
        (_toml("clause", CLAUSE | {"profile": "all"}), "X-01: profile 'all': expected one of"),
        (_toml("clause", CLAUSE | {"title": " "}), "X-01: the field 'title' is empty"),
        (_toml("clause", CLAUSE | {"requirement": "It may."}), "X-01: the requirement must"),
        (
            _toml("clause", CLAUSE | {"requirement": "A MUST and a SHOULD."}),
            "X-01: the requirement must contain either MUST or SHOULD",
        ),
        (_toml("clause", CLAUSE | {"source": 7}), "clause X-01: 'source' must be a string"),
        (
            _toml("clauses", CLAUSE),
            "unknown table 'clauses'; expected chapter, clause and divergence",
        ),
        ("[clause]\nid = 'x'", "[clause] must be [[clause]]"),
        (b"[[clause]]", "the table [chapter] is missing"),
        ("[[clause", "01-x.toml: Expected"),
        (b"\xff", "can't decode byte"),
    ],
)
def test_clauses_that_are_wrong(tmp_path: Path, text: str | bytes, says: str) -> None:
    path = tmp_path / "01-x.toml"
    path.write_bytes(text if isinstance(text, bytes) else (CHAPTER + text).encode())
    with pytest.raises(SpecError, match=re.escape(str(path))) as caught:
        read_clauses(tmp_path)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("tables", "says"),
    [
        ([DIVERGENCE | {"when": "always"}], "divergence x: unknown field 'when'"),
        ([DIVERGENCE | {"cases": "frame/x"}], "divergence x: 'cases' must be a list of strings"),
        ([DIVERGENCE | {"cases": [1]}], "divergence x: 'cases' must be a list of strings"),
        ([DIVERGENCE, DIVERGENCE], "duplicate divergence x"),
        ([DIVERGENCE | {"clause": "FRAME-99"}], "divergence x: unknown clause FRAME-99"),
        (
            [DIVERGENCE | {"clause": "CODEC-02"}],
            "unknown clause CODEC-02; it is retired, replaced by CODEC-01",
        ),
        ([DIVERGENCE | {"kind": "bad"}], "divergence x: unknown kind 'bad'; known: no-error"),
        ([DIVERGENCE | {"engines": "54"}], "divergence x: Invalid specifier: '54'"),
        ([DIVERGENCE | {"cloudpickle": "new"}], "divergence x: Invalid specifier: 'new'"),
    ],
)
def test_divergences_that_are_wrong(
    tmp_path: Path, tables: list[dict[str, object]], says: str
) -> None:
    path = tmp_path / "known.toml"
    path.write_text(_toml("divergence", *tables))
    with pytest.raises(SpecError, match=re.escape(str(path))) as caught:
        read_divergences(path)
    assert says in str(caught.value)


def test_a_file_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match=r"known\.toml: No such file"):
        read_divergences(tmp_path / "known.toml")


@pytest.mark.parametrize("table", [slot_table.ENCODE, slot_table.DECODE], ids=["encode", "decode"])
def test_the_slot_table_has_every_combination_once(table: str) -> None:
    rows = slot_table.parse_rows(table)
    seen = [(row["explicit"], row["sender"], row["worker"]) for row in rows]
    assert sorted(seen) == sorted(product("-is", repeat=3))
    assert {row["clause"] for row in rows} <= CLAUSES.keys()


def test_the_slot_table_follows_its_rules() -> None:
    """Written down by hand, and once more as a rule: two mistakes would have to be the same."""
    for row in slot_table.parse_rows(slot_table.ENCODE):
        decides = row["explicit"] if row["explicit"] != "-" else row["sender"]
        assert row["to_bytes"] == ("name" if decides == "s" else "frame"), row
        assert row["dumps"] == ("-" if row["explicit"] != "-" else row["to_bytes"]), row
    for row in slot_table.parse_rows(slot_table.DECODE):
        place = next((p for p in ("explicit", "worker") if row[p] != "-"), "global")
        assert row["decides"] == place, row
        assert row["inline"] == ("refused" if row.get(place) == "s" else "decoded"), row
