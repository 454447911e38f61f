"""Faults in the time that a registry takes."""

from __future__ import annotations
