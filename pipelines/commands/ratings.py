"""`workbench ratings`: votes as CSV, out and in."""

import csv
import sys
from pathlib import Path
from typing import Annotated

import typer

from pipelines.commands.console import AsJson, Home, emit, say, store_at
from pipelines.commands.studies import Name
from workbench import studies
from workbench.errors import InvalidInputError
from workbench.rating import votes_csv

app = typer.Typer()

COLUMNS = ("rater", "trial", "choice", "seconds", "shown_at", "simulated")


@app.command()
def export(
    name: Name,
    out: Annotated[Path | None, typer.Option(help="File; by default standard output.")] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Every counted vote of a study as a row."""
    with store_at(home) as store, store.reading() as session:
        rows = list(votes_csv.export_rows(session, studies.by_name(session, name).id))
    if as_json:
        emit(rows)
    elif out is None:
        _write(sys.stdout, rows)
    else:
        with out.open("w", newline="", encoding="utf-8") as sink:
            _write(sink, rows)


def _write(sink, rows: list[dict]) -> None:
    writer = csv.DictWriter(sink, COLUMNS)
    writer.writeheader()
    writer.writerows(rows)


@app.command("import")
def import_(
    name: Name,
    file: Annotated[Path, typer.Argument(metavar="FILE.csv")],
    simulated: Annotated[bool, typer.Option("--simulated", help="Mark new raters as simulated.")] = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Take over votes that were given elsewhere; the same file again adds nothing."""
    try:
        with file.open(newline="", encoding="utf-8-sig") as source:
            rows = list(csv.DictReader(source))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InvalidInputError(f"{file} cannot be read: {error}") from None
    if not rows or not {"rater", "trial", "choice"} <= set(rows[0]):
        raise InvalidInputError(f"{file} holds no votes: expected the columns {', '.join(COLUMNS)}.")
    with store_at(home) as store:
        with store.reading() as session:
            study_id = studies.by_name(session, name).id
        done = votes_csv.import_in_parts(study_id, rows, actor=store.settings.actor, simulated=simulated, writing=store.writing)
    for number, reason in done.refused:
        say(f"row {number}: {reason}")
    if as_json:
        emit({"added": done.added, "present": done.present, "refused": [{"row": n, "reason": r} for n, r in done.refused]})
    else:
        typer.echo(f"{done.added} votes added, {done.present} were there already, {len(done.refused)} refused.")
    if done.refused:
        raise typer.Exit(1)
