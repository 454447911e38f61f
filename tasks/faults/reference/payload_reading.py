"""Faults of PAYLOAD: decoders that accept malformed payloads or refuse valid ones."""

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
    """A reference that decodes the members of a payload as ``change`` returns them."""

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
    """Refuse pickles of protocols 0 and 1."""

    class Codec(codec.Codec):
        def unpickle(self, payload: bytes) -> Any:
            if payload[:1] != pickle.PROTO:
                raise pickle.UnpicklingError("no pickle")
            return super().unpickle(payload)


@breaks("PAYLOAD-22")
class ProtocolThreeIsTooOld(Parts):
    """Refuse pickles of protocol 3."""

    class Codec(codec.Codec):
        def unpickle(self, payload: bytes) -> Any:
            if payload[:2] == b"\x80\3":
                raise pickle.UnpicklingError("too old")
            return super().unpickle(payload)


@breaks("PAYLOAD-32")
class MissingModulesHaveNoName(Parts):
    """Leave the name of a missing module out of the error."""

    class Texts(texts.Texts):
        def not_unpickled(self, family: Family, error: BaseException) -> str:
            return f"Cannot unpickle an {self.payload(family)}: {type(error).__name__}"


@breaks("PAYLOAD-32")
class MissingModulesAreEmpty(Parts):
    """Decode a payload with a missing module, and fail only when its callable runs."""

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
    """Name a module in the error that is not the missing one."""

    class Texts(texts.Texts):
        def not_unpickled(self, family: Family, error: BaseException) -> str:
            return super().not_unpickled(family, error).replace("_gone", "")


# The tuple


@breaks("PAYLOAD-23")
class ListsAreTuples(Parts):
    """Accept a list in place of the tuple."""

    class Codec(codec.Codec):
        def udf_of(self, family: Family, content: Any) -> Function:
            return super().udf_of(family, tuple(content) if isinstance(content, list) else content)


@breaks("PAYLOAD-23")
class WindowsAreVolatileByDefault(Parts):
    """Accept a window tuple without a volatility, as volatile."""

    class Codec(codec.Codec):
        def udf_of(self, family: Family, content: Any) -> Function:
            if family == "window" and isinstance(content, tuple) and len(content) == 4:
                content = (*content, "volatile")
            return super().udf_of(family, content)


@breaks("PAYLOAD-23")
class NoTupleIsAPlanError(Parts):
    """Raise a planning error for a payload that is None or a dict."""

    class Codec(codec.Codec):
        def udf_of(self, family: Family, content: Any) -> Function:
            if content is None or isinstance(content, dict):
                raise PlanError("nothing in the payload")
            return super().udf_of(family, content)


@breaks("PAYLOAD-23")
class NoTupleHasNoLength(Parts):
    """Raise a ValueError for a payload that cannot be unpacked into elements."""

    class Codec(codec.Codec):
        def udf_of(self, family: Family, content: Any) -> Function:
            try:
                _, *_ = content
            except (ValueError, TypeError) as error:
                raise ValueError(str(error)) from None
            return super().udf_of(family, content)


@breaks("PAYLOAD-27")
class LongTuplesAreTaken(Parts):
    """Accept a tuple with too many elements, and ignore the additional ones."""

    class Codec(codec.Codec):
        def udf_of(self, family: Family, content: Any) -> Function:
            whole = isinstance(content, tuple) and content[: len(self.members[family])]
            return super().udf_of(family, whole or content)


@breaks("PAYLOAD-27")
class SixMembersAreAnAggregates(Parts):
    """Accept a sixth element in the tuple of a window UDF."""

    class Codec(codec.Codec):
        def udf_of(self, family: Family, content: Any) -> Function:
            longer = family == "window" and isinstance(content, tuple) and len(content) == 6
            return super().udf_of(family, content[:5] if longer else content)


# The members


@breaks("PAYLOAD-26")
class VolatilityHasNoCase(Lenient):
    """Accept the volatility in upper case."""

    def corrected(self, values: dict[str, Any]) -> dict[str, Any]:
        volatility = values["volatility"]
        return values | {
            "volatility": volatility.lower() if isinstance(volatility, str) else volatility
        }


@breaks("PAYLOAD-26")
class VolatilityMayHaveBlanks(Lenient):
    """Accept the volatility with leading and trailing spaces."""

    def corrected(self, values: dict[str, Any]) -> dict[str, Any]:
        volatility = values["volatility"]
        return values | {
            "volatility": volatility.strip() if isinstance(volatility, str) else volatility
        }


@breaks("PAYLOAD-26", "PAYLOAD-29")
class UnknownIsVolatile(Lenient):
    """Decode an unknown volatility as volatile."""

    def corrected(self, values: dict[str, Any]) -> dict[str, Any]:
        known = values["volatility"] in VOLATILITIES
        return values if known else values | {"volatility": "volatile"}


@breaks("PAYLOAD-26")
class UnknownVolatilityIsAPlanError(Parts):
    """Raise a planning error for an unknown volatility."""

    class Codec(codec.Codec):
        def check_members(self, family: Family, values: Mapping[str, Any]) -> None:
            if isinstance(values["volatility"], str) and values["volatility"] not in VOLATILITIES:
                raise PlanError(values["volatility"])
            super().check_members(family, values)


@breaks("PAYLOAD-29")
class NamesMayBeBytes(Lenient):
    """Accept bytes in place of the name."""

    def corrected(self, values: dict[str, Any]) -> dict[str, Any]:
        name = values["name"]
        return values | {"name": name.decode() if isinstance(name, bytes) else name}


@breaks("PAYLOAD-29")
class NoNameIsEmpty(Lenient):
    """Accept None in place of the name, as an empty name."""

    def corrected(self, values: dict[str, Any]) -> dict[str, Any]:
        return values | {"name": values["name"] or ""}


@breaks("PAYLOAD-29")
class NoStateIsTheResult(Lenient):
    """Accept None in place of the state schema, as the return schema."""

    def corrected(self, values: dict[str, Any]) -> dict[str, Any]:
        return (
            values | {"state": values["state"] or values["returns"]}
            if "state" in values
            else values
        )


@breaks("PAYLOAD-29")
class NoVolatilityIsImmutable(Lenient):
    """Accept None in place of the volatility, as immutable."""

    def corrected(self, values: dict[str, Any]) -> dict[str, Any]:
        volatility = values["volatility"]
        return values | {"volatility": "immutable" if volatility is None else volatility}


@breaks("PAYLOAD-30")
class NothingIsCalledYet(Lenient):
    """Accept a callable that cannot be called, and fail only when it is."""

    def corrected(self, values: dict[str, Any]) -> dict[str, Any]:
        made = values["callable"]
        return values | {"callable": made if callable(made) else lambda *args: made(*args)}


@breaks("PAYLOAD-30")
class TextIsAName(Lenient):
    """Accept a text in place of the callable, as the name of a function."""

    def corrected(self, values: dict[str, Any]) -> dict[str, Any]:
        made = values["callable"]
        return values | {"callable": type(made, (), {}) if isinstance(made, str) else made}
