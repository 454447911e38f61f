"""Helpers that the cases of several chapters share."""
