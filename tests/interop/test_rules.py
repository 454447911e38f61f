"""The expected results of bytes between two peers, and how results are summarized."""

from __future__ import annotations

import json
import pickle
import platform
from importlib import metadata
from pathlib import Path

import pyarrow as pa
import pytest
from click.testing import CliRunner

from conformance.cli import main
from conformance.inspection import inspect
from conformance.interop.answer import answer
from conformance.interop.blob import who_reads
from conformance.interop.grid import Grid, GridError, PairResult, Reading
from conformance.interop.peer_spec import PeerSpecError, parse_peer
from conformance.interop.rules import MODES, Mode, rule
from conformance.interop.show import markdown
from conformance.interop.summary import (
    cross_python_summary,
    groups,
    partial_results,
    surprises,
    tables,
)
from conformance.spec import CLAUSES
from conformance.wire import Family, Frame

SCHEMA = pa.schema([pa.field("a", pa.int64())]).serialize().to_pybytes()
MEMBERS = ("u", len, SCHEMA, SCHEMA, "immutable")
INLINE: Mode = ("inline", "expression")
BY_NAME: Mode = ("by name", "expression")
CHAIN: Mode = ("chain", "logical")
PLAN: Mode = ("inline", "physical")


def versions(engine: str, cloudpickle: str = "3.1.2", python: str = "3.12.1") -> dict[str, str]:
    return {"engine": engine, "cloudpickle": cloudpickle, "python": python, "pyarrow": "25.0.1"}


NEW, OLD = versions("55.0.0"), versions("54.0.0")
TEN = versions("55.0.0", python="3.10.13")
TWO = versions("55.0.0", "2.2.1")


@pytest.mark.parametrize(
    ("sender", "receiver", "mode", "clause", "outcomes"),
    [
        (NEW, NEW, INLINE, "GOLDEN-01", {"works"}),
        (NEW, OLD, INLINE, "GOLDEN-01", {"works"}),
        (NEW, TEN, INLINE, "GOLDEN-02", {"refused"}),
        (NEW, TEN, BY_NAME, "BYNAME-02", {"works"}),
        (OLD, NEW, PLAN, "GOLDENPLAN-01", {"works"}),
        (NEW, OLD, PLAN, "GOLDENPLAN-02", {"works", "refused"}),
        (NEW, TEN, PLAN, "GOLDENPLAN-04", {"refused"}),
        (NEW, OLD, CHAIN, "GOLDENCHAIN-03", {"refused"}),
        (NEW, NEW, CHAIN, "GOLDENCHAIN-01", {"works"}),
        (NEW, TEN, CHAIN, "GOLDENCHAIN-04", {"refused"}),
    ],
)
def test_rules(
    sender: dict[str, str],
    receiver: dict[str, str],
    mode: Mode,
    clause: str,
    outcomes: set[str],
) -> None:
    must = rule(sender, receiver, mode)
    assert must.clause == clause
    assert set(must.outcomes) == outcomes
    assert bool(must.reason) == (outcomes != {"works"})


def test_every_rule_names_a_clause() -> None:
    peers = [NEW, OLD, TEN, TWO, versions("54.0.0", "2.0.0")]
    named = {rule(a, b, mode).clause for a in peers for b in peers for mode in MODES}
    assert named <= CLAUSES.keys()


def test_a_development_version_counts_as_its_release() -> None:
    assert rule(versions("55.0.0.dev1"), NEW, PLAN).clause == "GOLDENPLAN-01"


REFUSAL = Reading("x", "error", "Exception: was of Python 3.12 and this is Python 3.10.")
CLOUDPICKLE = "Can't get attribute '_class_setstate' on <module 'cloudpickle.cloudpickle'"


