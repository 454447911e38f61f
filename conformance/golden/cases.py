"""The cases of goldens: expressions and plans, some of them through a codec chain."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

from conformance.catalogue import ENTRIES, get
from conformance.catalogue.entry import Entry
from conformance.catalogue.queries import QUERIES
from conformance.catalogue.query import Query
from conformance.catalogue.source import compile_udf
from conformance.golden.cloudpickle_state import deterministic_class_ids, number_classes
from conformance.golden.manifest import kind_of
from conformance.subjects.interface import Session, Subject
from conformance.subjects.plans import Layer as PlanLayer

Layer: TypeAlias = 'Literal["expression"] | PlanLayer'

CODEC_ID = "conformance.golden"
"""The id under which a session is installed as a codec; its own id changes with each session."""

CLOUDPICKLE = "3.1.2"
"""The one version that writes plans and chains; their frames are those of expressions, which
every version writes."""

_LAYERS: Mapping[str, tuple[PlanLayer, ...]] = {
    "values": ("logical", "physical"),
    # A logical plan of an in-memory table cannot be serialized.
    "memory": ("physical",),
    # The bytes hold paths and times of files, which differ between writers.
    "csv": (),
    "parquet": (),
}
_COUNTED = ("plan/top-k", "plan/join-filter")
"""Queries whose physical plans contain a number that a process counts up from plan to plan."""
_WRAPPED = {
    "scalar": ("scalar/lambda", "plan/projection-scalar-values"),
    "aggregate": ("aggregate/class", "plan/group-aggregate-values"),
    "window": ("window/whole-partition", "plan/partition-window-values"),
}


@dataclass(frozen=True)
class GoldenCase:
    """An entry or a query, to be encoded at one layer; with ``codec_id``, through that codec."""

    id: str
    layer: Layer
    of: Entry | Query
    codec_id: str | None = None

    @property
    def frames_of(self) -> str:
        """An id that cases with the same frames share."""
        if isinstance(self.of, Query):
            return self.of.id.removesuffix(f"-{self.of.source}")
        return self.of.id

    @property
    def kind(self) -> str:
        """Return the kind of the case's goldens."""
        return kind_of(self.layer, self.codec_id)

    @property
    def is_plain(self) -> bool:
        """Return whether the case is an expression without an extension codec."""
        return self.layer == "expression" and self.codec_id is None

    def encode(self, subject: Subject, sender: Session | None = None) -> bytes | None:
        """Encode the case with ``subject``; return ``None`` if it lacks a capability.

        Without a codec id, ``sender`` encodes; ``None`` means the default codec.
        """
        if self.layer != "expression" and subject.plans is None:
            return None
        if self.codec_id is not None and not has_ids(subject):
            return None
        compiled = {udf: compile_udf(udf, subject.bases) for udf in self.of.udfs}
        functions = {udf: subject.function(udf, each) for udf, each in compiled.items()}
        if self.codec_id is not None:
            # An inlining session would write the frame without an envelope.
            sender = self.session(subject, subject.with_inlining(subject.session(), False))
        if isinstance(self.of, Entry):
            expr = subject.expr(self.of.expr, functions)
            with deterministic_class_ids(self.of.id):
                return subject.to_bytes(expr, sender)
        assert self.layer != "expression"
        assert subject.plans is not None
        # No source of a golden case writes files, so the folder is not used.
        plan = subject.plans.plan(subject.session(), self.layer, self.of, functions, Path())
        # Layers and engines write the frames of a query in different orders.
        for udf, each in compiled.items():
            number_classes(udf.id, each)
        return subject.plans.to_bytes(plan, sender)

    def session(self, subject: Subject, session: Session) -> Session:
        """Return ``session`` with the codec that the case names, if it names one."""
        if self.codec_id is None:
            return session
        assert subject.chain is not None
        codecs: PlanLayer = "physical" if self.layer == "physical" else "logical"
        return subject.chain.install(session, codecs, subject.session(), self.codec_id)

    def decode(self, subject: Subject, data: bytes, session: Session) -> Any:
        """Decode ``data`` with ``session``; return an expression or a plan."""
        if self.layer == "expression":
            return subject.from_bytes(data, session)
        assert subject.plans is not None
        return subject.plans.from_bytes(self.layer, session, data)


def has_ids(subject: Subject) -> bool:
    """Return whether the subject's codec chain has ids (engine 55 or newer)."""
    if subject.chain is None:
        return False
    try:
        subject.chain.ids(subject.session(), "logical")
    except AttributeError:
        return False
    return True


def _cases() -> Iterator[GoldenCase]:
    for id_, entry in ENTRIES.items():
        yield GoldenCase(id_, "expression", entry)
    for query in QUERIES.values():
        for layer in _LAYERS[query.source]:
            case = GoldenCase(query.id.replace("plan/", f"{layer}-plan/", 1), layer, query)
            if layer == "logical" or case.frames_of not in _COUNTED:
                yield case
    for family, (entry_id, query_id) in _WRAPPED.items():
        yield GoldenCase(f"chain/expression-{family}", "expression", get(entry_id), CODEC_ID)
        for layer in _LAYERS["values"]:
            yield GoldenCase(f"chain/{layer}-plan-{family}", layer, QUERIES[query_id], CODEC_ID)


CASES: Mapping[str, GoldenCase] = {case.id: case for case in _cases()}
"""All golden cases by id."""
