"""Codecs that take payloads that are none, or refuse those of others."""

from __future__ import annotations

import io
import pickle
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from conformance.catalogue.nodes import Family
from conformance.subjects.reference import codec, texts
from conformance.subjects.reference.errors import PlanError
from conformance.subjects.reference.functions import VOLATILITIES, Function
from tasks.faults.fault import breaks
from tasks.faults.reference.parts import Parts


class Lenient(Parts):
    """A reference whose codec reads the members of a payload after ``corrected`` changed them."""

    def corrected(self, values: dict[str, Any]) -> dict[str, Any]:
        raise NotImplementedError

    class Codec(codec.Codec):
        def udf_of(self, family: Family, content: Any) -> Function:
            subject, wanted = self.subject, self.members[family]
            assert isinstance(subject, Lenient)
            if isinstance(content, tuple) and len(content) == len(wanted):
                values = subject.corrected(dict(zip(wanted, content, strict=True)))
                content = tuple(values.values())
            return super().udf_of(family, content)


# Picklers


@breaks("PAYLOAD-22", "PAYLOAD-32")
class PicklesBeginWithAProtocol(Parts):
    class Codec(codec.Codec):
        def unpickle(self, payload: bytes) -> Any:
            if payload[:1] != pickle.PROTO:
                raise pickle.UnpicklingError("no pickle")
            return super().unpickle(payload)


@breaks("PAYLOAD-22")
class ProtocolThreeIsTooOld(Parts):
    class Codec(codec.Codec):
        def unpickle(self, payload: bytes) -> Any:
            if payload[:2] == b"\x80\3":
                raise pickle.UnpicklingError("too old")
            return super().unpickle(payload)


@breaks("PAYLOAD-32")
class MissingModulesHaveNoName(Parts):
    class Texts(texts.Texts):
        def not_unpickled(self, family: Family, error: BaseException) -> str:
            return f"Cannot unpickle an {self.payload(family)}: {type(error).__name__}"


@breaks("PAYLOAD-32")
class MissingModulesAreEmpty(Parts):
    """Decode them, and fail when they are called."""

    class Codec(codec.Codec):
        def unpickle(self, payload: bytes) -> Any:
            class Unpickler(pickle.Unpickler):
                def find_class(self, module: str, name: str) -> Any:
                    try:
                        return super().find_class(module, name)
                    except ModuleNotFoundError:
                        return SimpleNamespace

            return Unpickler(io.BytesIO(payload)).load()


@breaks("PAYLOAD-32")
class ModulesAreOnesOwn(Parts):
    """Errors of imports are those of the first part of a name."""

    class Texts(texts.Texts):
        def not_unpickled(self, family: Family, error: BaseException) -> str:
            return super().not_unpickled(family, error).replace("_gone", "")


# The tuple


@breaks("PAYLOAD-23")
class ListsAreTuples(Parts):
    class Codec(codec.Codec):
        def udf_of(self, family: Family, content: Any) -> Function:
            return super().udf_of(family, tuple(content) if isinstance(content, list) else content)


@breaks("PAYLOAD-23")
class WindowsAreVolatileByDefault(Parts):
    class Codec(codec.Codec):
        def udf_of(self, family: Family, content: Any) -> Function:
            if family == "window" and isinstance(content, tuple) and len(content) == 4:
                content = (*content, "volatile")
            return super().udf_of(family, content)


@breaks("PAYLOAD-23")
class NoTupleIsAPlanError(Parts):
    class Codec(codec.Codec):
        def udf_of(self, family: Family, content: Any) -> Function:
            if content is None or isinstance(content, dict):
                raise PlanError("nothing in the payload")
            return super().udf_of(family, content)


@breaks("PAYLOAD-23")
class NoTupleHasNoLength(Parts):
    class Codec(codec.Codec):
        def udf_of(self, family: Family, content: Any) -> Function:
            try:
                _, *_ = content
            except (ValueError, TypeError) as error:
                raise ValueError(str(error)) from None
            return super().udf_of(family, content)


@breaks("PAYLOAD-27")
class LongTuplesAreTaken(Parts):
    class Codec(codec.Codec):
        def udf_of(self, family: Family, content: Any) -> Function:
            whole = isinstance(content, tuple) and content[: len(self.members[family])]
            return super().udf_of(family, whole or content)


@breaks("PAYLOAD-27")
class SixMembersAreAnAggregates(Parts):
    """So that a window's sixth is taken for the state that it does not have."""

    class Codec(codec.Codec):
        def udf_of(self, family: Family, content: Any) -> Function:
            longer = family == "window" and isinstance(content, tuple) and len(content) == 6
            return super().udf_of(family, content[:5] if longer else content)


# The members


@breaks("PAYLOAD-26")
class VolatilityHasNoCase(Lenient):
    def corrected(self, values: dict[str, Any]) -> dict[str, Any]:
        told = values["volatility"]
        return values | {"volatility": told.lower() if isinstance(told, str) else told}


@breaks("PAYLOAD-26")
class VolatilityMayHaveBlanks(Lenient):
    def corrected(self, values: dict[str, Any]) -> dict[str, Any]:
        told = values["volatility"]
        return values | {"volatility": told.strip() if isinstance(told, str) else told}


@breaks("PAYLOAD-26", "PAYLOAD-29")
class UnknownIsVolatile(Lenient):
    def corrected(self, values: dict[str, Any]) -> dict[str, Any]:
        known = values["volatility"] in VOLATILITIES
        return values if known else values | {"volatility": "volatile"}


@breaks("PAYLOAD-26")
class UnknownVolatilityIsAPlanError(Parts):
    class Codec(codec.Codec):
        def check_members(self, family: Family, values: Mapping[str, Any]) -> None:
            if isinstance(values["volatility"], str) and values["volatility"] not in VOLATILITIES:
                raise PlanError(values["volatility"])
            super().check_members(family, values)


@breaks("PAYLOAD-29")
class NamesMayBeBytes(Lenient):
    def corrected(self, values: dict[str, Any]) -> dict[str, Any]:
        told = values["name"]
        return values | {"name": told.decode() if isinstance(told, bytes) else told}


@breaks("PAYLOAD-29")
class NoNameIsEmpty(Lenient):
    def corrected(self, values: dict[str, Any]) -> dict[str, Any]:
        return values | {"name": values["name"] or ""}


@breaks("PAYLOAD-29")
class NoStateIsTheResult(Lenient):
    def corrected(self, values: dict[str, Any]) -> dict[str, Any]:
        return (
            values | {"state": values["state"] or values["returns"]}
            if "state" in values
            else values
        )


@breaks("PAYLOAD-29")
class NoVolatilityIsImmutable(Lenient):
    def corrected(self, values: dict[str, Any]) -> dict[str, Any]:
        told = values["volatility"]
        return values | {"volatility": "immutable" if told is None else told}


@breaks("PAYLOAD-30")
class NothingIsCalledYet(Lenient):
    """Decode an uncallable object, and fail when it is called."""

    def corrected(self, values: dict[str, Any]) -> dict[str, Any]:
        made = values["callable"]
        return values | {"callable": made if callable(made) else lambda *args: made(*args)}


@breaks("PAYLOAD-30")
class TextIsAName(Lenient):
    """To be looked up once it is called."""

    def corrected(self, values: dict[str, Any]) -> dict[str, Any]:
        made = values["callable"]
        return values | {"callable": type(made, (), {}) if isinstance(made, str) else made}
