"""Runs: what runs, waits and failed, with reasons; cancel, resume, and the workers' signs of life."""

import json

import streamlit as st

from db.enums import RunItemStatus, RunStatus
from db.models import Run
from workbench import runs
from workbench.ui.app import context
from workbench.ui.shared import run_progress, wording
from workbench.ui.shared.links import number_in_address

PAGE = 25
FILTERS = {"All": None} | {status.value.capitalize(): status for status in RunStatus}


def draw() -> None:
    """The page."""
    st.title("Runs")
    run_progress.watch()
    _workers()
    chosen = st.segmented_control("Which runs", FILTERS, default="All", required=True, label_visibility="collapsed", key="runs_filter")
    before = number_in_address("before")
    with context.reading() as session:
        listed = runs.listing(session, status=FILTERS[chosen or "All"], before_id=before, limit=PAGE)
    if not listed and not before:
        st.info("Nothing has run here yet. Runs appear when you import images, ground, colorize, export or retrain on their pages.")
        return
    for run in listed:
        _entry(run)
    _turn_page(listed, before)


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
    with st.expander(_label(run), expanded=run.id == number_in_address("run")):
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
