"""Runs that bring their workers down: set aside after the second death, so that the queue goes on."""

from sqlalchemy.orm import Session

from db.enums import RunStatus
from workbench.runs.runs import fail, locked

MOST_DEATHS = 2


def worker_died(session: Session, run_id: int, executor: str) -> bool:
    """Record that the worker that was at the run died; return whether the run is set aside for it.

    A run that ends MOST_DEATHS workers in a row without getting on would end all others too: it fails, and can be resumed once what
    brings them down is out of the way.
    """
    run = locked(session, run_id)
    if run.status != RunStatus.RUNNING or run.executor != executor:
        return False
    run.worker_deaths += 1
    session.flush()
    if run.worker_deaths < MOST_DEATHS:
        return False
    got = run.done + run.failed + run.skipped
    fail(
        session,
        run_id,
        f"Set aside: {run.worker_deaths} workers ended at the same place of this run, after {got} of {run.total} items. See worker.log in "
        "the store's home; take out what brings them down (or give the machine more memory) and resume the run.",
    )
    return True
