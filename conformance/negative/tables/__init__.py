"""The tables of vectors, by what is wrong with the bytes. Each yields the vectors of a receiver."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from conformance.negative.frames import Python
from conformance.negative.tables import (
    codecs,
    definitions,
    envelopes,
    headers,
    names,
    payloads,
    schemas,
    strict,
)
from conformance.negative.vector import Vector

TABLES: tuple[Callable[[Python], Iterator[Vector]], ...] = (
    headers.versions,
    headers.both,
    headers.pythons,
    headers.cuts,
    headers.places,
    definitions.families,
    definitions.magics,
    definitions.no_artifacts,
    payloads.protocols,
    payloads.no_tuples,
    payloads.cuts,
    payloads.members,
    schemas.schemas,
    strict.frames,
    strict.places,
    strict.deep,
    names.calls,
    names.similar,
    names.places,
    names.deep,
    envelopes.decoded,
    envelopes.not_installed,
    envelopes.malformed,
    envelopes.nested,
    envelopes.cut_frames,
    codecs.bare,
    codecs.wrapped,
    codecs.similar,
    codecs.alone,
    codecs.goldens,
)
