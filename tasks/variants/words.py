"""Styles whose errors say the same in other words.

A clause fixes some words of an error, and where they are is nobody's matter: here they stand in
another order, beside other words, over several lines and in quotes of other kinds.
"""

from __future__ import annotations

from collections.abc import Sequence

from conformance.catalogue.nodes import Family
from conformance.subjects.reference.functions import KINDS
from conformance.subjects.reference.texts import Texts
from tasks.variants.style import OtherStyle


class _Words(Texts):
    """The fixed words of each error, in other sentences than those of the engine."""

    def payload(self, family: Family) -> str:
        return f"<Python {KINDS[family]} payload>"

    def truncated(self, family: Family, missing: str) -> str:
        return f"[missing {missing} byte, {self.payload(family)}]\nTruncated"

    def version(self, family: Family, found: int, oldest: int, newest: int) -> str:
        return (
            "receiver, sender: Align datafusion-python versions!\n"
            f"This one supports v{oldest}..=v{newest}, so (it) and only it,\n"
            f"and there came wire-format version v{found};a {self.payload(family)}"
        )

    def python(self, family: Family, sender: tuple[int, int], own: tuple[int, int]) -> str:
        return (
            f"({self.payload(family)} on Python {sender[0]}.{sender[1]})\n"
            f"receiver running Python {own[0]}.{own[1]}.\n"
            "Align Python versions: pickles are not portable across Python minor versions, sender"
        )

    def strict(self, family: Family, name: str) -> str:
        return (
            f"a risk\tenable inlining on this receiver, or register '{name}' on this receiver\n"
            "(it then travels by name)\nif you can re-encode with inlining disabled\n"
            f"since there is an inline Python {KINDS[family]} and\ninlining is disabled on this "
            f"session for UDF '{name}'"
        )

    def unresolved(self, family: Family, name: str) -> str:
        return f"\u00ab{name}\u00bb: no {family} of this name, not one"

    def not_pickled(self, family: Family, name: str, error: BaseException) -> str:
        return f"[{error}]\n`{name}`, of the {family} kind, has to stay here"

    def not_unpickled(self, family: Family, error: BaseException) -> str:
        return f"[{error}]\nso there is no {family} function"

    def malformed(self, family: Family, what: str) -> str:
        return f"{what}: that is no {family} function"

    def envelope_truncated(self, missing: str) -> str:
        return f"{missing}!\nTruncated extension codec payload"

    def envelope_version(self, found: int, oldest: int, newest: int) -> str:
        return (
            f"Align datafusion-python here and there: supports v{oldest}..=v{newest} only,\n"
            f"and this one has envelope version v{found};"
        )

    def envelope_id(self) -> str:
        return "This is a non-UTF-8 codec id"

    def not_installed(self, family: Family, codec_id: str, installed: Sequence[str]) -> str:
        there = f"(installed: {', '.join(installed)})" if installed else ""
        return (
            f"{there or 'no extension codecs are installed'}\n"
            f"a {KINDS[family]} was encoded by extension codec, that is, by extension codec "
            f"'{codec_id}'!\nIt is one which is not installed on this session"
            f"{self.hint() if codec_id.startswith('anon:') else ''}"
        )

    def hint(self) -> str:
        return "\n(Pass `codec_id=` when installing it, if it is a PyCapsule)"

    def id_taken(self, codec_id: str) -> str:
        return f"already installed on this session: '{codec_id}'"

    def no_codec(self, layer: str, codec: object) -> str:
        return f"no {layer} codec: {codec!r:.40}"

    def wrong_capsule(self, wanted: str, found: str) -> str:
        return f"datafusion_{found}_extension_codec is no datafusion_{wanted}_extension_codec"

    def no_extension(self, extension: object) -> str:
        both = "__datafusion_session_planner__, __datafusion_session_components__"
        return f"{extension!r:.40} has none of {both}"

    def no_components(self, brought: object) -> str:
        return f"{brought!r:.40}: __datafusion_session_components__ must return others"

    def bare_capsule(self, layer: str) -> str:
        return f"__datafusion_{layer}_extension_codec__ is missing: a bare PyCapsule"

    def no_iterable(self, layer: str) -> str:
        return f"One is not many; {layer}_extension_codecs must be an iterable"


class OwnWords(OtherStyle, texts_class=_Words):
    """Raise errors in other words around those that the clauses fix."""
