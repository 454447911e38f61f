"""Run the checks on the sample pages, then on pages with a fault each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from conformance.page.render import digest
from tasks.browser import samples
from tasks.browser.checks import CHECKS
from tasks.browser.faults import FAULTS

CASES = 10_000
SECONDS = 1.0
"""How long a page with ``CASES`` cases may take to open."""

DESKTOP = (1280, 900)
PHONE = (390, 844)
SIZES = {"desktop": DESKTOP, "phone": PHONE}
THEMES = ("light", "dark")
_TRIES = 3
"""The best of so many openings counts: other work on the machine makes single ones slow."""

_TIMEOUT = 10.0

_WHERE = "{exclude: '.search-button__button'}"
"""All but the site's button for its search, whose label is the theme's."""

_HOW = "{resultTypes: ['violations'], preload: false}"
"""No style sheet is asked for again, which a page from a file may not do."""

Result = tuple[str, Sequence[str]]


def run(
    program: str, axe: str, folder: Path, site: Path | None, screenshots: Path | None
) -> Iterator[Result]:
    """Yield the name of each check and the problems that it found."""
    pages = samples.write(folder, CASES)
    with sync_playwright() as playwright:
        # A container's root has no sandbox; the pages are our own.
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        for width, size in SIZES.items():
            for name in (*CHECKS, "console"):
                yield f"{name}, {width}", _check(browser, name, pages["everyday"], axe, size)
            for theme in THEMES:
                name = f"accessible, {theme}"
                yield f"{name}, {width}", _check(browser, name, pages["everyday"], axe, size)
        for theme in THEMES:
            for width, size in SIZES.items():
                name = f"the page of a blob, {theme}, {width}"
                yield name, _check_page(browser, pages["blob"], axe, theme, size)
        for file in sorted(site.rglob("*.html")) if site else ():
            if "_static" not in file.parts:  # fragments of the theme
                yield f"the site's {file.name}", _check_page(browser, file, axe, "light", DESKTOP)
        seconds = min(_open_seconds(browser, pages["large"]) for _ in range(_TRIES))
        slow = [f"expected at most {SECONDS} s, took {seconds:.2f} s"] if seconds > SECONDS else []
        yield f"{CASES} cases open in {seconds:.2f} s", slow
        yield from _faults(browser, pages["everyday"], axe, folder)
        if screenshots:
            _take_screenshots(browser, pages["everyday"], screenshots)
        browser.close()


def _check_page(
    browser: Browser, file: Path, axe: str, theme: str, size: tuple[int, int]
) -> Sequence[str]:
    """Return what axe finds in a page without a script of ours."""
    with _opened(browser, file, theme, size) as (page, _):
        page.evaluate(axe)
        return list(_violations(page))


def _faults(browser: Browser, page: Path, axe: str, folder: Path) -> Iterator[Result]:
    text = page.read_text(encoding="utf-8")
    faulty = folder / "faulty.html"
    for fault in FAULTS:
        faulty.write_text(_repair_policy(fault.put_into(text)), encoding="utf-8")
        found = _check(browser, fault.check, faulty, axe, DESKTOP)
        missed = [] if found else [f"{fault.check} does not notice it"]
        yield f"fault {fault.old!r}", missed


def _repair_policy(text: str) -> str:
    """Let the changed script run: its digest is another one."""
    script = text.partition("<script>")[2].partition("</script>")[0]
    _, start, rest = text.partition("sha256-")
    old = start + rest.partition("'")[0]
    return text.replace(old, digest(script))


def _check(
    browser: Browser, name: str, file: Path, axe: str, size: tuple[int, int]
) -> Sequence[str]:
    theme = name.rpartition(", ")[2]
    with _opened(browser, file, theme if theme in THEMES else "light", size) as (page, messages):
        try:
            if name.startswith("accessible"):
                return list(_accessible(page, axe))
            if name == "console":
                page.click("#unfold")
                page.locator("tr.clause button").first.click()
                return messages
            return [*CHECKS[name](page)]
        except PlaywrightError as error:
            return [str(error)]


def _accessible(page: Page, axe: str) -> Iterator[str]:
    """Yield what axe finds in the page as it opens, with a clause open, and with all unfolded."""
    page.evaluate(axe)
    for step in ("", f"location.hash = '{samples.FAILING}'", "document.all.unfold.click()"):
        page.evaluate(f"() => {{ {step} }}")
        page.wait_for_timeout(100)
        yield from _violations(page)


def _violations(page: Page) -> Iterator[str]:
    """Yield what axe, which the page has, finds in it as it is."""
    found = page.evaluate(f"axe.run({_WHERE}, {_HOW}).then(r => r.violations)")
    for one in found:
        nodes = one["nodes"]
        yield f"{one['id']}: {one['help']} ({len(nodes)}: {nodes[0]['html'][:200]})"


@contextmanager
def _opened(
    browser: Browser, file: Path, theme: str, size: tuple[int, int]
) -> Iterator[tuple[Page, list[str]]]:
    """Open a page of its own; yield it, and what its console says."""
    width, height = size
    scheme: Literal["dark", "light"] = "dark" if theme == "dark" else "light"
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    context.set_default_timeout(_TIMEOUT * 1000)
    messages: list[str] = []

    def note(message: ConsoleMessage) -> None:
        messages.append(f"{message.type}: {message.text}")

    page = context.new_page()
    page.on("console", note)
    page.on("pageerror", lambda error: messages.append(str(error)))
    page.on("request", lambda request: _note_request(request.url, messages))
    page.goto(file.as_uri())
    try:
        yield page, messages
    finally:
        context.close()


def _note_request(url: str, messages: list[str]) -> None:
    if not url.startswith(("file:", "data:")):
        messages.append(f"request: {url}")


def _open_seconds(browser: Browser, file: Path) -> float:
    """Return how long a page takes until its script is ready and the browser has drawn it."""
    with _opened(browser, file, "light", DESKTOP) as (page, _):
        page.wait_for_selector("html[data-ready]")
        drawn = "new Promise(done => requestAnimationFrame(() => done(performance.now())))"
        return float(page.evaluate(drawn)) / 1000


def _take_screenshots(browser: Browser, file: Path, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for theme in THEMES:
        for width, size in SIZES.items():
            with _opened(browser, file, theme, size) as (page, _):
                page.screenshot(path=folder / f"{theme}-{width}.png")
                page.evaluate(f"location.hash = '{samples.FAILING}'")
                page.wait_for_timeout(100)
                page.screenshot(path=folder / f"{theme}-{width}-clause.png")
