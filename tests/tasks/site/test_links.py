"""The links of the repository's pages, as the site has them."""

from __future__ import annotations

import pytest

from tasks.site.links import PAGES, LinkError, in_repository, rewrite
from tests.conftest import ROOT

AT = "https://example.org/blob/1"


@pytest.mark.parametrize(
    ("source", "link", "expected"),
    [
        ("docs/operators.md", "interop.md", "interop.md"),
        ("docs/costs.md", "costs.svg", "costs.svg"),
        ("docs/implementers.md", "../golden/README.md#types", "spec/format.md#types"),
        ("docs/implementers.md", "../golden/frame.ksy", f"{AT}/golden/frame.ksy"),
        ("docs/implementers.md", "../examples/node-codec", f"{AT}/examples/node-codec"),
        ("CONTRIBUTING.md", "docs/maintainers.md", "maintainers.md"),
        ("CONTRIBUTING.md", "README.md#who-is-it-for", "index.md"),
        ("golden/README.md", "#types", "#types"),
        ("golden/README.md", "../docs/glossary.md", "../glossary.md"),
        ("golden/README.md", "https://kaitai.io", "https://kaitai.io"),
    ],
)
def test_a_link_leads_to_a_page_or_to_the_repository(source: str, link: str, expected: str) -> None:
    assert rewrite(f"see [it]({link}).", source, AT) == f"see [it]({expected})."


def test_code_has_no_links() -> None:
    text = "```text\n[a](no)\n```\nand `[a](no)`"
    assert rewrite(text, "docs/operators.md", AT) == text


@pytest.mark.parametrize("link", ["missing.md", "../../outside.md"])
def test_a_link_that_leads_nowhere_is_an_error(link: str) -> None:
    with pytest.raises(LinkError, match=r"docs/operators\.md: the link .* leads to no file"):
        rewrite(f"[it]({link})", "docs/operators.md", AT)


@pytest.mark.parametrize("source", [one for one in PAGES if one.endswith(".md")])
def test_the_links_of_every_page_lead_somewhere(source: str) -> None:
    text = rewrite((ROOT / source).read_text(encoding="utf-8"), source, AT)
    assert "](../conformance" not in text


def test_a_line_of_a_file_has_an_address() -> None:
    path = ROOT / "conformance" / "suite" / "test_strict.py"
    assert in_repository(path, AT, 7) == f"{AT}/conformance/suite/test_strict.py#L7"
    assert in_repository(path, AT) == f"{AT}/conformance/suite/test_strict.py"
