"""The content of a blob: UDFs, envelopes, calls by name, imports. Nothing is unpickled."""

from conformance.inspection.details import details
from conformance.inspection.document import inspect
from conformance.inspection.summary import summary

__all__ = ["details", "inspect", "summary"]
