"""Bytes that released engines wrote, kept with their provenance.

``store`` reads and checks what is kept, ``writer`` has an engine write,
``regenerate`` takes up what was written, ``differences`` compares two of them.
"""
