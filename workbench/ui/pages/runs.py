"""Runs: what runs, waits and failed, with reasons; cancel, resume, and the workers' signs of life."""

import json

import streamlit as st

from db.enums import RunItemStatus, RunStatus
from db.models import Run
from workbench import runs
from workbench.ui.app import context
from workbench.ui.shared import run_progress, wording
from workbench.ui.shared.fold import fold
from workbench.ui.shared.heading import heading
from workbench.ui.shared.links import number_in_address

PAGE = 25
FILTERS = {"All": None} | {status.value.capitalize(): status for status in RunStatus}


def draw() -> None:
    """The page."""
    heading("runs", "Runs")
    run_progress.watch()
    _queues()
    _workers()
    chosen = st.segmented_control("Which runs", FILTERS, default="All", required=True, label_visibility="collapsed", key="runs_filter")
    before = number_in_address("before")
    with context.reading() as session:
        listed = runs.listing(session, status=FILTERS[chosen or "All"], before_id=before, limit=PAGE)
    if not listed and not before:
        st.info("Nothing has run here yet. Runs appear here when you import photos, find masks, color, export or train.")
        return
    for run in listed:
        _entry(run)
    _turn_page(listed, before)


def _queues() -> None:
    """The queues in which something waits, works or went on within the last hour; drawn again while something is under way."""
    if run_progress.under_way():
        st.fragment(_queue_table, run_every=5)()
    else:
        _queue_table()


def _queue_table() -> None:
    with context.reading() as session:
        states = [one for one in runs.queue_states(session) if one.waiting or one.working]
    if states:
        st.dataframe([_queue_row(one) for one in states], hide_index=True, key="queues")


def _queue_row(state: runs.QueueState) -> dict[str, str | int | float]:
    known = "unknown" if state.seconds_left is None else wording.duration(state.seconds_left)
    return {
        "queue": state.queue,
        "waiting": state.waiting,
        "working": state.working,
        "workers": state.workers,
        "items a minute, last hour": round(state.per_minute, 1),
        "time left": known if state.waiting + state.working else "",
    }


def _workers() -> None:
    with context.reading() as session:
        workers = runs.workers(session)
    if not workers and not run_progress.under_way():
        run_progress.say_when_nobody_works()
    for worker in workers:
        model = "with the model" if worker.capabilities.get("model") else "files only, the model extra is not installed there"
        queues = ", ".join(worker.queues)
        st.caption(f"Worker **{worker.executor}** on {worker.host}: {queues}; {model}; last sign {wording.ago(worker.heartbeat_at)}")


def _entry(run: Run) -> None:
    fold(_label(run), f"run-{run.id}", lambda: _details(run), expanded=run.id == number_in_address("run"))


def _details(run: Run) -> None:
    st.caption(f"Run {run.id}, asked for by {wording.plain(run.requested_by)}; {run_progress.sentence(run)}")
    settings, summary = st.columns(2)
    settings.markdown("Asked for")
    settings.code(json.dumps(run.parameters, indent=1, ensure_ascii=False), language=None)
    summary.markdown("Came out")
    summary.code(json.dumps(run.summary, indent=1, ensure_ascii=False) if run.summary else "nothing yet", language=None)
    _reasons(run)
    _actions(run)


def _label(run: Run) -> str:
    """A run in one line: its state, what it did, when, and how long it took."""
    said = run_progress.sentence(run) if run.status == RunStatus.RUNNING and run.total else run.message
    parts = [
        f"{wording.STATUS_GLYPHS[run.status]} **{wording.job(run.job)}**",
        wording.plain(said.rstrip(".")),
        wording.ago(run.created_at),
    ]
    if run.started_at and run.finished_at:
        parts.append(f"took {wording.duration((run.finished_at - run.started_at).total_seconds())}")
    return " · ".join([*parts, run.status.value] if run.status != RunStatus.DONE else parts)


def _reasons(run: Run) -> None:
    if not run.failed + run.skipped:
        return
    with context.reading() as session:
        items = runs.items(session, run.id)
    rows = [
        {"item": item.item, "": "✗ failed" if item.status == RunItemStatus.FAILED else "– skipped", "why": item.reason} for item in items
    ]
    st.dataframe(rows, hide_index=True, column_config={"why": st.column_config.TextColumn(width="large")})


def _actions(run: Run) -> None:
    with st.container(horizontal=True):
        if run.status in run_progress.UNDER_WAY and st.button("Cancel", key=f"stop-{run.id}"):
            _change(runs.cancel, run.id, "Cancelled.")
        if run.status in (RunStatus.FAILED, RunStatus.CANCELLED) and st.button("Resume", key=f"resume-{run.id}"):
            _change(runs.resume, run.id, "Queued again; what was done stays done.")


def _change(action, run_id: int, done: str) -> None:
    with context.attempt():
        with context.transaction() as session:
            action(session, run_id, actor=context.actor())
        context.say(done)
    st.rerun()


def _turn_page(listed: list[Run], before: int | None) -> None:
    with st.container(horizontal=True):
        if before and st.button("Newest"):
            st.query_params.pop("before")
            st.rerun()
        if len(listed) == PAGE and st.button("Older"):
            st.query_params["before"] = str(listed[-1].id)
            st.rerun()


draw()