@pytest.mark.parametrize(
    ("sender", "receiver", "one", "mark", "known"),
    [
        (NEW, NEW, Reading("x", "works"), "yes", []),
        (NEW, TEN, REFUSAL, "no", []),
        (NEW, TEN, Reading("x", "error", "Exception: no"), "WRONG", []),
        (NEW, TEN, Reading("x", "works"), "WRONG", []),
        (NEW, TEN, Reading("x", "bug", REFUSAL.text), "WRONG", []),
        (NEW, NEW, Reading("x", "wrong result", "7"), "WRONG", []),
        (NEW, NEW, Reading("x", "crash", "died"), "WRONG", []),
        (NEW, NEW, Reading("x", "hang", "no answer"), "WRONG", []),
        (NEW, TWO, Reading("x", "error", CLOUDPICKLE), "no", ["newer-cloudpickle-not-read"]),
        (NEW, TWO, Reading("x", "error", "Exception: no"), "WRONG", []),
        (TWO, NEW, Reading("x", "error", CLOUDPICKLE), "WRONG", []),
    ],
)
def test_marks(
    sender: dict[str, str], receiver: dict[str, str], one: Reading, mark: str, known: list[str]
) -> None:
    result = PairResult.of(rule(sender, receiver, INLINE), receiver, [one])
    assert (result.status, result.known) == (mark, known)


def grid(**peers: dict[str, str]) -> Grid:
    """A grid in which everything is as the rules say."""
    made = Grid("test", {**peers})
    for sender in peers:
        for receiver in peers:
            must = rule(peers[sender], peers[receiver], INLINE)
            text = "".join(must.words) or CLOUDPICKLE
            works = must.outcomes == {"works"} and not must.reason
            one = Reading("x", "works") if works else Reading("x", "error", text)
            made.results[sender, receiver, INLINE] = PairResult.of(must, peers[receiver], [one])
    return made


def test_peers_that_are_alike_share_a_row() -> None:
    made = grid(a=NEW, b=OLD, c=TWO, d=TEN)
    assert [group.names for group in groups(made)] == [("d",), ("b", "a"), ("c",)]
    twelve = next(table for table in tables(made) if table.pythons == ("3.12",))
    assert twelve.rows == (("yes", "no"), ("yes", "yes"))
    assert list(cross_python_summary(made)) == ["Inline: expressions no"]
    assert made.ok


def test_peers_are_called_by_their_versions_or_their_names() -> None:
    made = grid(**{"55.0.0-py3.12": NEW, "candidate-py3.12": NEW, "mine": TEN})
    assert [group.title for group in groups(made)] == [
        "datafusion 55.0.0; cloudpickle 3.1.2 (mine)",
        "datafusion 55.0.0; cloudpickle 3.1.2 (and candidate)",
    ]


def test_what_fails_in_part_is_named() -> None:
    newer, mode = {**NEW, "engine": "56.0.0"}, MODES[2]
    read = [Reading("one", "works"), Reading("two", "error", "no")]
    result = PairResult.of(rule(newer, NEW, mode), NEW, read)
    made = Grid("test", {"a": newer, "b": NEW}, {}, {("a", "b", mode): result})
    assert (result.status, result.failing) == ("part", ["two"])
    assert list(partial_results(made)) == ["inline, physical plans: all items but two work"]
    sentence = answer([("here", made)], newer, NEW, mode).sentence
    assert sentence.startswith("In part: datafusion 56")
    assert ", physical plans inline: of the items tried, all but two work: " in sentence


def test_a_cloudpickle_that_does_not_serve_a_python() -> None:
    old = versions("55.0.0", "2.0.0")
    result = answer([], old, NEW, INLINE)
    assert (result.talks, result.remedy) == ("no", "use cloudpickle >=2.1.0 on the sender")
    assert result.reason == "cloudpickle 2.0.0 does not support Python 3.12"
    result = answer([], NEW, old, INLINE)
    assert (result.talks, result.remedy[:36]) == ("no", "use cloudpickle >=3 on the receiver,")
    assert result.reason == "cloudpickle 2.0.0 does not read what cloudpickle 3.1.2 writes"


