"""The configuration of Sphinx: its names are fixed."""

from __future__ import annotations

from conformance import __version__

project = "dfpy-conformance"
author = "the authors of dfpy-conformance"
version = release = __version__
extensions = ["myst_parser", "tasks.site.hooks"]
myst_enable_extensions = ["attrs_block", "attrs_inline", "fieldlist"]
myst_heading_anchors = 4
myst_heading_slug_func = "tasks.site.text.anchor"
myst_url_schemes = ["http", "https", "mailto", "repository"]
nitpicky = True
smartquotes = False  # a clause quotes the words of errors exactly
html_theme = "pydata_sphinx_theme"
html_title = "dfpy-conformance"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_show_sourcelink = False
html_copy_source = False
html_use_index = False
html_sidebars: dict[str, list[str]] = {"index": [], "findings": []}
html_theme_options = {
    "navbar_align": "left",
    "header_links_before_dropdown": 6,
    "show_toc_level": 1,
    "show_prev_next": True,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
}
