"""The places in a checkout that nox's sessions read and write."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SUITE = "conformance/suite"
NOX = ROOT / ".nox"
SITE = NOX / "site"
"""Where the site is built; its pages are in `html`."""
REPORTS = NOX / "reports"
MERGED = NOX / "merged.json"
LOCK = NOX / "lock"
CLOUDPICKLES = NOX / "cloudpickles"
GRID = NOX / "interop.json"
MANIFEST = ROOT / "golden" / "manifest.json"
REFUSALS = ROOT / "golden" / "refusals"
NEGATIVE = ROOT / "golden" / "negative" / "vectors.json"
DOCS = ROOT / "docs"
BUNDLED_GRID = ROOT / "conformance" / "interop" / "bundled_grid.json"
