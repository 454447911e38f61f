"""The steps of action.yml, run as shell in an empty folder: green, red, and what is installed.

Each shell step runs as GitHub runs `shell: bash`, with the expressions of the action replaced.
"""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from conformance.util.versions import minor_version
from tests.conftest import ROOT
from tests.examples.node import EXAMPLES, node

ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]
ENGINE = "datafusion==55.0.0"
CHAPTER = "TOGGLE"

FAULTY = '''
"""An engine whose strict sessions inline all the same."""

from conformance.subjects.engine import Engine


class Faulty(Engine):
    def with_inlining(self, session, enabled):
        return session
'''

KNOWN = """
[[divergence]]
id = "of-old"
clause = "TOGGLE-04"
cases = ["toggle/original_is_unchanged[*]"]
engines = ">=54"
kind = "no-error"
reason = "It was so in an engine that nobody has any more."
introduced_by = "https://example.org"
"""


@dataclass
class Ended:
    """A use of the action: its exit code, output, outputs and summary."""

    code: int
    output: str
    outputs: Mapping[str, str]
    summary: str

    @property
    def results(self) -> Path:
        return Path(self.outputs["results"])

    def badge(self) -> dict[str, Any]:
        badge: dict[str, Any] = json.loads((self.results / "badge.json").read_text())
        return badge


class Runner:
    """A runner of GitHub's, as far as the action's shell steps see it."""

    def __init__(self, folder: Path) -> None:
        self.workspace = folder / "workspace"
        self.temp = folder / "temp"
        self.uses = 0
        for each in (self.workspace, self.temp):
            each.mkdir()

    def use(self, given: Mapping[str, str], python: Path | None = None) -> Ended:
        """Use the action with these inputs; end with the first step that fails."""
        assert given.keys() <= ACTION["inputs"].keys()
        values = {f"inputs.{name}": one["default"] for name, one in ACTION["inputs"].items()}
        values |= {f"inputs.{name}": value for name, value in given.items()}
        values |= {"github.action_path": str(ROOT), "runner.temp": str(self.temp)}
        self.uses += 1
        summary, outputs = (self.temp / f"{name}-{self.uses}" for name in ("summary", "outputs"))
        summary.touch()
        output, code = "", 0
        found: dict[str, str] = {}
        for step in STEPS:
            if "run" not in step:
                continue
            outputs.write_text("")
            script = self.temp / "step.sh"
            script.write_text(step["run"])
            done = subprocess.run(
                ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],
                cwd=self.workspace,
                env={
                    **self._environment(python),
                    **{name: replaced(text, values) for name, text in step["env"].items()},
                    "GITHUB_OUTPUT": str(outputs),
                    "GITHUB_STEP_SUMMARY": str(summary),
                },
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
                timeout=240,
            )
            output, code = output + done.stdout, done.returncode
            written = dict(line.split("=", 1) for line in outputs.read_text().splitlines())
            found |= written
            values |= {f"steps.{step.get('id')}.outputs.{key}": one for key, one in written.items()}
            if code:
                break
        return Ended(code, output, found, summary.read_text())

    def _environment(self, python: Path | None) -> dict[str, str]:
        """The variables of a runner: nothing of the process that runs this test."""
        scripts = sysconfig.get_path("scripts")
        folders = [str(python.parent)] if python else []
        kept = (
            *("HOME", "LANG", "TMPDIR", "UV_CACHE_DIR", "UV_INDEX_URL", "UV_DEFAULT_INDEX"),
            *("UV_NATIVE_TLS", "PIP_INDEX_URL", "SSL_CERT_FILE", "HTTPS_PROXY", "HTTP_PROXY"),
        )
        return {
            **{name: os.environ[name] for name in kept if name in os.environ},
            "PATH": os.pathsep.join([*folders, scripts, os.environ["PATH"]]),
            # `-n auto` is one worker, which is enough for a chapter.
            "PYTEST_XDIST_AUTO_NUM_WORKERS": "1",
        }


def replaced(text: str, values: Mapping[str, str]) -> str:
    """Return a text of the action with its expressions replaced; each must have a value."""
    return re.sub(r"\$\{\{\s*([\w.-]+)\s*\}\}", lambda found: values[found[1]], text)


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Runner:
    return Runner(tmp_path_factory.mktemp("runner"))


@pytest.fixture(scope="module")
def green(runner: Runner) -> Ended:
    """The released wheel, downloaded, judged on one chapter in a workspace that has only it."""
    subprocess.run(
        [*uv("tool", "run", "pip", "download", "--quiet", "--no-deps"), "--dest", "dist", ENGINE],
        cwd=runner.workspace,
        check=True,
    )
    ended = runner.use({"engine": "dist/*.whl", "chapters": CHAPTER})
    assert ended.code == 0, ended.output
    shutil.copy(ended.results / "merged.json", runner.temp / "first.json")
    return ended


def uv(*arguments: str) -> Sequence[str]:
    return [str(Path(sysconfig.get_path("scripts"), "uv")), *arguments]


def test_a_released_wheel_is_green(green: Ended) -> None:
    assert green.outputs["code"] == "0"
    assert green.summary.startswith("**PASSED: 1 engine in 1 cell")
    assert "TOGGLE-01" in green.summary
    assert green.badge()["color"] in ("green", "brightgreen")
    (report,) = (green.results / "reports").iterdir()
    assert json.loads(report.read_text())["cell"]["engine"] == "55.0.0"


