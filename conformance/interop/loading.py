"""The calls that unpickling makes on the receiver, and the names that it looks for."""

from __future__ import annotations

import builtins
import sys
from _compat_pickle import IMPORT_MAPPING
from collections.abc import Collection, Iterator
from importlib.util import find_spec

from conformance.inspection.refusals import pickles
from conformance.inspection.udf import Values

MAX_MISSING = 20
"""The maximum number of modules and names that are missing here and are named."""

_OWN = {"<function>": "a function of its own", "<class>": "a class of its own"}
"""The calls of what the payload itself makes."""

_BUILTINS = (
    *("classmethod", "complex", "enumerate", "frozenset", "iter", "object", "property", "range"),
    "frozendict",
    *("reversed", "set", "slice", "staticmethod", "super", "type", "zip"),
    *(
        name
        for name, one in vars(builtins).items()
        if isinstance(one, type) and issubclass(one, BaseException)
    ),
)

_BUILTIN_MODULES = ("builtins", "__builtin__", "exceptions")
"""The module of builtins; pickles of protocol 0 to 2 have its names in Python 2."""

_PATHLIBS = ("pathlib", "pathlib._local")
"""The module of paths; the second is that of Python 3.13."""

KNOWN = frozenset(
    (
        *(f"{module}.{name}" for module in _BUILTIN_MODULES for name in _BUILTINS),
        "__builtin__.xrange",
        *(f"types.{name}" for name in ("CellType", "CodeType", "FunctionType", "LambdaType")),
        *(f"types.{name}" for name in ("GenericAlias", "MappingProxyType", "MethodType")),
        "types.SimpleNamespace",
        *(f"{one}._reconstructor" for one in ("copyreg", "copy_reg")),
        *(f"datetime.{name}" for name in ("date", "datetime", "time", "timedelta", "timezone")),
        *(f"collections.{name}" for name in ("Counter", "OrderedDict", "defaultdict", "deque")),
        *(f"collections.{name}" for name in ("ChainMap", "UserDict", "UserList", "_tuplegetter")),
        *(f"dataclasses.{name}" for name in ("Field", "_DataclassParams", "_FIELD_BASE")),
        *(f"dataclasses.{name}" for name in ("_HAS_DEFAULT_FACTORY_CLASS", "_MISSING_TYPE")),
        "dataclasses._AutoDocstring",
        *(f"dataclasses.{name}" for name in ("_InitVarMeta", "InitVar", "_KW_ONLY_TYPE")),
        *(f"operator.{name}" for name in ("attrgetter", "itemgetter")),
        *(f"{one}.getitem" for one in ("operator", "_operator")),
        *(f"enum.{name}" for name in ("auto", "nonmember", "member")),
        *(f"ipaddress.IPv{four}{name}" for four in (4, 6) for name in ("Address", "Network")),
        *(f"ipaddress.IPv{four}Interface" for four in (4, 6)),
        *(f"itertools.{name}" for name in ("chain", "count", "repeat")),
        *(f"inspect.{name}" for name in ("Parameter", "Signature", "_ParameterKind")),
        *(f"urllib.parse.{name}" for name in ("ParseResult", "SplitResult")),
        *(f"{one}.Pure{name}Path" for one in _PATHLIBS for name in ("Posix", "Windows")),
        "_collections._tuplegetter",
        "_functools.partial",
        "_io.BytesIO",
        "_io.StringIO",
        "_weakrefset.WeakSet",
        "array._array_reconstructor",
        "contextlib.nullcontext",
        "decimal.Context",
        "decimal.Decimal",
        "fractions.Fraction",
        "functools.cached_property",
        "functools.partial",
        "http.HTTPStatus",
        "io.BytesIO",
        "io.StringIO",
        "json.decoder.JSONDecoder",
        "json.encoder.JSONEncoder",
        "logging.getLogger",
        "pyarrow.lib.scalar",
        "pyarrow.lib.type_for_alias",
        "random.Random",
        "re.RegexFlag",
        "re._compile",
        "statistics.NormalDist",
        "string.Template",
        "time.struct_time",
        "datafusion.expr.Expr._reconstruct",
        "typing.ForwardRef",
        "uuid.SafeUUID",
        "uuid.UUID",
        "weakref.WeakSet",
    )
)
"""What pickles of ordinary objects call: it takes the arguments that such a pickle has for it."""