@pytest.mark.parametrize("python", ["3.14", "3.15"])
def test_a_receiver_reads_with_a_cloudpickle_that_cannot_pickle_there(python: str) -> None:
    new = {**versions("55.0.0", "3.1.3", python), "pyarrow": "26.0.1"}
    for cloudpickle in ("3.0.0", "3.1.0", "3.1.1"):
        old = {**new, "cloudpickle": cloudpickle}
        assert answer([], new, old, INLINE).talks == "yes"
        assert answer([], old, new, INLINE).talks == "no"
        frame = Frame(Family.SCALAR, 1, (3, int(python[2:])), pickle.dumps(MEMBERS)).to_bytes()
        assert who_reads(inspect(frame), old).reads == "yes"


@pytest.mark.parametrize("version", ["2.1.0.dev0", "3.0.0.dev0", "3.2.0rc1", "4.0.0"])
def test_cloudpickles_that_are_not_judged(version: str) -> None:
    result = answer([], NEW, versions("55.0.0", version), INLINE)
    assert result.talks == "not judged"
    assert f"this suite has not judged cloudpickle {version}, only 2.0.0, " in result.sentence


@pytest.mark.parametrize(
    ("python", "version", "judged"),
    [
        ("3.12", "3.0.0", "16.0.0 to 26.0.1"),
        ("3.12", "15.0.0", "16.0.0 to 26.0.1"),
        ("3.12", "16.0.0", ""),
        ("3.12", "20.0.0", ""),
        ("3.12", "20.0.0.dev7", "16.0.0 to 26.0.1"),
        ("3.12", "26.0.1", ""),
        ("3.12", "99.0.0", "16.0.0 to 26.0.1"),
        ("3.13", "17.0.0", "18.0.0 to 26.0.1"),
        ("3.10", "26.0.1", "16.0.0 to 25.0.1"),
    ],
)
def test_pyarrows_that_are_not_judged(python: str, version: str, judged: str) -> None:
    """Judged is what the version table covers for the Python of the peer."""
    peer = {**versions("55.0.0", python=python), "pyarrow": version}
    good = {**peer, "pyarrow": "18.0.0"}
    for ends in ((peer, good), (good, peer)):
        result = answer([], *ends, INLINE)
        assert result.talks == ("not judged" if judged else "yes")
        why = f"has not judged pyarrow {version} on Python {python}, only {judged}."
        assert (why in result.sentence) == bool(judged)


def test_a_pyarrow_that_nobody_has_judged(tmp_path: Path) -> None:
    code, message = asked(tmp_path, f"{SENDER},pyarrow==3")
    assert code == 18
    assert message.startswith("Not judged: ")
    assert "this suite has not judged pyarrow 3.0.0 on Python 3.12" in message


def test_nothing_is_excused_between_peers_that_must_talk() -> None:
    result = PairResult.of(rule(TWO, TWO, INLINE), TWO, [Reading("x", "error", CLOUDPICKLE)])
    assert (result.status, result.known) == ("WRONG", [])


def test_who_should_write_and_does_not() -> None:
    nothing = [Reading("x", "nothing to read", "nothing was written")]
    assert PairResult.of(rule(NEW, NEW, CHAIN), NEW, nothing).status == "WRONG"
    assert PairResult.of(rule(OLD, NEW, CHAIN), NEW, nothing).status == "-"


def test_a_candidate_does_not_speak_for_a_release() -> None:
    made = grid(**{"55.0.0-py3.12": NEW, "candidate-py3.12": NEW})
    wrong = PairResult.of(rule(NEW, NEW, INLINE), NEW, [Reading("x", "wrong result", "7 is not 6")])
    made.results["candidate-py3.12", "candidate-py3.12", INLINE] = wrong
    result = answer([("here", made)], NEW, NEW, INLINE)
    assert (result.talks, result.measured, result.grid) == ("yes", 1, "here")


