"""Folders of this package that several folders use."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).parents[1]

SUITE = PACKAGE / "suite"
"""The files of the cases."""
