"""Read the modules that code imports or uses, without running it; for the decoder, as text."""

from __future__ import annotations

import dis
import importlib.util
import types
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from conformance.preflight.guards import guards


class Uses(NamedTuple):
    """The modules that one code object imports, and the attributes that it takes of modules.

    ``imported`` has ``package.name`` for ``from package import name``, which may be no module, and
    ``package.*`` for ``import *``. A chain is ``(module, attribute, attribute, ...)``. ``bound``
    are the names of modules in the code. ``guarded`` are the imports of which the code handles the
    failure.
    """

    imported: set[str]
    chains: set[tuple[str, ...]]
    bound: dict[str, str]
    guarded: set[str]


def uses_of(code: types.CodeType, package: str, bound: Mapping[str, str]) -> Uses:
    """Return what a code object uses, without the code objects in it.

    ``package`` resolves relative imports; ``bound`` maps names around the code to modules.
    """
    steps = [*_steps(code)]
    found = Uses(set(), set(), {**bound}, set())
    needed: set[str] = set()
    imports = [number for number, step in enumerate(steps) if step.opname == "IMPORT_NAME"]
    is_guarded = guards(code, [steps[number].offset for number in imports])
    for number, guarded in zip(imports, is_guarded, strict=True):
        names = _import(steps, number, package, found.bound)
        found.imported.update(names)
        needed |= set() if guarded else names
    found.guarded.update(found.imported - needed)
    for number, step in enumerate(steps):
        module = found.bound.get(_last(step.argval)) if _is_load(step) else None
        if module is not None:
            found.chains.add((module, *_attributes(steps, number + 1)))
    return found


def all_uses(code: types.CodeType, package: str, bound: Mapping[str, str]) -> Iterator[Uses]:
    """Yield what a code object and those in it use; names of the outer ones hold in the inner."""
    for one in nested_codes(code):
        found = uses_of(one, package, bound)
        bound = found.bound
        yield found


def nested_codes(code: types.CodeType) -> Iterator[types.CodeType]:
    """Yield a code object and all code objects in it: functions, lambdas, classes."""
    yield code
    for one in code.co_consts:
        if isinstance(one, types.CodeType):
            yield from nested_codes(one)


def _steps(code: types.CodeType) -> Iterator[dis.Instruction]:
    """Yield the instructions that count, without those that only a type checker sees."""
    end = 0
    checked = False
    for step in dis.get_instructions(code):
        if step.offset < end or step.opname in ("EXTENDED_ARG", "NOP", "TO_BOOL", "PUSH_NULL"):
            continue
        if checked and "JUMP" in step.opname and step.opname.endswith("IF_FALSE"):
            end = int(step.argval)
        checked = step.argval == "TYPE_CHECKING" and step.opname.startswith("LOAD_")
        yield step


def _import(
    steps: list[dis.Instruction], number: int, package: str, bound: dict[str, str]
) -> set[str]:
    """Return what the import at ``number`` imports; record the names that it binds."""
    level, items, name = (steps[number + by].argval for by in (-2, -1, 0))
    try:
        module = importlib.util.resolve_name("." * level + name, package)
    except (ImportError, ValueError):
        return set()  # a relative import outside any package: it raises when it runs
    parts = module.split(".")
    imported = {".".join(parts[:end]) for end in range(1, len(parts) + 1)}
    if not isinstance(items, tuple):
        stored = next((one for one in steps[number + 1 :] if _is_store(one)), None)
        if stored is not None:
            is_top = stored is steps[number + 1]
            bound[_first(stored.argval)] = parts[0] if is_top else module
        return imported
    for source, target in zip(steps[number + 1 :], steps[number + 2 :], strict=False):
        if source.opname == "IMPORT_FROM" and _is_store(target):
            bound[_first(target.argval)] = f"{module}.{source.argval}"
        elif not _is_store(source):
            break
    return {*imported, *(f"{module}.{item}" for item in items)}


def _attributes(steps: list[dis.Instruction], number: int) -> Iterator[str]:
    """Yield the attributes that are taken one of the other from ``number`` on."""
    while number < len(steps) and steps[number].opname in ("LOAD_ATTR", "LOAD_METHOD"):
        yield str(steps[number].argval)
        number += 1


def _is_store(step: dis.Instruction) -> bool:
    return step.opname.startswith("STORE_") and step.opname != "STORE_ATTR"


def _is_load(step: dis.Instruction) -> bool:
    """Return whether an instruction loads a variable; some load or store two at once."""
    loads = ("LOAD_FAST", "LOAD_GLOBAL", "LOAD_NAME", "LOAD_DEREF", "LOAD_CLASSDEREF")
    return step.opname.startswith((*loads, "LOAD_FROM_DICT", "STORE_FAST_LOAD_FAST"))


def _first(name: object) -> str:
    return str(name[0] if isinstance(name, tuple) else name)


def _last(name: object) -> str:
    return str(name[-1] if isinstance(name, tuple) else name)
