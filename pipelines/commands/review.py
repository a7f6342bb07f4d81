"""`workbench review`: rules into verdicts, what was applied, and back."""

from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from pipelines.commands.console import AsJson, Home, emit, read_yaml, say, store_at, table
from pipelines.commands.undoing import Patient, undo_batch
from workbench.reviews import apply_in_parts, apply_rules, queue

app = typer.Typer()


@app.command()
def apply(
    rules: Annotated[Path, typer.Argument(metavar="RULES.yaml", help="Name and rules: conditions over votes, adherence and metrics.")],
    preview: Annotated[bool, typer.Option("--preview", help="Only show what they would decide.")] = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Verdicts by rules, as one batch that `review undo` undoes."""
    document = read_yaml(rules)
    with store_at(home) as store:
        if preview:
            with store.reading() as session:
                decisions = apply_rules(session, document, actor=store.settings.actor)
        else:
            decisions = apply_in_parts(document, actor=store.settings.actor, reading=store.reading, writing=store.writing)
    if as_json:
        emit([asdict(decision) for decision in decisions])
        return
    table(("colorization", "verdict", "reason"), [(d.colorization_id, d.verdict.value, d.reason) for d in decisions])
    batch_id = next((decision.batch_id for decision in decisions if decision.batch_id), None)
    counts = Counter(decision.verdict.value for decision in decisions)
    named = f"{len(decisions)} verdicts" + (f" ({', '.join(f'{number} {name}' for name, number in counts.items())})" if counts else "")
    say(named + (f", as batch {batch_id}." if batch_id else " would be given." if preview else "."))


@app.command()
def batches(home: Home = None, as_json: AsJson = False) -> None:
    """The rules that were applied, newest first, each with the batch that `review undo` undoes."""
    with store_at(home) as store, store.reading() as session:
        rows = [asdict(applied) for applied in queue.applied(session)]
    if as_json:
        emit(rows)
        return
    columns = ("batch_id", "name", "actor", "at", "verdicts", "standing")
    table(columns, [[_cell(row[column]) for column in columns] for row in rows])


def _cell(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{number} {word}" for word, number in value.items())
    if isinstance(value, bool):
        return "stands" if value else "undone"
    return str(value)[:32]


@app.command()
def undo(
    batch: Annotated[str, typer.Argument(help="Name of the batch.")], wait: Patient = True, home: Home = None, as_json: AsJson = False
) -> None:
    """Undo a batch of verdicts: all of them, or none where one was changed since."""
    with store_at(home) as store:
        undo_batch(store, batch, "verdicts", wait=wait, as_json=as_json)
