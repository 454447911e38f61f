"""Faults of CHAIN: wrong envelopes, and bundles that are installed in a wrong way."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Any

from conformance.subjects.reference import chain, envelopes
from conformance.subjects.reference.errors import PlanError
from conformance.subjects.reference.sessions import Session
from tasks.faults.fault import breaks
from tasks.faults.reference.parts import Parts


@breaks("CHAIN-25")
class EnvelopesHaveNoOldestVersion(Parts):
    """Accept envelopes of version 0."""

    class Chain(chain.Chain):
        class Envelopes(envelopes.Envelopes):
            oldest = 0

        envelopes_class = Envelopes


@breaks("CHAIN-25", "CHAIN-31")
class EnvelopesAreNewer(Parts):
    """Write and read version 2 of the envelope."""

    class Chain(chain.Chain):
        class Envelopes(envelopes.Envelopes):
            version = 2

        envelopes_class = Envelopes


@breaks("CHAIN-20", "CHAIN-27")
class LengthIsOfTwoBytes(Parts):
    """Write and read the length of a codec id as two bytes, with two unused bytes after it."""

    class Chain(chain.Chain):
        class Envelopes(envelopes.Envelopes):
            length = struct.Struct("<Hxx")

        envelopes_class = Envelopes


@breaks("CHAIN-27")
class LengthIsSigned(Parts):
    """Read the length of a codec id as a signed integer."""

    class Chain(chain.Chain):
        class Envelopes(envelopes.Envelopes):
            length = struct.Struct("<i")

        envelopes_class = Envelopes


@breaks("CHAIN-26", "CHAIN-27")
class SlicesDoNotComplain(Parts):
    """Accept a codec id that is shorter than its declared length."""

    class Chain(chain.Chain):
        class Envelopes(envelopes.Envelopes):
            def check_there(self, data: bytes, size: int, missing: str) -> None:
                if "declared length" not in missing:
                    super().check_there(data, size, missing)

        envelopes_class = Envelopes


@breaks("CHAIN-31")
class CutEnvelopesAreOfPlanning(Parts):
    """Raise a planning error for a truncated envelope."""

    class Chain(chain.Chain):
        class Envelopes(envelopes.Envelopes):
            def check_there(self, data: bytes, size: int, missing: str) -> None:
                if len(data) < size:
                    raise PlanError(self.texts.envelope_truncated(missing))

        envelopes_class = Envelopes


@breaks("CHAIN-28")
class StraysInIdsAreReplaced(Parts):
    """Accept a codec id that is not UTF-8, and replace its invalid bytes."""

    class Chain(chain.Chain):
        class Envelopes(envelopes.Envelopes):
            def codec_id(self, data: bytes) -> str:
                return data.decode(errors="surrogateescape")

        envelopes_class = Envelopes


@breaks("CHAIN-39")
class CodecsStayWherePlannersFail(Parts):
    """Keep an installed codec on the session when a planner hook fails."""

    class Chain(chain.Chain):
        def extend(self, session: Session, *extensions: Any) -> Session:
            try:
                return super().extend(session, *extensions)
            except Exception:
                good = [one for one in extensions if getattr(one, "planner", self) is None]
                session.codecs = super().extend(session, *good[:1]).codecs
                raise


@breaks("CHAIN-40")
class PlannersAreAskedBundleByBundle(Parts):
    """Call a bundle's planner hook before the next bundle's codecs are installed."""

    class Chain(chain.Chain):
        def extend(self, session: Session, *extensions: Any) -> Session:
            for extension in extensions:
                session = super().extend(session, extension)
            return session if extensions else super().extend(session)


@breaks("CHAIN-33")
class BundlesBringOneLayer(Parts):
    """Install a bundle's codecs only on the first layer that it names."""

    class Chain(chain.Chain):
        def get_components(self, session: Session, extension: Any) -> Mapping[str, Any]:
            found = super().get_components(session, extension)
            return dict([*found.items()][:1])
