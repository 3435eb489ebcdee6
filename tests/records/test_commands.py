"""The commands that release, close, verify and replay."""

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.cli import ScriptInfo

from portal.records import commands
from tests.conftest import set_clock
from tests.records.cast import PERIOD
from tests.records.test_closing import CLOSED
from tests.records.test_decisions import Story


def test_commands_release_close_verify_and_replay(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = Story()
    run = CliRunner()
    result = run.invoke(commands.release, ["--now"], obj=_info(app))
    assert (result.exit_code, result.output) == (0, "1 periods released.\n")
    early = run.invoke(commands.close_period, ["--agency", "kota", PERIOD], obj=_info(app))
    assert early.exit_code == 1
    assert "can be closed from 2027-01-11" in early.output
    bad = run.invoke(commands.close_period, ["--agency", "kota", "2026"], obj=_info(app))
    assert bad.exit_code == 2
    set_clock(monkeypatch, CLOSED)
    closed = run.invoke(commands.close_period, ["--agency", "kota", PERIOD], obj=_info(app))
    assert closed.output == f"{PERIOD} is closed: 1 records.\n"
    decision = story.decide()
    same = run.invoke(commands.replay_decision, [str(decision.id)], obj=_info(app))
    assert same.exit_code == 0
    assert "the same to the last bit" in same.output
    assert run.invoke(commands.replay_decision, ["7"], obj=_info(app)).exit_code == 1
    verified = run.invoke(commands.verify, [], obj=_info(app))
    assert verified.exit_code == 0
    assert "0 differ" in verified.output


def _info(app: Flask) -> object:
    return ScriptInfo(create_app=lambda: app)


def test_release_now_is_refused_in_production(app: Flask) -> None:
    app.config["SETTINGS"] = app.config["SETTINGS"].model_copy(update={"environment": "production"})
    result = CliRunner().invoke(commands.release, ["--now"], obj=_info(app))
    assert result.exit_code == 1
    assert "refused in production" in result.output
