"""The code that decodes a shipment on a node. It travels as text, as the probe does.

Its ``main`` reads one shipment as JSON from standard input, decodes it, evaluates nothing, and
writes an answer as JSON: the outcome, and the editions of the modules that the bytes refer to.
``answer_on_node`` runs in the worker itself.
"""

from __future__ import annotations

import base64
import importlib
import json
import os
import pickle
import platform
import sys
import types
from collections.abc import Callable
from operator import attrgetter
from pathlib import Path
from typing import Any

from conformance.preflight.compared import SHADOWED, find_spec, is_compared
from conformance.preflight.editions import editions, missing, module_of
from conformance.preflight.follow import Followed
from conformance.preflight.late_imports import late_uses
from conformance.preflight.resolving import resolve


def answer_on_node(
    source: str,
    shipment: dict[str, Any],
    run_child: Callable[[str, str, float], tuple[str, str]],
    seconds: float,
) -> dict[str, Any]:
    """Decode a shipment in a child of this worker; ``run_child`` is the probe's."""
    output, error = run_child(source, json.dumps(shipment), seconds)
    if error:
        return {"label": shipment["label"], "outcome": "lost", "error": error}
    answer: dict[str, Any] = json.loads(output.strip().rpartition("\n")[2])
    main = sys.modules["__main__"]
    needed = (*shipment["main"], *answer["of_main"])
    names = [name for name in needed if hasattr(main, name.partition(".")[0])]
    answer["main"] = dict.fromkeys(names, str(getattr(main, "__file__", None) or "its own code"))
    answer["stale"] = [
        name
        for name, one in answer["modules"].items()
        if name in sys.modules and one["file"] and _may_have_changed(one["file"])
    ]
    # What this worker has imported, for whatever reason, a function finds there.
    unimported = answer["unimported"].items()
    answer["unimported"] = {name: by for name, by in unimported if name not in sys.modules}
    return answer


def _may_have_changed(file: str) -> bool:
    """Return whether a file may have changed since this process started; so it may if unknown."""
    try:
        ticks = int(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19])
        lines = Path("/proc/stat").read_text().splitlines()
        (boot,) = [int(line.split()[1]) for line in lines if line.startswith("btime ")]
        return os.stat(file).st_mtime > boot + ticks / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError):
        return True


def open_session(spec: str) -> Any:
    """Return the session that ``module:name`` is or returns, else a new one."""
    from datafusion import SessionContext

    if not spec:
        return SessionContext()
    module, _, name = spec.partition(":")
    made = attrgetter(name)(importlib.import_module(module))
    return made if isinstance(made, SessionContext) else made()


def decode(shipment: dict[str, Any], session: Any) -> Any:
    """Decode the bytes of a shipment by ``session``; return what a pickle holds."""
    from datafusion import Expr, ipc, plan

    data = base64.b64decode(shipment["data"])
    if shipment["kind"] == "expression":
        Expr.from_bytes(data, session)
    elif shipment["kind"] == "plan":
        plan.LogicalPlan.from_bytes(session, data)
    elif shipment["kind"] == "execution plan":
        plan.ExecutionPlan.from_bytes(session, data)
    else:
        ipc.set_worker_ctx(session)
        return pickle.loads(data)
    return None


class Trace:
    """The modules that unpickling asks for, what cloudpickle loads, and why it fails."""

    def __init__(self) -> None:
        self.modules: set[str] = set()
        self.loaded: list[Any] = []
        self.errors: list[BaseException] = []
        self.active = False

    def start(self) -> None:
        """Watch this process from now on."""
        import cloudpickle

        original = cloudpickle.loads

        def loads(*arguments: Any, **options: Any) -> Any:
            try:
                value = original(*arguments, **options)
            except BaseException as error:
                self.errors.append(error)
                raise
            self.loaded.append(value)
            return value

        cloudpickle.loads = loads
        sys.addaudithook(self._record)
        self.active = True

    def _record(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.active and event == "pickle.find_class":
            self.modules.add(str(arguments[0]))


def answer(shipment: dict[str, Any]) -> dict[str, Any]:
    """Decode a shipment and return what became of it."""
    import datafusion.ipc  # noqa: F401

    SHADOWED.update(shipment["shadowed"])
    found: dict[str, Any] = {
        "label": shipment["label"],
        "outcome": "decoded",
        "error": "",
        "unpickled": 0,
        "lacks": missing(shipment["modules"], shipment["names"]),
        "late": {},
        "importers": {},
        "optional": [],
        "unimported": {},
        "of_main": [],
        "modules": {},
        "named": [],
    }
    # A worker's __main__ is not the sender's script: none of the names here may answer for it.
    sys.modules["__main__"] = types.ModuleType("__main__")
    try:
        session = open_session(shipment["session"])
    except Exception as error:  # noqa: BLE001 - the user's function may raise anything
        return {**found, "outcome": "no session", "error": format_error(error)}
    found["named"] = [
        {**one, "there": resolve(session, one["kind"], one["name"])} for one in shipment["named"]
    ]
    trace = Trace()
    trace.start()
    before = set(sys.modules)
    held = None
    try:
        held = decode(shipment, session)
    except BaseException as error:  # noqa: BLE001 - the engine's panic is no Exception
        cause = trace.errors[-1] if trace.errors else error
        found.update(outcome="refused", error=format_error(cause))
        if isinstance(cause, ModuleNotFoundError) and cause.name:
            found["lacks"] = sorted({*found["lacks"], cause.name})
    trace.active = False
    found["unpickled"] = len(trace.loaded)
    loaded = set(sys.modules)
    references = {*shipment["modules"], *map(module_of, shipment["names"]), *trace.modules}
    followed = Followed(loaded)
    followed.follow(late_uses([held, *trace.loaded]), references | (loaded - before))
    late = followed.importers
    found["late"] = {name: find_spec(name) is not None for name in sorted(late)}
    found["importers"] = {name: importer for name, importer in late.items() if importer}
    found["optional"] = sorted(followed.optional & late.keys())
    found["unimported"] = followed.unimported
    found["of_main"] = sorted(followed.main)
    direct = references | {name for name, importer in late.items() if not importer}
    known = editions(filter(is_compared, direct | (loaded - before) | late.keys()))
    found["modules"] = {name: {**one, "direct": name in direct} for name, one in known.items()}
    return found


def format_error(error: BaseException) -> str:
    """Return an error in one line."""
    return " ".join(f"{type(error).__name__}: {error}".split())


def main() -> None:
    """Answer the shipment on standard input; what the user's modules print goes to stderr."""
    output = os.dup(1)
    os.dup2(2, 1)
    shipment = json.load(sys.stdin)
    result = {**answer(shipment), "python": platform.python_version()}
    with os.fdopen(output, "w") as stream:
        stream.write("\n" + json.dumps(result))
    os._exit(0)  # a thread that a module started would keep this process alive


if __name__ == "__main__":
    main()