def test_wrong_results_come_before_reasons() -> None:
    made = grid(a=NEW, b=TEN)
    crash = PairResult.of(rule(NEW, TEN, INLINE), TEN, [Reading("x", "crash", "died of SIGSEGV")])
    made.results["a", "b", INLINE] = crash
    result = answer([("here", made)], NEW, TEN, INLINE)
    assert (result.talks, result.remedy) == ("no", "")
    assert result.reason == "the outcome contradicts the clauses: x: crash: died of SIGSEGV"


def test_an_unexplained_result_is_reported_once() -> None:
    made = grid(a=NEW, b=OLD)
    for receiver in ("a", "b"):
        one = Reading("case", "wrong result", "7 is not 6")
        must = rule(NEW, made.peers[receiver], INLINE)
        made.results["a", receiver, INLINE] = PairResult.of(must, made.peers[receiver], [one])
    assert list(surprises(made)) == [
        "inline, expression: wrong result: 7 is not 6 (case from a to a, and 1 more)"
    ]
    assert not made.ok
    assert markdown(made).endswith("2 peers, 4 pairs, 4 items: some outcomes are not expected.\n")


def test_a_peer_that_did_not_take_part_is_no_outcome() -> None:
    made = grid(a=NEW)
    made.absent["b"] = "it crashed"
    assert not made.ok
    assert markdown(made).endswith(
        "- ABSENT: b: it crashed\n- 1 peers, 1 pairs, 1 items: every outcome is expected or a "
        "known divergence; peers that did not take part: 1.\n"
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no such file"),
        ("{", "not a complete grid"),
        ("[" * 100_000, "not a complete grid"),
        ('{"schema": 1}', "not a grid of schema 2"),
        (
            '{"grid": 2, "suite": "", "peers": {}, "absent": {}, "groups": [], "squares": []}',
            "not a complete grid",
        ),
        ('{"grid": 2}', "a field is missing or wrong: 'suite'"),
    ],
)
def test_grids_that_are_wrong(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "grid.json"
    if text:
        path.write_text(text)
    with pytest.raises(GridError, match=says):
        Grid.read(path)


SENDER = "datafusion==55.0.0,cloudpickle==3.1.2,python==3.12"


def asked(tmp_path: Path, receiver: str, *options: str) -> tuple[int, str]:
    grid(a=NEW, b=TWO, c=TEN).write(tmp_path / "grid.json")
    given = ["--sender", SENDER, "--receiver", receiver, "--grid", str(tmp_path / "grid.json")]
    result = CliRunner().invoke(main, ["can-talk", *given, *options])
    return result.exit_code, result.output


def test_can_talk(tmp_path: Path) -> None:
    where = tmp_path / "grid.json"
    assert asked(tmp_path, SENDER) == (
        0,
        "Yes: datafusion 55.0.0, cloudpickle 3.1.2, python 3.12 to datafusion 55.0.0, "
        f"cloudpickle 3.1.2, python 3.12, expressions inline (measured in 1 pair, {where}).\n",
    )


def test_cannot_talk(tmp_path: Path) -> None:
    code, message = asked(tmp_path, SENDER.replace("3.1.2", "2.2.1"))
    assert code == 1
    assert "cloudpickle 2.2.1 does not read what cloudpickle 3.1.2 writes; use" in message
    code, message = asked(tmp_path, SENDER.replace("3.12", "3.10"))
    assert code == 1
    assert "inline UDFs of Python 3.12 do not run on Python 3.10; run the same" in message


def test_versions_that_were_not_measured() -> None:
    assert answer([], NEW, NEW, INLINE).talks == "yes"
    assert "by the clauses; no such pair was measured" in answer([], NEW, NEW, INLINE).sentence


def test_an_engine_that_nobody_has_judged(tmp_path: Path) -> None:
    code, message = asked(tmp_path, SENDER.replace("55.0.0", "99.0.0"), "--json")
    assert code == 18
    assert json.loads(message)["talks"] == "not judged"
    assert "has not judged datafusion 99.0.0, only 54.0.0, 54.1.0, 55.0.0" in message


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("3.13t", "free-threaded Python is not judged"),
        ("pypy3.11", "only CPython is judged"),
        ("3", "Python 3 is not covered; covered are 3.10, 3.11"),
        ("2.7", "Python 2.7 is not covered"),
    ],
)
def test_other_pythons(tmp_path: Path, text: str, says: str) -> None:
    code, message = asked(tmp_path, f"datafusion==55.0.0,cloudpickle==3.1.2,python=={text}")
    assert (code, says in message) == (18, True), message


