"""The queues: what waits, what is at work, how fast it goes and how long it takes."""

from datetime import timedelta

import pytest

from db.base import now
from db.enums import RunStatus
from db.models import Run
from workbench import runs
from workbench.runs import queue_states


def a_run(session, job="thumbnails", status=RunStatus.DONE, *, began=None, ended=None, done=0, total=0) -> Run:
    """A run that began and ended so many minutes ago."""
    moment = now()
    row = Run(
        job=job, status=status, requested_by="ann", done=done, total=total,
        started_at=None if began is None else moment - timedelta(minutes=began),
        finished_at=None if ended is None else moment - timedelta(minutes=ended),
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def state_of(session, queue="files"):
    return next(one for one in queue_states(session) if one.queue == queue)


def serve(session, *names, queues=("files",)):
    for name in names:
        runs.heartbeat(session, name, host="here", pid=1, queues=list(queues), capabilities={})


def test_empty_queues_are_empty_and_done_at_once(session):
    assert [one.queue for one in queue_states(session)] == list(runs.QUEUES)
    assert {(one.waiting, one.working, one.workers, one.per_minute, one.seconds_left) for one in queue_states(session)} == {
        (0, 0, 0, 0.0, 0.0)
    }


def test_what_waits_and_what_is_at_work_is_counted_by_queue(session):
    a_run(session, status=RunStatus.QUEUED)
    a_run(session, status=RunStatus.RUNNING, began=1)
    a_run(session, "colorize_images", RunStatus.QUEUED)
    a_run(session, status=RunStatus.FAILED, began=3, ended=2)
    serve(session, "one")
    assert (state_of(session).waiting, state_of(session).working, state_of(session).workers) == (1, 1, 1)
    assert (state_of(session, "model").waiting, state_of(session, "model").workers) == (1, 0)


def test_the_pace_is_that_of_the_last_hour(session):
    a_run(session, began=30, ended=20, done=120)  # inside
    a_run(session, began=90, ended=30, done=60)  # half of it
    a_run(session, began=300, ended=200, done=6000)  # long ago
    a_run(session, status=RunStatus.RUNNING, began=10, done=30, total=90)
    assert state_of(session).per_minute == pytest.approx((120 + 30 + 30) / 60, rel=1e-3)


def test_a_run_at_work_takes_as_long_as_its_own_pace_says(session):
    serve(session, "one")
    a_run(session, status=RunStatus.RUNNING, began=10, done=30, total=90)
    assert state_of(session).seconds_left == pytest.approx(20 * 60, rel=1e-3)


def test_a_run_that_waits_takes_as_long_as_those_before_it_did(session):
    serve(session, "one")
    for minutes in (2, 4, 30):
        a_run(session, began=100 + minutes, ended=100)
    for _ in range(3):
        a_run(session, status=RunStatus.QUEUED)
    assert state_of(session).seconds_left == pytest.approx(3 * 4 * 60, rel=1e-3)


def test_several_workers_share_it_but_not_one_run(session):
    serve(session, "one", "two")
    a_run(session, began=104, ended=100)
    for _ in range(3):
        a_run(session, status=RunStatus.QUEUED)
    assert state_of(session).seconds_left == pytest.approx(3 * 4 * 60 / 2, rel=1e-3)
    serve(session, *"abcdefgh")
    assert state_of(session).seconds_left == pytest.approx(4 * 60, rel=1e-3)


def test_nobody_says_how_long_a_job_takes_that_never_ended_or_that_nobody_serves(session):
    a_run(session, began=104, ended=100)
    a_run(session, status=RunStatus.QUEUED)
    assert state_of(session).seconds_left is None
    serve(session, "one")
    assert state_of(session).seconds_left is not None
    a_run(session, "compare_images", RunStatus.QUEUED)
    assert state_of(session).seconds_left is None
