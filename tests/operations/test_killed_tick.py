"""`kill -9` of `portal tick` in the middle of a release: the next one makes it whole."""

import signal
import subprocess
import sys
from pathlib import Path

from flask import Flask
from sqlalchemy import func, select

from portal.db import db
from portal.operations.due_work import tick
from portal.ratings.models import Release, Verdict
from portal.records.replay import verify
from tests.factories import make_counter, make_employee
from tests.records.cast import rate, score_of
from tests.servers import Server

# The command as it is, but a release of many ratings, and at one of its commits the power is gone.
POWER_CUT = """
import os, signal, sys
from sqlalchemy import event
from sqlalchemy.engine import Engine
from portal.cli import main
from portal.records import bulk, release_actions
bulk.FEW = 0
left = [int(sys.argv.pop())]
begin = release_actions.begin
def begun(*given):
    event.listen(Engine, "commit", commit)
    return begin(*given)
def commit(connection):
    left[0] -= 1
    if not left[0]:
        os.kill(os.getpid(), signal.SIGKILL)
release_actions.begin = begun
main(["tick"])
"""


def test_a_tick_that_is_killed_in_a_release_leaves_nothing_that_the_next_one_does_not_mend(
    app: Flask, database_url: str, tmp_path: Path
) -> None:
    counter, employee = make_counter(), make_employee()
    rate(counter, employee, 4, 4, 3, 4, 4, 2, 4)
    db.session.rollback()
    environment = Server(database_url, tmp_path / "log").environment()
    for commits in (3, 8):
        child = [sys.executable, "-c", POWER_CUT, str(commits)]
        done = subprocess.run(child, env=environment, capture_output=True, check=False)
        assert done.returncode == -signal.SIGKILL, done.stderr.decode()
        assert db.session.scalars(select(Release)).one().done_at is None
        assert score_of(employee) is None
        db.session.rollback()
    assert app.test_cli_runner().invoke(tick).exit_code == 0
    assert db.session.scalars(select(Release)).one().done_at
    assert db.session.scalar(select(func.count()).select_from(Verdict)) == 7
    score = score_of(employee)
    assert score
    assert (score.counted, score.set_aside) == (7, 0)
    assert all(found.same for _name, found in verify())
