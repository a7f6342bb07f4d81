"""How the queues are: what waits and what is at work in each, how fast it goes, and how long it will take."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.base import now
from db.enums import RunStatus
from db.models import Run
from workbench.runs.heartbeats import workers
from workbench.runs.job_kinds import JOBS, QUEUES

HOUR = timedelta(hours=1)
LOOKED_AT = 20
"""Runs of a job, the newest, by whose duration the next one's is expected."""


@dataclass(frozen=True)
class QueueState:
    """One queue."""

    queue: str
    waiting: int
    """Runs that no worker has begun."""
    working: int
    """Runs that are being carried out."""
    workers: int
    """Live workers that serve it; each carries out one run of it at a time."""
    per_minute: float
    """Items handled a minute over the last hour, of runs that ended and of those at work."""
    seconds_left: float | None
    """Until it is empty, if nothing is added; None where that cannot be told: nobody serves it, or a job in it never ended before."""


def queue_states(session: Session) -> list[QueueState]:
    """Every queue, in their order."""
    moment = now()
    open_runs = list(session.scalars(select(Run).where(Run.status.in_([RunStatus.QUEUED, RunStatus.RUNNING]))))
    lately = list(session.scalars(select(Run).where(Run.finished_at >= moment - HOUR, Run.started_at.is_not(None))))
    expected = {job: _usual_seconds(session, job) for job in {run.job for run in open_runs}}
    alive = workers(session)
    return [
        _state(
            queue,
            [run for run in open_runs if _queue(run) == queue],
            [run for run in lately if _queue(run) == queue],
            sum(queue in worker.queues for worker in alive),
            expected,
            moment,
        )
        for queue in QUEUES
    ]


def _queue(run: Run) -> str | None:
    return JOBS[run.job].queue if run.job in JOBS else None


def _state(
    queue: str, open_runs: list[Run], lately: list[Run], serving: int, expected: dict[str, float | None], moment: datetime
) -> QueueState:
    working = [run for run in open_runs if run.status is RunStatus.RUNNING]
    minutes = HOUR.total_seconds() / 60
    handled = sum(_handled_within(run, moment - HOUR, moment) for run in [*lately, *working])
    left = [_seconds_left(run, expected[run.job], moment) for run in open_runs]
    return QueueState(
        queue=queue,
        waiting=len(open_runs) - len(working),
        working=len(working),
        workers=serving,
        per_minute=handled / minutes,
        seconds_left=_shared_by(left, serving),
    )


def _handled_within(run: Run, begin: datetime, end: datetime) -> float:
    """The items of a run that fall between two moments, as if it had handled them evenly."""
    started, finished = run.started_at or end, run.finished_at or end
    total = (finished - started).total_seconds()
    inside = (min(finished, end) - max(started, begin)).total_seconds()
    return (run.done + run.failed + run.skipped) * (min(1.0, max(0.0, inside) / total) if total > 0 else 1.0)


def _seconds_left(run: Run, expected: float | None, moment: datetime) -> float | None:
    """What a run still takes: by its own pace where it has one, else by the job's usual duration."""
    handled = run.done + run.failed + run.skipped
    if run.status is RunStatus.RUNNING and run.started_at and handled and run.total:
        return (moment - run.started_at).total_seconds() / handled * max(0, run.total - handled)
    if expected is None or run.status is not RunStatus.RUNNING or run.started_at is None:
        return expected
    return max(0.0, expected - (moment - run.started_at).total_seconds())


def _shared_by(left: list[float | None], serving: int) -> float | None:
    """What several workers need for it together: no less than the longest run."""
    known = [seconds for seconds in left if seconds is not None]
    if not left:
        return 0.0
    return None if serving == 0 or len(known) < len(left) else max(max(known), sum(known) / serving)


def _usual_seconds(session: Session, job: str) -> float | None:
    """The median duration of the newest runs of a job that came to their end; None where there is none."""
    ended = select(Run.started_at, Run.finished_at).where(Run.job == job, Run.status == RunStatus.DONE, Run.started_at.is_not(None))
    rows = session.execute(ended.order_by(Run.id.desc()).limit(LOOKED_AT)).all()
    return median((row.finished_at - row.started_at).total_seconds() for row in rows) if rows else None
