"""The page: what is in it, and that no text of a report gets out of its place."""

from __future__ import annotations

import base64
import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest

from conformance.page.render import COSTS, digest, island, render
from conformance.report.diff import Change, Diff
from conformance.report.gather import Gathered
from conformance.report.model import Outcome, Report
from conformance.report.recorded import State
from conformance.report.summary import Summary
from conformance.spec import CLAUSES, DIVERGENCES
from tests.report.reports import STRICT, diverging, failing, report

HOSTILE = (
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "'\"><img src=x onerror=alert(1)>",
    "&lt;b&gt;",
    "\u2028\u2029\x00\ud800",
    "]]>${1}{{ 1 }}{% raw %}",
)


class Elements(HTMLParser):
    """All start tags of a page, and the texts of its scripts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]


def page(reports: dict[str, Report], since: Diff | None = None) -> str:
    found = Gathered(reports)
    for name, one in reports.items():
        found.evidence[name], found.commands[name] = one.evidence, one.commands
    return render(Summary(reports), found, since)


def data(text: str) -> Any:
    (found,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', text, re.S)
    return json.loads(found)


def test_the_verdict_is_the_first_heading() -> None:
    assert "<h1>PASSED</h1>" in page({"a": report()})
    text = page({"a": report(outcomes=failing(STRICT[0]))})
    assert re.findall("<h[1-6][^>]*>(.*?)</h", text)[:3] == [
        "FAILED",
        "Failures",
        f"FAIL {STRICT[0]}",
    ]
    assert "PARTIAL RUN, NO VERDICT" in page({"a": report(whole=False)})
    assert "<h1>FAILED</h1>" in page({})


def test_every_clause_has_a_row_with_its_verdicts() -> None:
    text = page({"a": report(outcomes=failing(STRICT[0])), "b": report("54.0.0")})
    rows = re.findall(r'<tr class="clause" id="([^"]+)" data-verdict="([^"]+)"', text)
    assert [clause for clause, _ in rows] == [*CLAUSES]
    assert dict(rows)[STRICT[0]] == "fail pass"
    assert {verdict for clause, verdict in rows if clause != STRICT[0]} == {"pass"}


def test_every_case_is_in_the_data_once() -> None:
    cases = {"a": report(), "b": report("54.0.0")}
    found = data(page(cases))
    assert found["cells"] == ["a", "b"]
    assert found["engines"] == ["datafusion 55.0.0", "datafusion 54.0.0"]
    names = [name for one in found["outcomes"] for name in one[-1]]
    assert sorted(names) == sorted(case.case for case in cases["a"].cases)
    assert all(one[-2] == [0, 1] for one in found["outcomes"])
    assert [*found["clauses"]] == [*CLAUSES]


def test_a_failure_has_what_was_expected_and_seen() -> None:
    one = report(outcomes=failing(STRICT[0]))
    case = f"case/{STRICT[0]}[scalar]"
    one.evidence[case] = {"expected": "a <b>", "seen": "another"}
    one.commands[case] = "pytest 'x'"
    text = page({"a": one, "b": report(outcomes=failing(STRICT[0]))})
    assert "<pre>a &lt;b&gt;</pre>" in text
    assert "<pre>another</pre>" in text
    assert "<pre>pytest &#39;x&#39;</pre>" in text
    assert data(text)["evidence"] == {case: [[[0], "a <b>", "another", "pytest 'x'"]]}


def test_a_divergence_is_a_card_with_its_script() -> None:
    known = next(iter(DIVERGENCES.values()))
    text = page({"a": report(outcomes=diverging(known.clause, known.id))})
    assert f'id="divergence-{known.id}"' in text
    last = known.reproduction.read_text(encoding="utf-8").strip().splitlines()[-1]
    assert last.replace('"', "&#34;").replace("'", "&#39;").replace(">", "&gt;") in text
    assert "divergence-" not in page({"a": report()}).partition("</script>")[2]


def test_costs_are_drawn_where_a_clone_has_them(monkeypatch: pytest.MonkeyPatch) -> None:
    text = page({"a": report()})
    drawn = re.findall(r'src="data:image/svg\+xml;base64,([^"]+)"', text)
    assert [base64.b64decode(one) for one in drawn] == [COSTS.read_bytes()]
    monkeypatch.setattr("conformance.page.render.COSTS", COSTS / "nothing")
    assert 'href="#costs"' not in page({"a": report()})


def test_what_changed() -> None:
    """A clause that this suite does not have is named, without a link."""
    failed, passed = State("fail", ("wrong-value",)), State("pass")
    changes = [
        Change("better", STRICT[1], failed, passed, ("new",)),
        Change("worse", STRICT[0], passed, failed, ("new",)),
        Change("gone", "STRICT-999", passed, None, ("new",), "retired"),
    ]
    text = page(
        {"new": report(outcomes=failing(STRICT[0]))}, Diff({"new": "new"}, changes, {}, [], {})
    )
    rows = re.findall(r'<tr class="(worse|better)"><th scope="row">(?:<a href="#([^"]+)")?', text)
    assert rows == [("worse", STRICT[0]), ("better", ""), ("better", STRICT[1])]
    assert "<td>was pass; retired</td>" in text
    assert "NOT WORSE: no verdict changed; 1 cell compared." in page(
        {"new": report()}, Diff({"x": "new"}, [], {}, [], {})
    )


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_stays_a_text(text: str) -> None:
    """In the id of a case, its message, its evidence, its command and the name of a cell."""

    def made(text: str) -> str:
        case = Outcome(f"x[{text}]", STRICT[0], "fail", text, "", "wrong-value")
        one = report(outcomes={STRICT[0]: case})
        one.evidence[case.case] = {"expected": text, "seen": text}
        one.commands[case.case] = text
        return page({f"a{text}": one})

    plain, hostile = Elements(made("plain")), Elements(made(text))
    assert hostile.tags == plain.tags
    assert hostile.attributes == plain.attributes
    (outcome,) = [one for one in data(made(text))["outcomes"] if one[1] == "fail"]
    assert outcome[-1] == [f"x[{text}]"]
    assert data(made(text))["evidence"][f"x[{text}]"] == [[[0], text, text, text]]


@pytest.mark.parametrize("text", HOSTILE)
def test_the_island_has_no_sign_that_ends_it(text: str) -> None:
    made = island({text: text})
    assert json.loads(made) == {text: text}
    assert not {*"<>&\u2028\u2029"} & {*made}


def test_a_browser_may_run_the_one_script() -> None:
    text = page({"a": report()})
    (script,) = re.findall("<script>(.*?)</script>", text, re.S)
    (policy,) = re.findall('http-equiv="Content-Security-Policy" content="([^"]+)"', text)
    assert f"script-src '{digest(script)}'" in policy
    assert "default-src 'none'" in policy


def test_nothing_is_loaded_from_elsewhere() -> None:
    text = page({"a": report()})
    inside = re.sub(r'src="data:image/svg\+xml;base64,[\w+/=]+"', "", text)
    assert "src=" not in inside.partition("</script>")[2].partition('id="data"')[0]
    assert re.findall('<link [^>]*href="([^"]+)"', text) == ["data:,"]
    assert "@import" not in text
    assert "url(" not in text.partition("<style>")[2].partition("</style>")[0]


def test_equal_runs_give_equal_pages() -> None:
    assert page({"a": report()}) == page({"a": report()})
