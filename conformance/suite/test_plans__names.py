"""Plans: UDFs that travel by name."""

from __future__ import annotations

import warnings
from functools import partial

from conformance.catalogue.nodes import Family
from conformance.catalogue.queries import QUERIES
from conformance.runner.assertions import assert_equal, assert_same_bytes, assert_unresolved
from conformance.subjects.interface import Subject
from conformance.subjects.plans import Layer
from conformance.suite.helpers.markers import clause, each_family, each_layer
from conformance.suite.helpers.plans import (
    SAMPLES,
    assert_decodes_to_result,
    assert_plan_result,
    each_query,
    encodable_plans,
    encode_plan,
    get_query,
    make_plan,
)
from conformance.suite.helpers.same_name_udfs import function_of, times
from conformance.suite.helpers.samples import make_functions, plans, receiver, strict_session

TWO_OF_ONE_NAME = "two-of-one-name"

BY_NAME = [(layer, id_) for layer, id_ in encodable_plans(QUERIES) if TWO_OF_ONE_NAME not in id_]


@clause("PLAN-19")
@each_query(BY_NAME)
def test_names_resolve(subject: Subject, layer: Layer, query: str) -> None:
    """A plan is encoded by name, and the receiver has the UDFs registered.

    The plan runs on strict and inlining receivers.
    """
    with make_plan(subject, layer, get_query(query)) as plan:
        data = plans(subject).to_bytes(plan, strict_session(subject))
        for mode in ("strict", "inlining"):
            session = receiver(subject, mode)
            for function in make_functions(subject, get_query(query)).values():
                subject.register(session, function)
            assert_decodes_to_result(subject, layer, get_query(query), data, session)


@clause("PLAN-20")
@each_query((layer, id_) for layer, id_ in BY_NAME if id_.endswith("-values"))
def test_names_do_not_resolve(subject: Subject, layer: Layer, query: str) -> None:
    """A plan is encoded by name, and the receiver lacks one UDF. The error names that UDF."""
    with make_plan(subject, layer, get_query(query)) as plan:
        data = plans(subject).to_bytes(plan, strict_session(subject))
    udfs = make_functions(subject, get_query(query))
    for missing in udfs:
        for mode in ("strict", "inlining"):
            session = receiver(subject, mode)
            for udf, function in udfs.items():
                if udf is not missing:
                    subject.register(session, function)
            decode = partial(plans(subject).from_bytes, layer, session, data)
            assert_unresolved(decode, missing.name, f"without {missing.name}")


@clause("PLAN-21")
@each_layer
@each_family
def test_namesake_does_not_answer(subject: Subject, family: Family, layer: Layer) -> None:
    """The receiver has another UDF of the same name. The plan runs the inline one."""
    query, session = SAMPLES[family], subject.session()
    subject.register(session, function_of(subject, times(family, 1000, query.udfs[0].name)))
    assert_decodes_to_result(subject, layer, query, encode_plan(subject, layer, query), session)


@clause("PLAN-31")
@each_layer
@each_family
def test_older_names(subject: Subject, family: Family, layer: Layer) -> None:
    """to_proto and from_proto are called.

    They work like to_bytes and from_bytes and emit deprecation warnings.
    """
    session, part = subject.session(), plans(subject)
    with make_plan(subject, layer, SAMPLES[family]) as plan:
        expected = part.to_bytes(plan)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            data = part.to_proto(plan)
            again = part.from_proto(layer, session, data)
    assert_same_bytes(data, expected, "to_proto")
    assert_plan_result(subject, SAMPLES[family], again, session)
    seen = [warning for warning in caught if issubclass(warning.category, DeprecationWarning)]
    assert_equal(len(seen), 2, "the number of deprecation warnings")
