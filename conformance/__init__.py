"""A conformance suite for Python UDFs in serialized DataFusion expressions and plans."""

__version__ = "0.1.0"
