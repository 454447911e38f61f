"""The functions of a session, by kind and name."""

from __future__ import annotations

from conformance.catalogue.nodes import Family
from conformance.subjects.reference.errors import ExecutionError
from conformance.subjects.reference.functions import BUILTINS, Builtin, Function
from conformance.subjects.reference.texts import Texts


class Registry:
    """The registered and the built-in functions. They do not replace each other."""

    def __init__(self, texts: Texts) -> None:
        self.texts = texts
        self.functions: dict[tuple[Family, str], Function] = {}
        self.builtins = {(one.family, one.name): one for one in BUILTINS}

    def register(self, function: Function | Builtin) -> None:
        """Take a function in, in the place of one of its kind and name."""
        if isinstance(function, Builtin):
            self.builtins[function.family, function.name] = function
        else:
            self.functions[function.family, function.name] = function

    def deregister(self, function: Function | Builtin) -> None:
        """Lets go what is there under this kind and name."""
        here = self.builtins if isinstance(function, Builtin) else self.functions
        here.pop((function.family, function.name), None)

    def python(self, family: Family, name: str) -> Function:
        """Return the UDF of this kind and name."""
        found = self.functions.get((family, name))
        if found is None:
            raise self.missing(family, name)
        return found

    def builtin(self, family: Family, name: str) -> Builtin:
        """Return the built-in function of this kind and name."""
        found = self.builtins.get((family, name))
        if found is None:
            raise self.missing(family, name)
        return found

    def any(self, family: Family, name: str) -> Function | Builtin:
        """Return the UDF of this kind and name, else the built-in function."""
        found = self.functions.get((family, name))
        return self.builtin(family, name) if found is None else found

    def missing(self, family: Family, name: str) -> ExecutionError:
        """Return the error for a name that there is not."""
        return ExecutionError(self.texts.unresolved(family, name))