def test_a_short_version_is_filled_up() -> None:
    peer = parse_peer("datafusion==55,cloudpickle==3.1,python==3.12")
    assert (peer["engine"], peer["cloudpickle"], peer["python"]) == ("55.0.0", "3.1.0", "3.12")


def test_a_list_of_requirements(tmp_path: Path) -> None:
    file = tmp_path / "requirements.txt"
    file.write_text(
        "numpy==2.1.0\ncloudpickle==3.1.2 \\\n    --hash=sha256:0\nDataFusion==55.0.0\n"
    )
    peer = parse_peer("python==3.12", file)
    assert peer == {"engine": "55.0.0", "cloudpickle": "3.1.2", "python": "3.12"}
    assert parse_peer("datafusion==54.0.0,python==3.12", file)["engine"] == "54.0.0"
    with pytest.raises(PeerSpecError, match=r"missing\.txt: No such file"):
        parse_peer("python==3.12", tmp_path / "missing.txt")


def test_what_is_installed_here() -> None:
    found = parse_peer("here")
    assert found["python"] == platform.python_version()
    assert found["pyarrow"] == metadata.version("pyarrow")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("datafusion", "expected NAME==VERSION"),
        ("datafusion==55.0.0", "the version of cloudpickle is missing"),
        ("numpy==2.0", "with NAME one of datafusion"),
        ("datafusion>=55.0.0", "expected NAME==VERSION, with NAME one of"),
        ("datafusion==new", "expected NAME==VERSION"),
        ("datafusion==54.0.0,datafusion==55.0.0", "duplicate version of datafusion"),
        ("datafusion[x]==55.0.0", "expected NAME==VERSION"),
    ],
)
def test_peers_that_are_none(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(PeerSpecError, match=says):
        parse_peer(text)
    code, _ = asked(tmp_path, text)
    assert code == 2


def test_an_answer_without_a_grid() -> None:
    assert answer([], NEW, TEN, INLINE).talks == "no"
    assert answer([], NEW, TEN, BY_NAME).talks == "yes"


def test_what_an_engine_does_not_have() -> None:
    before = {**NEW, "engine": "53.0.0"}
    for ends in ((NEW, before), (before, NEW)):
        for mode in MODES:
            if mode[0] == "by name":
                with pytest.raises(
                    PeerSpecError, match="has no frames: the form by name is not covered"
                ):
                    answer([], *ends, mode)
                continue
            result = answer([], *ends, mode)
            assert result.talks == "no"
            assert result.reason == "datafusion 53.0.0 has no frames for Python UDFs"
    result = answer([], OLD, NEW, ("chain", "expression"))
    assert result.talks == "no"
    assert result.reason == "datafusion 54.0.0 has no extension codecs with ids"


def test_expressions_of_a_newer_engine_have_a_condition() -> None:
    needs = "expressions that use nothing but what datafusion 54.0.0 has"
    found = answer([], NEW, OLD, INLINE)
    assert (found.talks, found.needs) == ("yes", needs)
    assert found.sentence.endswith(f"no such pair was measured), given {needs}.")
    assert [answer([], *ends, INLINE).needs for ends in ((NEW, NEW), (OLD, NEW))] == ["", ""]
    assert answer([], NEW, OLD, BY_NAME).needs == needs
    assert answer([], NEW, TEN, INLINE).needs == ""
