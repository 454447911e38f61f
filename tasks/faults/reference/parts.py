"""A reference with other parts: what faults are made of."""

from __future__ import annotations

from conformance.subjects.reference import Reference


class Parts(Reference):
    """A reference whose parts are the classes in its body: ``Codec``, ``Texts``, ``Slots``, ...

    ``Schemas`` are those of its codec, which is then another, too.
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
