"""The prose of the project: words that only its authors understood stay out.

``python -m tests.test_prose PATH...`` lists what is wrong in these files and folders.
"""

from __future__ import annotations

import ast
import io
import re
import subprocess
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT

DENIED = re.compile(
    r"\b(told|tells|said|anew|mended|stands|stood|heirs?|kin|sang|sung|sings?|song|"
    r"knock(?:s|ed)?|parcels?|courier|strangers|whoever|in silence|has it|goes by|whose turn|"
    r"by name or not at all|blunders?|telling|harmlessly|sayings?)\b",
    re.IGNORECASE,
)
RELATIVE = re.compile(r"(What|Whether|Whatever|Who|Whoever|Whose|Where|Has|Have|Of|Such)\b")
"""First words of a docstring that make a riddle of it: name the thing, or say what it does."""

CODE = re.compile(r"``[^`]*``|`[^`\n]*`|'[^'\n]*'|\"[^\"\n]*\"|https?://\S+")
HERE = Path(__file__).relative_to(ROOT)
SKIPPED = ("golden/", "conformance/hostile/corpus.toml", "tests/wire/real/", "LICENSE")


def _files(*paths: str) -> Iterator[Path]:
    """Yield the text files of the project that git knows, below ``paths``."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", *paths]
    names = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in names.splitlines():
        path = Path(name)
        wanted = path.suffix in (".py", ".md", ".toml", ".yml")
        if wanted and not name.startswith(SKIPPED) and path != HERE and (ROOT / path).is_file():
            yield path


def _prose(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the prose of a file with line numbers: docstrings, comments and messages of Python."""
    text = (ROOT / path).read_text(encoding="utf-8")
    if path.suffix != ".py":
        yield from enumerate(text.splitlines(), 1)
        return
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value:
            for offset, line in enumerate(node.value.splitlines()):
                yield node.lineno + offset, line


def _docstrings(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the docstrings of a Python file, functions' and classes' and the module's."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            text = ast.get_docstring(node)
            if text:
                yield getattr(node, "lineno", 1), text


def problems(*paths: str) -> Iterator[str]:
    """Yield each denied word and each docstring that opens with a relative clause."""
    for path in _files(*paths):
        for number, line in _prose(path):
            for found in DENIED.finditer(CODE.sub("", line)):
                yield f"{path}:{number}: {found[0]!r} in: {line.strip()[:100]}"
        for number, text in _docstrings(path) if path.suffix == ".py" else ():
            if RELATIVE.match(text):
                yield f"{path}:{number}: docstring opens with {text.split()[0]!r}: {text[:80]!r}"


def test_prose() -> None:
    assert list(problems()) == []


@pytest.mark.parametrize("text", ["It is told.", "He said so.", "made anew", "in silence"])
def test_denied_words_are_noticed(text: str) -> None:
    assert DENIED.search(text)


if __name__ == "__main__":
    print("\n".join(problems(*sys.argv[1:])))
