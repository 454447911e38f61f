"""The texts of refusals."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.catalogue.nodes import Family
from conformance.subjects.reference.functions import KINDS


class Texts:
    """The sentences, one a method."""

    def payload(self, family: Family) -> str:
        """Return what a frame's refusal speaks of."""
        return f"inline Python {KINDS[family]} payload"

    def truncated(self, family: Family, missing: str) -> str:
        return f"Truncated {self.payload(family)}: missing {missing} byte."

    def version(self, family: Family, found: int, oldest: int, newest: int) -> str:
        return (
            f"An {self.payload(family)} has wire-format version v{found}; this receiver "
            f"supports v{oldest}..=v{newest}. "
            "Align datafusion-python versions between sender and receiver."
        )

    def python(self, family: Family, sender: tuple[int, int], own: tuple[int, int]) -> str:
        return (
            f"An {self.payload(family)} was written on Python {sender[0]}.{sender[1]} and this "
            f"receiver is running Python {own[0]}.{own[1]}. Pickles are not portable across "
            "Python minor versions. Align Python versions between sender and receiver."
        )

    def strict(self, family: Family, name: str) -> str:
        return (
            f"Refusing to load inline Python {KINDS[family]} '{name}': inlining is disabled on "
            "this session. Either have the sender re-encode with inlining disabled, so that the "
            f"UDF travels by name, and register '{name}' on this receiver, or enable inlining on "
            "this receiver and accept the risk of running what came."
        )

    def unresolved(self, family: Family, name: str) -> str:
        return f"There is no {KINDS[family]} named '{name}' on this session."

    def not_pickled(self, family: Family, name: str, error: BaseException) -> str:
        return f"Cannot pickle {KINDS[family]} '{name}': {type(error).__name__}: {error}"

    def not_unpickled(self, family: Family, error: BaseException) -> str:
        return f"Cannot unpickle an {self.payload(family)}: {type(error).__name__}: {error}"

    def malformed(self, family: Family, what: str) -> str:
        return f"An {self.payload(family)} is malformed: {what}."

    # Envelopes

    def envelope_truncated(self, missing: str) -> str:
        return f"Truncated extension codec payload: {missing}."

    def envelope_version(self, found: int, oldest: int, newest: int) -> str:
        return (
            f"An extension codec payload has envelope version v{found}; this receiver supports "
            f"v{oldest}..=v{newest}. Align datafusion-python versions between sender and receiver."
        )

    def envelope_id(self) -> str:
        return "An extension codec payload has a non-UTF-8 codec id."

    def not_installed(self, family: Family, codec_id: str, installed: Sequence[str]) -> str:
        there = (
            f"(installed: {', '.join(installed)})"
            if installed
            else "(no extension codecs are installed)"
        )
        hint = self.hint() if codec_id.startswith("anon:") else ""
        return (
            f"The {KINDS[family]} was encoded by extension codec '{codec_id}', which is not "
            f"installed on this session {there}.{hint}"
        )

    def hint(self) -> str:
        """Return the text about the ids that bare capsules get."""
        return (
            " It was installed as a bare PyCapsule, whose id differs on every install. "
            "Pass `codec_id=` when installing it."
        )

    def id_taken(self, codec_id: str) -> str:
        return f"An extension codec with id '{codec_id}' is already installed on this session."

    def no_codec(self, layer: str, codec: object) -> str:
        return (
            f"A {type(codec).__name__} exports no __datafusion_{layer}_extension_codec__ "
            "and is no capsule."
        )

    def wrong_capsule(self, wanted: str, found: str) -> str:
        return (
            f"Expected a capsule named datafusion_{wanted}_extension_codec, "
            f"not datafusion_{found}_extension_codec."
        )

    # Extensions

    def no_extension(self, extension: object) -> str:
        return (
            f"A {type(extension).__name__} implements neither __datafusion_session_components__ "
            "nor __datafusion_session_planner__."
        )

    def no_components(self, brought: object) -> str:
        return (
            "__datafusion_session_components__ must return SessionExtensionComponents, "
            f"not {type(brought).__name__}."
        )

    def bare_capsule(self, layer: str) -> str:
        return (
            "A bare PyCapsule has no id of its own: contribute an object with "
            f"__datafusion_{layer}_extension_codec__ instead."
        )

    def no_iterable(self, layer: str) -> str:
        return f"{layer}_extension_codecs must be an iterable of codecs, and no single one."
