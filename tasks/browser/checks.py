"""Checks of a page that is open in a browser: each yields the problems that it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from urllib.parse import quote

from playwright.sync_api import Page

from conformance.spec import CLAUSES, DIVERGENCES
from tasks.browser.samples import FAILING, FIXED, HOSTILE, HOSTILE_TEXT

Check = Callable[[Page], Iterator[str]]

_CLAUSES = "tr.clause"
_CARDS = ".card"
_A_TASK = 100.0
"""Milliseconds in which a browser comes to its next task."""


def first_sight(page: Page) -> Iterator[str]:
    """Check that the verdict comes first, nothing scrolls sideways, and chapters are folded."""
    yield from _expect("first heading", page.locator("h1").first.inner_text(), "FAILED")
    width = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    yield from _expect("pixels that scroll sideways", width, 0)
    yield from _expect("visible clauses", _visible(page, _CLAUSES), 0)
    yield from _expect("clauses", page.locator(_CLAUSES).count(), len(CLAUSES))
    changed = page.locator("#changes tbody a").all_inner_texts()
    yield from _expect("changed clauses", changed, [FAILING, FIXED])


def verdict_filter(page: Page) -> Iterator[str]:
    """Check that the filter of verdicts leaves the clause that fails and its card."""
    page.select_option("#verdict", "fail")
    yield from _expect("clauses that fail", _visible_ids(page), [FAILING])
    yield from _expect("cards that fail", _visible(page, _CARDS), 1)
    yield from _expect("announced", page.inner_text("#found"), "1 clauses, 1 cards")
    page.click("button[type=reset]")
    page.wait_for_timeout(_A_TASK)  # the fields are empty after the current task
    yield from _expect("clauses after the reset", _visible(page, _CLAUSES), 0)


def severity_filter(page: Page) -> Iterator[str]:
    """Check that the filters of severity and chapter leave the clauses of both."""
    page.select_option("#severity", "crash")
    wanted = [one.id for one in CLAUSES.values() if one.severity == "crash"]
    yield from _expect("clauses of the severity", _visible_ids(page), wanted)
    chapter = CLAUSES[wanted[0]].chapter
    page.select_option("#chapter", chapter)
    wanted = [one for one in wanted if CLAUSES[one].chapter == chapter]
    yield from _expect("clauses of severity and chapter", _visible_ids(page), wanted)
    page.click("button[type=reset]")


def search(page: Page) -> Iterator[str]:
    """Check that the search finds ids, words of requirements, cases and scripts of divergences."""
    page.fill("#search", f"{FAILING.lower()}[some-parameter-2]")
    yield from _expect("clauses by case", _visible_ids(page), [FAILING])
    words = CLAUSES[FAILING].requirement.split()[-3:]
    page.fill("#search", " ".join([FAILING, *words]))
    yield from _expect("clauses by requirement", _visible_ids(page), [FAILING])
    page.fill("#search", "qqqq")
    yield from _expect("clauses without a match", _visible(page, _CLAUSES), 0)
    yield from _expect("sentences about no match", _visible(page, ".empty"), 3)
    page.fill("#search", "")


def links(page: Page) -> Iterator[str]:
    """Check that a link to a clause, a case or a divergence opens it, and has its target."""
    clause = page.locator(f"[id='{FIXED}']")
    _go(page, FIXED)
    yield from _expect("clause of a link is visible", clause.is_visible(), True)
    requirement = page.locator(f"[id='{FIXED}'] + .detail .requirement")
    words = CLAUSES[FIXED].requirement.replace("`", "")
    yield from _expect("its requirement", requirement.inner_text(), words)
    page.select_option("#verdict", "not-applicable")
    _go(page, f"case/{quote(HOSTILE, safe='')}")
    aimed = page.locator("li.aimed > a")
    yield from _expect("case of a link", aimed.inner_text(), HOSTILE)
    yield from _expect("case is in the window", _in_window(page, "li.aimed"), True)
    known = next(iter(DIVERGENCES))
    _go(page, f"divergence-{known}")
    yield from _expect("divergence of a link", _in_window(page, ".card.aimed"), True)
    broken = page.evaluate(
        "[...document.querySelectorAll('a[href^=\"#\"]')].map(a => a.getAttribute('href'))"
        ".filter(h => !h.startsWith('#case/') && !document.getElementById(h.slice(1)))"
    )
    yield from _expect("links without a target", broken, [])
    outside = page.evaluate(
        "[...document.querySelectorAll('a[href]')].map(a => a.href)"
        ".filter(h => !h.startsWith('https://') && !h.startsWith(location.href.split('#')[0]))"
    )
    yield from _expect("links to elsewhere but https", outside, [])


def texts(page: Page) -> Iterator[str]:
    """Check that hostile texts of a report are shown as texts, and none runs."""
    _go(page, FAILING)
    detail = page.locator(f"[id='{FAILING}'] + .detail")
    seen = detail.locator(".evidence pre").nth(1).text_content()
    yield from _expect("what the case saw", seen, HOSTILE_TEXT)
    card = page.locator("#failures .evidence pre").nth(1).text_content()
    yield from _expect("what the card shows", card, HOSTILE_TEXT)
    drawings = page.locator("#costs > img").count()
    yield from _expect("drawings of costs", drawings, 1)
    elements = page.locator("main b[onmouseover], img").count() - drawings
    yield from _expect("elements of hostile texts", elements, 0)
    yield from _expect("title", page.title().startswith("FAILED"), True)
    # The policy stops what would get in all the same.
    page.evaluate(
        "document.body.insertAdjacentHTML('beforeend', '<i onclick=\"window.ran=1\">x</i>')"
    )
    page.evaluate("document.body.lastElementChild.click()")
    yield from _expect("a handler in markup ran", page.evaluate("window.ran || 0"), 0)


def keyboard(page: Page) -> Iterator[str]:
    """Use no mouse: skip to the clauses, unfold a chapter, open a clause, show its cases."""
    page.keyboard.press("Tab")
    yield from _expect("first stop", _focused(page), "Skip to the clauses")
    button = page.locator("[id='STRICT'] .chapter button")
    button.focus()
    page.keyboard.press("Enter")
    yield from _expect("unfolded", button.get_attribute("aria-expanded"), "true")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    first = next(one for one in CLAUSES if one.startswith("STRICT-"))
    cases = page.locator(f"[id='{first}'] + .detail .cases li")
    yield from _expect("cases of the opened clause", cases.count() > 0, True)
    page.keyboard.press("Enter")
    yield from _expect("cases of the closed clause", cases.first.is_visible(), False)
    outline = "getComputedStyle(document.activeElement).outlineStyle"
    yield from _expect("outline of the focus", page.evaluate(outline), "solid")


def theme(page: Page) -> Iterator[str]:
    """Check that the button takes system, light and dark in turn, and each shows."""
    seen = []
    for _ in range(3):
        page.click("#theme")
        back = page.evaluate("getComputedStyle(document.body).backgroundColor")
        seen.append((page.inner_text("#theme"), back))
    titles = [title for title, _ in seen]
    yield from _expect("themes", titles, ["Theme: light", "Theme: dark", "Theme: system"])
    yield from _expect("light and dark differ", seen[0][1] != seen[1][1], True)


CHECKS: Mapping[str, Check] = {
    check.__name__.replace("_", " "): check
    for check in (
        *(first_sight, verdict_filter, severity_filter, search, links, texts, keyboard, theme),
    )
}
"""The checks by name; each gets a page of its own."""


def _go(page: Page, target: str) -> None:
    page.evaluate("target => { location.hash = target }", target)
    page.wait_for_timeout(_A_TASK)  # hashchange comes after the current task


def _visible(page: Page, selector: str) -> int:
    number: int = page.locator(selector).filter(visible=True).count()
    return number


def _visible_ids(page: Page) -> list[str]:
    rows = page.locator(_CLAUSES).filter(visible=True)
    return [str(one) for one in rows.evaluate_all("rows => rows.map(row => row.id)")]


def _in_window(page: Page, selector: str) -> bool:
    box = page.locator(selector).bounding_box()
    height = page.evaluate("innerHeight")
    return box is not None and -1 <= box["y"] < height


def _focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.textContent"))


def _expect(what: str, found: object, expected: object) -> Iterator[str]:
    if found != expected:
        yield f"{what}: expected {expected!r}, found {found!r}"
