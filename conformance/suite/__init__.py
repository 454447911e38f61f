"""The cases: a function a case, in ``test_CHAPTER.py`` and ``test_CHAPTER__NOUN.py``.

A case takes ``subject`` and plain parameters, runs in a child process, and
names the clause that it shows. Its docstring says what must hold.
"""
