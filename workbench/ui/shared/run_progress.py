"""Long work on a page: what runs now, how far it is, what failed and why; drawn again every two seconds while anything is under way."""

from datetime import UTC, datetime, timedelta

import streamlit as st

from db.enums import RunStatus
from db.models import Run
from workbench import runs
from workbench.errors import WorkbenchError
from workbench.ui.app import context
from workbench.ui.shared import wording
from workbench.ui.shared.links import link

UNDER_WAY = (RunStatus.QUEUED, RunStatus.RUNNING)


def start(job: str, parameters: dict, done: str) -> int | None:
    """Ask the workers for a run; note `done`, or the refusal, for the next draw; returns the run's id.

    What waits or works already is not asked for again: Enter in a form and then its button ask for the same.
    """
    try:
        with context.transaction() as session:
            same = runs.under_way(session, job, parameters)
            run_id = (same or runs.create(session, job, parameters, requested_by=context.actor())).id
    except WorkbenchError as refusal:
        context.say_no(str(refusal))
        return None
    context.say(done if same is None else f"{wording.job(job)}: the same is queued already, as run {run_id}.")
    return run_id


def sentence(run: Run) -> str:
    """How far a run is: "120 of 300, 2 failed, 3 min left"."""
    if run.status == RunStatus.QUEUED or not run.total:
        return run.message or "waits for a worker"
    handled = run.done + run.failed + run.skipped
    parts = [f"{handled:,} of {run.total:,}"]
    parts += [f"{run.failed:,} failed"] if run.failed else []
    parts += [f"{run.skipped:,} skipped"] if run.skipped else []
    if run.status == RunStatus.RUNNING and run.started_at and handled:
        seconds = (datetime.now(UTC) - run.started_at).total_seconds()
        each, left = seconds / handled, wording.duration(seconds / handled * (run.total - handled))
        parts.append(f"{f'{each:.0f} s each' if each >= 2 else f'{1 / max(each, 1e-3):.2g} a second'}, {left} left")
    return ", ".join(parts)


def share(run: Run) -> float:
    """The part of a run that is behind it, in [0, 1]."""
    return min(1.0, (run.done + run.failed + run.skipped) / run.total) if run.total else 0.0


def draw(run: Run) -> None:
    """One run as a bar with its sentence and a button to cancel it."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.progress(share(run), text=f"{wording.job(run.job)} · {wording.plain(sentence(run))}", width="stretch")
        cancelled = st.button("Cancel", key=f"cancel-{run.id}")
    if cancelled:
        with context.attempt(), context.transaction() as session:
            runs.cancel(session, run.id, actor=context.actor())
        st.rerun()


def under_way(jobs: tuple[str, ...] = ()) -> list[Run]:
    """The runs that wait or run now, oldest first; only of `jobs` where any are named."""
    with context.reading() as session:
        open_runs = [run for status in UNDER_WAY for run in runs.listing(session, status=status, limit=20)]
    return sorted((run for run in open_runs if not jobs or run.job in jobs), key=lambda run: run.id)


def draw_failures() -> None:
    """The jobs whose newest run failed within the last day, each with its reason and the way to it."""
    with context.reading() as session:
        recent = runs.listing(session, limit=60)
    newest = {run.job: run for run in reversed(recent)}
    for run in newest.values():
        if run.status == RunStatus.FAILED and datetime.now(UTC) - run.created_at < timedelta(days=1):
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(f"✗ **{wording.job(run.job)}** failed {wording.ago(run.finished_at)}: {wording.plain(run.message)}")
                link("runs", "Details", run=run.id)


def watch(*jobs: str) -> bool:
    """Draw the runs of `jobs` (of all, where none is named) that are under way, live; the page is drawn again as they go on.

    Returns whether there are any.
    """
    if under_way(jobs):
        _live(jobs)
        return True
    st.session_state.pop("under_way", None)
    return False


@st.fragment(run_every=2)
def _live(jobs: tuple[str, ...]) -> None:
    present = under_way(jobs)
    for run in present:
        draw(run)
    if any(run.status == RunStatus.QUEUED for run in present):
        say_when_nobody_works()
    state = [(run.id, run.done) for run in present]
    before = st.session_state.get("under_way")
    st.session_state["under_way"] = state
    if not present or (before is not None and before != state):
        st.rerun()


def say_when_nobody_works() -> None:
    """Tell why nothing starts, where no worker is alive."""
    with context.reading() as session:
        if not runs.workers(session):
            st.caption("No worker is running, so queued work waits: run `workbench work` in a terminal (`workbench up` starts both).")