DEPENDING = frozenset(
    (
        *(f"{one}.PosixPath" for one in _PATHLIBS),
        *(f"zoneinfo.ZoneInfo{made}" for made in ("", "._unpickle")),
        *("_functools.reduce", "functools.reduce", "builtins.map", "builtins.filter"),
    )
)
"""What is often called, too, and does not succeed on every receiver, or calls its arguments."""


def unknown_calls(values: Values) -> list[str]:
    """Return the calls of which nobody knows what they do: those of Python's own modules."""
    return [
        name
        for name in _calls(values)
        if name == "?" or (is_python(name) and name not in DEPENDING)
    ]


def depending_calls(values: Values) -> list[str]:
    """Return the calls that succeed on some receivers, such as those of a package's own classes."""
    return [
        _OWN.get(name, name)
        for name in _calls(values)
        if name != "?" and (name in DEPENDING or not is_python(name))
    ]


def _calls(values: Values) -> Iterator[str]:
    """Yield what unpickling calls, but for what is known and for cloudpickle's helpers."""
    for name in dict.fromkeys(name for one in pickles(values) for name in one.get("calls", ())):
        if name not in KNOWN and not name.startswith("cloudpickle."):
            yield name


def is_python(name: str) -> bool:
    """Return whether a dotted name is of a module of Python itself, by the names of this one."""
    top = name.partition(".")[0]
    return top in sys.stdlib_module_names or top in IMPORT_MAPPING


def absent(values: Values, *, of_python: bool = False) -> tuple[list[str], list[str]]:
    """Return what this environment does not have, and what only an import would show.

    ``of_python`` looks only for the names of Python's own modules.

    Modules are looked for, which imports the packages around them. Only in a module that is
    imported already, a name is looked for. After ``MAX_MISSING`` nothing more is looked for.
    """
    missing: dict[str, None] = {}
    unsure: dict[str, None] = {}
    loaded = pickles(values)
    modules = dict.fromkeys(
        name
        for one in loaded
        for key in ("sources", "modules")
        for name in one.get(key, ())
        if not of_python or is_python(name)
    )
    for module in modules:
        if module in ("?", "__main__") or len(missing) == MAX_MISSING:
            continue
        if (found := has_module(module)) is not True:
            (unsure if found is None else missing)[module] = None
    for name in dict.fromkeys(name for one in loaded for name in one.get("imports", ())):
        source = _source(name, modules)
        if source in ("", "?", "__main__") or source in missing or source in unsure:
            continue
        if len(missing) == MAX_MISSING:
            break
        if (found := _has_name(source, name.removeprefix(f"{source}."))) is not True:
            (unsure if found is None else missing)[name] = None
    return [*missing], [*unsure]


def _source(name: str, modules: Collection[str]) -> str:
    """Return the longest of the modules that a dotted name begins with."""
    name = name.rpartition(".")[0]
    while name and name not in modules:
        name = name.rpartition(".")[0]
    return name


def has_module(module: str) -> bool | None:
    """Return whether a module can be imported here; ``None`` if nobody can say."""
    if module in sys.modules:
        return True
    if module in IMPORT_MAPPING:  # a name in Python 2, which the unpickler may translate
        return True if IMPORT_MAPPING[module] in sys.modules else None
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False
    except Exception:  # noqa: BLE001 - a package around it may raise anything when imported
        return None


def _has_name(module: str, name: str) -> bool | None:
    """Return whether a module has a name; ``None`` if it is not imported, or makes its names."""
    found = sys.modules.get(module, sys.modules.get(IMPORT_MAPPING.get(module, module)))
    if found is None:
        return None
    first, _, rest = name.partition(".")
    if first not in vars(found):
        return None if "__getattr__" in vars(found) or module in IMPORT_MAPPING else False
    one = vars(found)[first]
    return True if not rest or hasattr(one, rest.partition(".")[0]) else None
