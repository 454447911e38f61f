"""Follow imports from module to module by their code, without running it; for the decoder."""

from __future__ import annotations

import sys
import types
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from typing import Any

from conformance.preflight.code_uses import Uses, all_uses
from conformance.preflight.compared import find_spec, is_compared
from conformance.preflight.editions import is_library


class Followed:
    """The modules that code may import, from the code on.

    ``importers`` maps each to the module whose code imports it, or to an empty text for a function
    that was sent. ``main`` are the names that code takes of ``__main__``; an empty text if it takes
    the module itself. A module of a library is followed no further.
    """

    def __init__(self, loaded: AbstractSet[str]) -> None:
        """Take the modules that are loaded once the bytes are decoded."""
        self._loaded = loaded
        self._imported: set[str] = set()
        self._taken: set[str] = set()
        self.importers: dict[str, str] = {}
        self._optional: set[str] = set()
        self._needed: set[str] = set()
        self.main: set[str] = set()

    @property
    def optional(self) -> set[str]:
        """The modules that code imports where it can, and that no other code needs.

        A module was loaded without them, or a function handles the failure.
        """
        return self._optional - self._needed

    @property
    def unimported(self) -> dict[str, list[str]]:
        """The submodules that a function takes of a package, and that no code imports.

        With each, the modules that may import it: what a function imports, and nobody has followed.
        """
        taken = {one for one in self._taken - self._imported - self._loaded if find_spec(one)}
        unknown = {
            one
            for one in (self._imported - self._loaded if taken else ())
            if (is_library(one) or not is_compared(one)) and find_spec(one)
        }
        return {
            name: sorted(one for one in unknown if not f"{name}.".startswith(f"{one}."))
            for name in sorted(taken)
        }

    def follow(self, uses: Iterable[Uses], modules: Iterable[str]) -> None:
        """Follow what functions use, and the code of modules."""
        waiting = [*modules]
        self.main.update("" for name in waiting if name == "__main__")
        for one in uses:
            waiting += self._add(one, "", is_run=False)
        seen: set[str] = set()
        while waiting:
            name = waiting.pop()
            if name in seen or not is_compared(name):
                continue
            seen.add(name)
            spec = find_spec(name)
            code = _code(spec) if spec and not is_library(name) else None
            if code is not None:
                # The code of the module itself comes first: it has run if the module is loaded.
                is_run = name in self._loaded
                for one in all_uses(code, str(spec.parent or ""), {}):
                    waiting += self._add(one, name, is_run=is_run)
                    is_run = False

    def _add(self, uses: Uses, importer: str, is_run: bool) -> list[str]:
        """Record what one code object uses; return the modules."""
        imported = {name for one in uses.imported for name in _importable(one)}
        taken = {name for one in uses.chains for name in self._submodules(one)}
        self._imported |= imported
        self.main |= _names_of_main(uses)
        needed = {name for one in uses.imported - uses.guarded for name in _importable(one)}
        needed = set() if is_run else needed
        for name in sorted(filter(is_compared, imported | taken)):
            if name not in self.importers or name in needed - self._needed:
                self.importers[name] = importer
        self._needed |= needed
        self._optional |= imported - needed - self._loaded
        return sorted(imported | taken)

    def _submodules(self, chain: tuple[str, ...]) -> Iterator[str]:
        """Yield the modules that may be meant by attributes, one of the other."""
        module, *attributes = chain
        for attribute in attributes:
            known = _attributes_of(module)
            if isinstance(value := known.get(attribute), types.ModuleType):
                module = value.__name__
                continue
            if attribute in known or not _is_package(module):
                return
            child = f"{module}.{attribute}"
            # To look for a submodule imports the package around it, as the function does.
            if find_spec(child) or not is_library(module):
                yield child
            if not {attribute, "__getattr__"} & {*_attributes_of(module)}:
                self._taken.add(child)
            module = child


def _names_of_main(uses: Uses) -> set[str]:
    """Return the names that code takes of ``__main__``; an empty text for the module itself."""
    dotted = {*uses.imported, *(".".join(chain) for chain in uses.chains)}
    paths = [name.split(".") for name in dotted if f"{name}.".startswith("__main__.")]
    names = {path[1] for path in paths if len(path) > 1 and not path[1].startswith(("__", "*"))}
    return names - {name.removeprefix("__main__.") for name in uses.guarded} or {"" for _ in paths}


def _importable(name: str) -> list[str]:
    """Return the names that an import may import; none for what is known to be no module."""
    module, _, item = name.rpartition(".")
    known = _attributes_of(module)
    if item == "*":
        exported = known.get("__all__") or _constants(module)
        return [one for each in exported for one in _importable(f"{module}.{each}")]
    value = known.get(item)
    if isinstance(value, types.ModuleType):
        return sorted({name, value.__name__}) if find_spec(name) else [value.__name__]
    return [] if item in known and not find_spec(name) else [name]


def _constants(module: str) -> set[str]:
    """Return the texts in the code of a module that may be names in its ``__all__``."""
    spec = find_spec(module) if _is_package(module) else None
    code = _code(spec) if spec else None
    texts: set[str] = set()
    for one in code.co_consts if code else ():
        texts |= {text for text in (one if isinstance(one, tuple) else (one,)) if _is_name(text)}
    return texts


def _is_name(value: object) -> bool:
    return isinstance(value, str) and value.isidentifier()


def _attributes_of(module: str) -> dict[str, Any]:
    return vars(sys.modules[module]) if sys.modules.get(module) else {}


def _is_package(module: str) -> bool:
    spec = find_spec(module)
    return spec is not None and spec.submodule_search_locations is not None


def _code(spec: Any) -> types.CodeType | None:
    """Return the code of a module as its loader would run it; ``None`` if there is none."""
    try:
        code = spec.loader.get_code(spec.name)
    except (AttributeError, ImportError, OSError, SyntaxError, ValueError):
        return None
    return code if isinstance(code, types.CodeType) else None
