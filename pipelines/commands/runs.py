"""`workbench runs`: what runs, waits, failed and why, and how the queues are; cancel and resume."""

from dataclasses import asdict
from datetime import timedelta
from typing import Annotated

import typer

from db.enums import RunStatus
from pipelines.commands.console import AsJson, Home, emit, run_facts, store_at, table
from workbench import runs

app = typer.Typer()

RunId = Annotated[int, typer.Argument(metavar="ID", help="Number of the run.")]


@app.command("list")
def list_(
    status: Annotated[RunStatus | None, typer.Option(help="Only runs with this status.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many, newest first.")] = 20,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Runs, newest first."""
    with store_at(home) as store, store.reading() as session:
        listed = runs.listing(session, status=status, limit=limit)
        if as_json:
            emit([run_facts(run) for run in listed])
        else:
            rows = [(r.id, r.job, r.status.value, f"{r.done}/{r.total}", r.failed, r.executor, r.message) for r in listed]
            table(("id", "job", "status", "done", "failed", "worker", "message"), rows)


@app.command()
def queues(home: Home = None, as_json: AsJson = False) -> None:
    """What waits and what is at work in each queue, how fast it goes, and how long it will take."""
    with store_at(home) as store, store.reading() as session:
        states = runs.queue_states(session)
    if as_json:
        emit([asdict(state) for state in states])
        return
    rows = [(s.queue, s.waiting, s.working, s.workers, f"{s.per_minute:.1f}", _left(s)) for s in states]
    table(("queue", "waiting", "working", "workers", "items/min, last hour", "time left"), rows)


def _left(state: runs.QueueState) -> str:
    if not state.waiting + state.working:
        return ""
    return "unknown" if state.seconds_left is None else str(timedelta(seconds=round(state.seconds_left)))


@app.command()
def show(run_id: RunId, home: Home = None, as_json: AsJson = False) -> None:
    """One run with the reasons of its failed items."""
    with store_at(home) as store, store.reading() as session:
        run, items = runs.get(session, run_id), runs.items(session, run_id)
        facts = [{"item": item.item, "status": item.status.value, "reason": item.reason} for item in items]
        if as_json:
            emit({**run_facts(run), "items": facts})
            return
        table(("", ""), [(name, value) for name, value in run_facts(run).items()])
        if facts:
            table(("item", "status", "reason"), [tuple(fact.values()) for fact in facts])


@app.command()
def cancel(run_id: RunId, home: Home = None, as_json: AsJson = False) -> None:
    """Stop a waiting or running run; what it has done stays."""
    with store_at(home) as store, store.writing() as session:
        run = runs.cancel(session, run_id, actor=store.settings.actor)
        _tell(run, as_json)


@app.command()
def resume(run_id: RunId, home: Home = None, as_json: AsJson = False) -> None:
    """Queue a failed or cancelled run again; it goes on with what is not done."""
    with store_at(home) as store, store.writing() as session:
        run = runs.resume(session, run_id, actor=store.settings.actor)
        _tell(run, as_json)


def _tell(run, as_json: bool) -> None:
    if as_json:
        emit(run_facts(run))
    else:
        typer.echo(f"Run {run.id}, {run.job}: {run.status.value}. {run.message}")
