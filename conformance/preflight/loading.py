"""Load what the user names: ``module:name``, or ``path/to/file.py:name`` for a script."""

from __future__ import annotations

import ast
import importlib
import sys
from operator import attrgetter
from pathlib import Path
from types import ModuleType
from typing import Any


class ShipmentError(ValueError):
    """An object or a file cannot be sent; the text names it, the reason and what is expected."""


def load(spec: str) -> Any:
    """Return the object that ``spec`` names; raise ``ShipmentError``.

    A file is run as the script ``__main__``, as ``python file.py`` would, but without its block
    ``if __name__ == "__main__"``: its functions travel as they do from the script.
    """
    where, colon, name = spec.rpartition(":")
    if not colon or not where or not name:
        raise ShipmentError(f"{spec}: expected MODULE:NAME or FILE.py:NAME")
    is_file = where.endswith(".py")
    try:
        module = _run_script(Path(where)) if is_file else importlib.import_module(where)
    except OSError as error:
        if is_file and error.filename == where:
            raise ShipmentError(f"{where}: {error.strerror}") from error
        raise _failed(where, error) from error
    except ModuleNotFoundError as error:
        if not is_file and error.name and f"{where}.".startswith(f"{error.name}."):
            raise ShipmentError(
                f"{spec}: this driver has no module {error.name}; expected MODULE:NAME, with "
                "MODULE importable from here"
            ) from error
        raise _failed(where, error) from error
    except (Exception, SystemExit) as error:
        raise _failed(where, error) from error
    try:
        return attrgetter(name)(module)
    except AttributeError as error:
        raise ShipmentError(f"{spec}: {where} has no attribute {name}") from error


def _failed(where: str, error: BaseException) -> ShipmentError:
    text = " ".join(f"{type(error).__name__}: {error}".split())
    return ShipmentError(f"{where}: importing it raised {text}")


def _run_script(path: Path) -> ModuleType:
    """Run the file as ``__main__``; return that module."""
    tree = ast.parse(path.read_bytes(), str(path))
    tree.body = [statement for statement in tree.body if not _is_main_block(statement)]
    module = ModuleType("__main__")
    module.__file__ = str(path)
    sys.modules["__main__"] = module
    sys.path[0] = str(path.resolve().parent)
    exec(compile(tree, str(path), "exec"), vars(module))
    return module


def _is_main_block(statement: ast.stmt) -> bool:
    """Return whether the statement is ``if __name__ == "__main__"``."""
    if not isinstance(statement, ast.If):
        return False
    return ast.unparse(statement.test) in (
        "__name__ == '__main__'",
        "'__main__' == __name__",
    )
