"""The page of a run, which does not change the verdict."""

from __future__ import annotations

from typing import Any

import pytest
from nox.command import CommandFailed

from tasks.cells.page import leave_page
from tests.tasks.cells.test_verdict import Session


class WithoutJinja(Session):
    def run(self, *command: str, **options: Any) -> str:
        super().run(*command, **options)
        raise CommandFailed(return_code=16)


def test_the_page_is_beside_the_reports(capsys: pytest.CaptureFixture[str]) -> None:
    session: Any = Session(0)
    leave_page(session, ["reports", "--tag=gate"], "--no-reproduce")
    (command,) = session.commands
    assert command[3:8] == ("report", "html", "reports", "--tag=gate", "--no-reproduce")
    assert capsys.readouterr().out == (
        "The page of this run: .nox/reports/page.html; open it in a browser\n"
    )


def test_a_page_that_cannot_be_made_is_a_warning(capsys: pytest.CaptureFixture[str]) -> None:
    session: Any = WithoutJinja(0)
    leave_page(session, ["reports"])
    assert session.warnings == [
        "The page could not be made, see above; the verdict does not depend on it."
    ]
    assert capsys.readouterr().out == ""
