"""`workbench demo`: the demo store, and the whole loop on it."""

from typing import Annotated, Any

import typer

from db.enums import RunStatus
from pipelines.commands.console import AsJson, Home, emit, follow, leave_unless_done, run_facts, say, store_at
from pipelines.demo.loop import Loop, Plan
from pipelines.worker.child_processes import a_worker
from workbench import runs
from workbench.open_store import Store
from workbench.regions import interactive_segmentation


def demo(
    loop: Annotated[bool, typer.Option("--loop", help="Walk the whole loop, with simulated raters, and print a summary.")] = False,
    base: Annotated[str, typer.Option(help="Checkpoint that the loop starts from.")] = Plan.base,
    training_steps: Annotated[int, typer.Option(min=1, help="Steps of the loop's retraining.")] = Plan.training_steps,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Make the demo store; --loop walks the whole loop without a browser."""
    with store_at(home) as store, a_worker(store.settings, needed=not _someone_colors(store)):
        if loop:
            walk = Loop(store, lambda run_id: follow(store, run_id), say, Plan(base=base, training_steps=training_steps))
            _tell(walk.walk(), as_json)
        else:
            _make(store, as_json)


def _someone_colors(store: Store) -> bool:
    """Whether a live worker serves all queues that the loop uses; a worker that only imports is not enough here."""
    with store.reading() as session:
        return any({*runs.QUEUES} - {interactive_segmentation.QUEUE} <= {*worker.queues} for worker in runs.workers(session))


def _make(store: Store, as_json: bool) -> None:
    """Make the demo and wait for its colorizations."""
    with store.writing() as session:
        run_id = runs.create(session, "make_demo", {}, requested_by=store.settings.actor).id
    run = follow(store, run_id)
    colored = follow(store, run.summary["colorize_run"]) if run.status is RunStatus.DONE else None
    ended = [run_facts(each) for each in (run, colored) if each is not None]
    if as_json:
        emit({"runs": ended, **run.summary})
    else:
        for facts in ended:
            typer.echo(f"Run {facts['id']}, {facts['job']}: {facts['status'].value}. {facts['message']}")
    leave_unless_done(store, colored or run)


def _tell(summary: dict[str, Any], as_json: bool) -> None:
    if as_json:
        emit(summary)
        return
    release = summary["release"]
    typer.echo(f"{summary['images']} images, {summary['captions']} captions, {summary['regions']} regions")
    typer.echo(f"{summary['colorizations']} colorizations, {summary['ratings']} ratings ({summary['simulated_ratings']} simulated)")
    typer.echo(f"{summary['reviews']} reviews; release {release['name']} {release['version']} of {release['items']} items")
    before, after, name = summary["validation_loss_before"], summary["validation_loss_after"], summary["retrained_checkpoint_name"]
    typer.echo(f"{name}: validation loss {before:.4f} before, {after:.4f} after {summary['kept_step']} steps")
    for key, how in (("evaluations", ""), ("evaluations_by_captions_alone", " by captions alone")):
        for name, metrics in summary[key].items():
            adherence = "not judged" if metrics["adherence"] is None else f"{metrics['adherence']:.0%}"
            typer.echo(f"{name} on {metrics['items']} test items{how}: adherence {adherence}, PSNR {metrics['psnr']:.1f} dB")
    typer.echo(f"{summary['colorizations_with_retrained']} colorizations with it; {summary['runs']} runs in {summary['seconds']} s")
    for item in summary["failed_items"]:
        typer.echo(f"failed: {item['item']} ({item['job']}): {item['reason']}")
