"""The base class of faults of the reference implementation."""

from __future__ import annotations

from conformance.subjects.reference import Reference


class Parts(Reference):
    """A reference with replaced parts: the classes in the body of a subclass.

    A class ``Codec`` there replaces the codec, a class ``Texts`` the messages, and so on. A class
    ``Schemas`` replaces the schemas of the codec.
    """

    def __init_subclass__(cls) -> None:
        for name, part in [*vars(cls).items()]:
            if not isinstance(part, type):
                continue
            if name == "Schemas":
                cls.codec_class = type("Codec", (cls.codec_class,), {"schemas_class": part})
            else:
                assert isinstance(getattr(cls, f"{name.lower()}_class"), type), name
                setattr(cls, f"{name.lower()}_class", part)
