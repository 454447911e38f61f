"""One sentence for each reason why a node does not read a shipment, or is not known to."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.preflight.verdicts import Verdict, judge
from conformance.subjects.losses import ANNOTATIONS

SHIPMENT: dict[str, Any] = {
    "label": "m:f",
    "kind": "expression",
    "inline udfs": 1,
    "envelopes": 0,
    "sender": {"engine": "55.0.0", "cloudpickle": "3.1.2"},
    "pythons": ["3.12"],
    "main": [],
    "lost": {},
    "session": "",
}
ANSWER: dict[str, Any] = {
    "label": "m:f",
    "outcome": "decoded",
    "error": "",
    "python": "3.12.1",
    "unpickled": 1,
    "lacks": [],
    "late": {},
    "importers": {},
    "optional": [],
    "unimported": {},
    "of_main": [],
    "named": [],
    "modules": {},
    "main": {},
    "stale": [],
}
NODE = {
    "node": "n",
    "host": "h",
    "error": "",
    "datafusion": "54.0.0",
    "cloudpickle": "2.2.1",
}
EDITION: dict[str, Any] = {
    "file": "/here/features.py",
    "sha256": "aa",
    "distribution": "",
    "version": "",
    "installed": False,
    "direct": True,
}
LIBRARY = {**EDITION, "distribution": "lib", "version": "1.0", "installed": True}


def judged(
    own: dict[str, Any] | None = None, sent: dict[str, Any] | None = None, **answer: Any
) -> tuple[Verdict, str]:
    """The judgement of a node that answers so."""
    report = {**NODE, "answers": [{**ANSWER, **answer}]}
    found = judge({**SHIPMENT, **(sent or {})}, report, own or {})
    return found.verdict, found.why


def test_a_node_that_decodes_it_and_has_the_same_modules_reads_it() -> None:
    modules = {"features": EDITION, "lib": LIBRARY}
    assert judged(modules, modules=modules) == (Verdict.READS, "")


@pytest.mark.parametrize(
    ("sent", "answer", "message"),
    [
        (
            {},
            {"python": "3.11.2"},
            "runs Python 3.11, and the bytes hold UDFs inline of Python 3.12",
        ),
        ({}, {"lacks": ["a", "b"]}, "no modules a, b, which the bytes import: install it there"),
        ({"main": ["g"]}, {}, "refer to __main__.g, which the node does not have: move it into"),
        (
            {"main": ["g"]},
            {"main": {"g": "/worker.py"}},
            "on the node this name is another thing, of /worker.py: move it into a module",
        ),
        (
            {},
            {
                "outcome": "refused",
                "error": 'No("LogicalExtensionCodec is not provided for scalar function f")',
            },
            "scalar UDF f travels by name, and a new session there lacks it: name the session",
        ),
        (
            {"session": "m:s"},
            {
                "outcome": "refused",
                "error": "PhysicalExtensionCodec is not provided for window function f",
            },
            "window UDF f travels by name, and m:s lacks it: register it in that session",
        ),
        ({}, {"outcome": "refused", "error": "RuntimeError: odd"}, "RuntimeError: odd"),
        (
            {},
            {"of_main": ["", "g"]},
            "takes __main__.g of the driver's script when it runs, which the node does not have: ",
        ),
        (
            {},
            {"of_main": ["g"], "main": {"g": "/worker.py"}},
            "when it runs, another thing of /worker.py on the node: move it into a module",
        ),
    ],
)
def test_a_node_that_does_not_read_it(
    sent: dict[str, Any], answer: dict[str, Any], message: str
) -> None:
    verdict, why = judged(sent=sent, **answer)
    assert verdict is Verdict.REFUSES
    assert message in why


NO_SETSTATE = (
    "AttributeError: Can't get attribute '_class_setstate' on <module 'cloudpickle.cloudpickle' "
    "from '/x/cloudpickle.py'>"
)
LACKS = "cloudpickle 2.2.1 on the node lacks {}, which the bytes call, so that a newer "
BY_NAME = "or send by name and register the functions there"
NO_EXPRESSION = "RuntimeError: Unable to decode expr: Missing required field expr_type"
NO_PLAN = "Internal error: Unsupported logical plan 'LogicalPlanNode { logical_plan_type: None }'"


@pytest.mark.parametrize(
    ("sent", "error", "why"),
    [
        (
            {},
            NO_SETSTATE,
            f"{LACKS.format('_class_setstate')}cloudpickle wrote them: use cloudpickle >=3.0 "
            f"there, {BY_NAME}",
        ),
        (
            {"sender": {}},
            "AttributeError: module 'cloudpickle.cloudpickle' has no attribute '_new'",
            f"{LACKS.format('_new')}cloudpickle wrote them: use the sender's cloudpickle there, "
            + BY_NAME,
        ),
        (
            {},
            NO_SETSTATE.replace("_class_setstate", "_make_function"),
            f"{LACKS.format('_make_function')}cloudpickle wrote them: use cloudpickle 3.1.2 "
            f"there, {BY_NAME}",
        ),
        (
            {},
            NO_EXPRESSION,
            "datafusion 54.0.0 on the node is older than this driver's 55.0.0 and knows nothing of "
            "a part of the bytes (Missing required field expr_type): use datafusion 55.0.0 there, "
            "or send what 54.0.0 has",
        ),
        (
            {"sender": {}, "kind": "pickle"},
            NO_EXPRESSION,
            "datafusion 54.0.0 on the node knows nothing of a part of the bytes "
            "(Missing required field expr_type): if a newer engine wrote it, use that one there",
        ),
        (
            {"sender": {}},
            NO_PLAN,
            "datafusion 54.0.0 on the node knows nothing of a part of the bytes "
            "(logical_plan_type: None): if a newer engine wrote it, use that one there; if not, "
            "check the KIND of --bytes",
        ),
        (
            {"sender": {"engine": "54.0.0", "cloudpickle": "2.2.1"}},
            NO_EXPRESSION,
            f"datafusion 54.0.0 on the node cannot decode it (expression): {NO_EXPRESSION}; the "
            "node has lib 1.0, this driver 2.0, and the bytes need its module lib: install one "
            "version",
        ),
        (
            {"envelopes": 1},
            "LogicalExtensionCodec is not provided for scalar function f",
            "datafusion 54.0.0 on the node has no extension codecs with ids, and the bytes hold "
            "envelopes of these: use datafusion 55.0.0 there, or send without a codec",
        ),
        (
            {},
            "RuntimeError: odd",
            "datafusion 54.0.0 on the node cannot decode it (expression): RuntimeError: odd; the "
            "node has lib 1.0, this driver 2.0, and the bytes need its module lib: install one "
            "version",
        ),
    ],
)
def test_the_error_of_another_version_has_a_reason_and_a_remedy(
    sent: dict[str, Any], error: str, why: str
) -> None:
    own = {"lib": {**LIBRARY, "version": "2.0"}}
    answer: dict[str, Any] = {"outcome": "refused", "error": error, "modules": {"lib": LIBRARY}}
    assert judged(own, sent, **answer) == (Verdict.REFUSES, why)


def test_a_module_that_a_function_imports_when_it_runs() -> None:
    late: dict[str, Any] = {"late": {"features": False}}
    verdict, why = judged({"features": EDITION}, **late)
    assert verdict is Verdict.REFUSES
    assert "no module features, which a function imports when it runs: install it" in why
    # One that this driver lacks, too, makes no difference between the two.
    assert judged({}, **late)[0] is Verdict.READS


def test_a_module_that_code_of_another_module_imports() -> None:
    late: dict[str, Any] = {"late": {"lazy": False}, "importers": {"lazy": "features"}}
    verdict, why = judged({"lazy": EDITION}, **late)
    assert verdict is Verdict.REFUSES
    assert "no module lazy, which code of module features imports when it runs" in why
    verdict, why = judged({"lazy": EDITION}, **late, optional=["lazy"])
    assert verdict is Verdict.DIFFERS
    assert "no module lazy, which code of module features imports where it can" in why


def test_a_shipment_that_a_node_had_no_time_for() -> None:
    verdict, why = judged(outcome="not tried", error="60 s")
    assert verdict is Verdict.UNJUDGED
    assert why == (
        "the node's 60 s went to what was sent before it: send less at once, or give a larger "
        "--deadline"
    )


def test_a_submodule_that_nothing_imports() -> None:
    verdict, why = judged(unimported={"features.part": []})
    assert verdict is Verdict.REFUSES
    assert "a function takes features.part as an attribute of its package, and neither" in why
    verdict, why = judged(unimported={"features.part": ["library"]})
    assert verdict is Verdict.UNJUDGED
    assert "nobody knows whether module library imports it: import it inside" in why


@pytest.mark.parametrize(
    ("python", "there", "verdict", "message"),
    [
        (True, "python", Verdict.READS, ""),
        (True, "other", Verdict.DIFFERS, "a function of this name that is no Python UDF, such as"),
        (True, "unknown", Verdict.UNJUDGED, "does not show which function has this name there"),
        (True, "none", Verdict.UNJUDGED, "does not show which function has this name there"),
        (False, "other", Verdict.READS, ""),
        (False, "unknown", Verdict.READS, ""),
        (False, "python", Verdict.DIFFERS, "a new session there has a Python UDF of this name"),
        (None, "python", Verdict.READS, ""),
        (None, "other", Verdict.READS, "it calls scalar abs by name, and the node takes its built"),
    ],
)
def test_the_function_that_has_a_name_there(
    python: bool | None, there: str, verdict: Verdict, message: str
) -> None:
    one = {"kind": "scalar", "name": "abs", "python": python, "there": there}
    found = judged(named=[one], unpickled=1)
    assert found[0] is verdict
    assert (message in found[1]) if message else not found[1]


def test_an_error_beside_another_edition_names_both() -> None:
    there = {**EDITION, "sha256": "bb"}
    answer: dict[str, Any] = {"outcome": "refused", "error": "AttributeError: f"}
    answer["modules"] = {"features": there}
    verdict, why = judged({"features": EDITION}, **answer)
    assert verdict is Verdict.REFUSES
    assert why.startswith(
        "datafusion 54.0.0 on the node cannot decode it (expression): AttributeError: f; "
        "module features on the node"
    )


@pytest.mark.parametrize(
    ("here", "there", "message"),
    [
        (EDITION, {"sha256": "bb", "file": "/x.py"}, "features on the node (/x.py) has another"),
        (EDITION, {"sha256": "bb", "direct": False}, "has another source"),
        (LIBRARY, {"version": "1.1"}, "the node has lib 1.1, this driver 1.0"),
        (LIBRARY, {"version": "1.1", "direct": False}, "the node has lib 1.1, this driver 1.0"),
        (LIBRARY, {"version": ""}, "the node has lib from elsewhere, this driver 1.0"),
        (LIBRARY, {"sha256": "bb"}, "has another source"),
    ],
)
def test_another_edition(here: dict[str, Any], there: dict[str, Any], message: str) -> None:
    verdict, why = judged({"features": here}, modules={"features": {**here, **there}})
    assert verdict is Verdict.DIFFERS
    assert message in why


def test_what_a_library_of_one_version_imports_may_differ_by_platform() -> None:
    there = {**LIBRARY, "sha256": "bb", "direct": False}
    assert judged({"lib": LIBRARY}, modules={"lib": there})[0] is Verdict.READS


def test_a_module_that_the_worker_loaded_before_its_file_changed() -> None:
    verdict, why = judged({"features": EDITION}, modules={"features": EDITION}, stale=["features"])
    assert verdict is Verdict.DIFFERS
    assert "restart the worker" in why


@pytest.mark.parametrize(
    ("own", "answer", "message"),
    [
        ({}, {"modules": {"features": EDITION}}, "this driver has no module features to compare"),
        (
            {"features": {**EDITION, "sha256": ""}},
            {"modules": {"features": {**EDITION, "sha256": ""}}},
            "neither a version nor a source file",
        ),
        (
            {},
            {"modules": {"lazy": {**EDITION, "direct": False}}, "late": {"lazy": True}},
            "no module",
        ),
        ({}, {"unpickled": 0}, "as expression, but reaches none of its UDFs"),
        ({}, {"outcome": "lost", "error": "died of SIGKILL"}, "without an answer: died of SIGKILL"),
        ({}, {"outcome": "no session", "error": "ImportError: x"}, "cannot open the session"),
        ({}, {"label": "another"}, "the node sent no answer"),
    ],
)
def test_a_node_that_is_not_judged(
    own: dict[str, Any], answer: dict[str, Any], message: str
) -> None:
    verdict, why = judged(own, **answer)
    assert verdict is Verdict.UNJUDGED
    assert message in why


def test_a_node_without_an_engine_does_not_read_and_one_that_is_lost_is_not_judged() -> None:
    old = {"node": "n", "host": "h", "error": "datafusion 53.0.0 has no Python UDF frames"}
    assert judge(SHIPMENT, old, {}).verdict is Verdict.REFUSES
    for lost in ({**old, "lost": True}, {"node": "n", "error": "gone"}):
        assert judge(SHIPMENT, lost, {}).verdict is Verdict.UNJUDGED


def test_what_the_pickle_does_not_keep_is_not_judged() -> None:
    sent = {"lost": {"Level": "its aliases are lost"}}
    assert judged(sent=sent) == (
        Verdict.UNJUDGED,
        "the node decodes it, but cloudpickle does not keep all of Level: its aliases are lost, "
        "and code that needs this fails or gives another result; move it into a module that is "
        "installed on every node",
    )
    lacking, why = judged(sent=sent, lacks=["features"])
    assert (lacking, "Level" in why) == (Verdict.REFUSES, False)


def test_classes_without_annotations_are_read() -> None:
    assert judged(sent={"lost": {"Point": ANNOTATIONS}}) == (
        Verdict.READS,
        "Point has no annotations there; if code asks for them, move it into a module that is "
        "installed on every node",
    )
