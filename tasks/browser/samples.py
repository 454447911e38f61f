"""Pages to open in the browser: runs that are made up, on the cells of the version table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from conformance import __version__
from conformance.golden.store import Store
from conformance.inspection import inspect
from conformance.inspection.page import page
from conformance.interop.grid import Grid
from conformance.matrix import ENGINE, GATE, Cell, read
from conformance.page.render import render
from conformance.report.diff import Change, Diff
from conformance.report.gather import Gathered
from conformance.report.model import Outcome, Report
from conformance.report.recorded import State
from conformance.report.summary import Summary
from conformance.spec import CLAUSES, DIVERGENCES
from tasks.cells.paths import BUNDLED_GRID

FAILING = "STRICT-02"
"""The clause that fails in the sample, on the newest engine."""

FIXED = "FRAME-01"
"""The clause that failed in the earlier run."""

HOSTILE = "strict/x[</script><script>document.title='broken'</script><img src=x onerror=alert(1)>]"
"""The name of the failing case, which tries to run as a script."""

HOSTILE_TEXT = "<b onmouseover=alert(1)>&amp; </pre> \u2028 ${1} {{ 1 }} \U0001f40d \u202e"
"""What that case saw."""


def everyday() -> str:
    """Return the page of a run of the gate in which one clause fails, after an earlier run."""
    new = Gathered()
    for cell in read().cells(GATE):
        new.reports[cell.name] = _report(
            cell, FAILING if cell.version == read().engines[-1] else ""
        )
        failed = [case.case for case in new.reports[cell.name].cases if case.outcome == "fail"]
        new.evidence[cell.name] = {
            case: {"expected": "... UDF 'lambda' ...", "seen": HOSTILE_TEXT} for case in failed
        }
        new.commands[cell.name] = {case: f"(cd /x && pytest '{case}')" for case in failed}
    return render(Summary(new.reports), new, _since(list(new.reports)), Grid.read(BUNDLED_GRID))


def _since(cells: Sequence[str]) -> Diff:
    """Return the changes since an earlier run, which did not have the first cell."""
    failed, passed = State("fail", ("message-lacks",)), State("pass")
    changes = [
        Change("worse", FAILING, passed, failed, tuple(cells[-1:])),
        Change("better", FIXED, failed, passed, tuple(cells[1:])),
    ]
    return Diff({name: name for name in cells[1:]}, changes, {}, cells[:1], {})


def large(cases: int) -> str:
    """Return the page of one cell with at least so many cases."""
    cell = read().cells(GATE)[-1]
    report = _report(cell, FAILING, -(-cases // len(CLAUSES)))
    return render(Summary({cell.name: report}), Gathered({cell.name: report}))


def blob() -> str:
    """Return the page of `inspect --html` for a golden with a frame and an envelope."""
    store = Store()
    golden = next(one for one in store.manifest.goldens if one.case == "chain/expression-scalar")
    data = store.data(golden)
    return page([({"file": golden.file, **inspect(data, opcodes=True)}, data)])


def write(folder: Path, cases: int) -> Mapping[str, Path]:
    """Write the pages into ``folder``; return the files by name."""
    pages = {"everyday": everyday(), "large": large(cases), "blob": blob()}
    for name, text in pages.items():
        (folder / f"{name}.html").write_text(text, encoding="utf-8")
    return {name: folder / f"{name}.html" for name in pages}


def _report(cell: Cell, failing: str, number: int = 3) -> Report:
    versions = {**cell.claim, "pyarrow": "26.0.1", "platform": "linux-x86_64"}
    cases = list(_outcomes(versions, failing, number))
    return Report(__version__, ENGINE, versions, True, len(cases), cases)


def _outcomes(versions: Mapping[str, str], failing: str, number: int) -> Iterator[Outcome]:
    known = {one.clause: one for one in DIVERGENCES.values() if one.in_cell(versions)}
    for clause in CLAUSES.values():
        stem = f"{clause.chapter.lower()}/{clause.id.lower()}"
        for index in range(number):
            case = f"{stem}[some-parameter-{index}]"
            if clause.id == failing and index == 0:
                message = f"the refusal lacks \"UDF 'lambda'\" {HOSTILE_TEXT}"
                yield Outcome(HOSTILE, clause.id, "fail", message, "", "message-lacks")
            elif clause.id in known and index == 1:
                one = known[clause.id]
                yield Outcome(case, clause.id, "divergence", "", one.id, one.kind)
            else:
                yield Outcome(case, clause.id, "pass")
