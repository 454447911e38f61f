"""Tests of the suite and of the repository's tasks, named as what they test."""
