"""The base class of faults of the reference implementation."""

from __future__ import annotations

from conformance.subjects.reference import Reference


class Parts(Reference):
    """A reference with replaced parts: the classes in the body of a subclass.

    A class ``Codec`` there replaces the codec, a class ``Texts`` the messages, and so on. A class
    ``Schemas`` or ``Unpickler`` replaces that of the codec.
    """

    def __init_subclass__(cls) -> None:
        for name, part in [*vars(cls).items()]:
            if not isinstance(part, type):
                continue
            attribute = f"{name.lower()}_class"
            if name in ("Schemas", "Unpickler"):
                cls.codec_class = type("Codec", (cls.codec_class,), {attribute: part})
            else:
                assert isinstance(getattr(cls, attribute), type), name
                setattr(cls, attribute, part)