@pytest.fixture(scope="module")
def python(runner: Runner) -> Path:
    """A Python in which the engine is installed."""
    python = runner.temp / "own" / "bin" / "python"
    subprocess.run(uv("venv", "--quiet", "-p", sys.executable, str(python.parents[1])), check=True)
    install = uv("pip", "install", "--quiet", "-p", str(python), ENGINE, "cloudpickle")
    subprocess.run(install, check=True)
    return python


def test_a_faulty_subject_is_red_and_worse(runner: Runner, green: Ended, python: Path) -> None:
    """Judge what is installed in the Python on PATH, with a subject of the workspace."""
    assert green.outputs["code"] == "0"
    runner.workspace.joinpath("faulty.py").write_text(FAULTY)
    red = runner.use(
        {
            "subject": "faulty:Faulty",
            "chapters": CHAPTER,
            "divergences": "engines",
            "since": str(runner.temp / "first.json"),
        },
        python,
    )
    assert red.code == 1, red.output
    assert red.outputs["code"] == "1"
    assert red.summary.startswith("**FAILED: 1 engine in 1 cell")
    assert "### Failures" in red.summary
    assert "**WORSE: " in red.summary.partition("## Since ")[2]
    assert red.badge()["color"] == "red"
    assert (red.results / "merged.json").exists()


def test_a_fixed_divergence_is_listed_and_green(runner: Runner, python: Path) -> None:
    runner.workspace.joinpath("known.toml").write_text(KNOWN)
    ended = runner.use(
        {"chapters": CHAPTER, "divergences": "engines\nknown.toml\n", "allow-fixed": "true"},
        python,
    )
    assert ended.code == 0, ended.output
    assert "1 known divergence FIXED (of-old)" in ended.summary


def test_a_program_is_judged_without_an_engine(tmp_path: Path) -> None:
    """On a Python that is named, beside a package of its own."""
    runner = Runner(tmp_path)
    shutil.copytree(EXAMPLES / "node-codec", runner.workspace / "codec")
    here = minor_version(platform.python_version())
    # The action's first step puts the named Pythons on PATH; an environment's own is not one.
    installed_by_setup = Path(sys.base_prefix) / "bin" / "python3"
    ended = runner.use(
        {
            "subject-command": f"{node()} codec/codec.mjs",
            "pythons": f"{here}\n",
            "requirements": "colorama==0.4.6\n",
            "chapters": "CODEC\nSTRICT",
            "profile": "wire",
        },
        installed_by_setup,
    )
    assert ended.code == 0, ended.output
    report = json.loads((ended.results / "reports" / f"candidate-{here}.json").read_text())
    assert (report["subject"], report["profile"]) == ("node-codec", "wire")
    python = ended.results.parent / f"venv-{here}" / "bin" / "python"
    installed = subprocess.run(
        uv("pip", "list", "--quiet", "--format=json", "-p", str(python)),
        capture_output=True,
        check=True,
    )
    names = {one["name"] for one in json.loads(installed.stdout)}
    assert "colorama" in names
    assert "datafusion" not in names


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({"engine": "none/*.whl"}, "engine: expected a wheel, found no file none/*.whl"),
        ({"pythons": "3.11"}, "pythons: expected an engine or a subject-command, too"),
    ],
)
def test_wrong_inputs_end_before_anything_is_installed(
    tmp_path: Path, inputs: dict[str, str], message: str
) -> None:
    ended = Runner(tmp_path).use(inputs)
    assert ended.code == 2
    assert message in ended.output
    assert not ended.outputs


def test_two_wheels_are_one_too_many(tmp_path: Path) -> None:
    runner = Runner(tmp_path)
    for name in ("a.whl", "b.whl"):
        runner.workspace.joinpath(name).touch()
    ended = runner.use({"engine": "*.whl"})
    assert ended.code == 2
    assert "engine: expected one wheel, found a.whl b.whl" in ended.output


def test_scripts_have_no_expressions_and_each_input_is_used() -> None:
    """An expression in a script would let an input run code."""
    scripts = [step["run"] for step in STEPS if "run" in step]
    assert scripts
    assert not [script for script in scripts if "${{" in script]
    text = (ROOT / "action.yml").read_text(encoding="utf-8")
    assert not [name for name in ACTION["inputs"] if f"inputs.{name} " not in text]


def test_other_actions_are_pinned_and_the_same_as_in_the_workflows() -> None:
    workflow = (ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8")
    used = [step["uses"] for step in STEPS if "uses" in step]
    assert used
    for one in used:
        assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", one)
        assert one in workflow


@pytest.mark.parametrize("guide", ["maintainers", "implementers"])
def test_the_example_of_a_guide_uses_what_is_there(guide: str) -> None:
    text = (ROOT / "docs" / f"{guide}.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```yaml\n(name: .*?)```", text, re.DOTALL)
    steps = yaml.safe_load(example)["jobs"]["conformance"]["steps"]
    (ours,) = (step for step in steps if step.get("uses", "").startswith("OWNER/"))
    assert ours["with"].keys() <= ACTION["inputs"].keys()
    workflow = (ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8")
    assert all(step["uses"] in workflow for step in steps if "uses" in step and step != ours)
