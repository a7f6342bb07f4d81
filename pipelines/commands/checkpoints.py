"""`workbench checkpoints`: list, add and promote."""

from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import typer

from db.models import Checkpoint
from pipelines.commands.console import AsJson, Home, emit, store_at, table
from workbench import checkpoints
from workbench.errors import InvalidInputError, MissingPartError, NotFoundError

app = typer.Typer()

SETTINGS_FILE = "lcad.json"


def facts(row: Checkpoint, default_id: int | None = None) -> dict[str, Any]:
    """A checkpoint as a JSON object."""
    names = ("id", "name", "location", "digest", "parent_id", "release_id", "run_id", "note", "facts", "created_at", "promoted_at")
    return {**{name: getattr(row, name) for name in names}, "default": row.id == default_id}


@app.command("list")
def list_(home: Home = None, as_json: AsJson = False) -> None:
    """All checkpoints, newest first; the star marks the one that colorizes by default."""
    with store_at(home) as store, store.writing() as session:
        with suppress(MissingPartError):  # an installation without the embedded weights still lists its own
            checkpoints.ensure_mini(session)
        rows, default_id = checkpoints.listing(session), None
        with suppress(NotFoundError):  # nothing is promoted, and nothing embedded
            default_id = checkpoints.default(session).id
        if as_json:
            emit([facts(row, default_id) for row in rows])
        else:
            shown = [("*" if row.id == default_id else "", row.name, row.parent_id, row.location, row.digest[:12]) for row in rows]
            table(("", "name", "parent", "location", "digest"), shown)


@app.command()
def add(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A checkpoint's folder.")],
    name: Annotated[str, typer.Option(help="Its name in the store.")],
    note: Annotated[str, typer.Option(help="A remark.")] = "",
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Enter a checkpoint's folder under a name; its files stay where they are."""
    folder = path.expanduser().resolve()
    if not (folder / SETTINGS_FILE).is_file():
        raise InvalidInputError(f"{folder} is no checkpoint of L-CAD: it has no {SETTINGS_FILE}.")
    with store_at(home) as store, store.writing() as session:
        digest = checkpoints.folder_digest(folder)
        row = checkpoints.register(session, name=name, location=str(folder), digest=digest, note=note, author=store.settings.actor)
        _tell(row, as_json)


@app.command()
def promote(name: Annotated[str, typer.Argument(help="Name of the checkpoint.")], home: Home = None, as_json: AsJson = False) -> None:
    """Make a checkpoint the one that colorizes by default."""
    with store_at(home) as store, store.writing() as session:
        row = checkpoints.promote(session, checkpoints.by_name(session, name).id, actor=store.settings.actor)
        _tell(row, as_json)


def _tell(row: Checkpoint, as_json: bool) -> None:
    if as_json:
        emit(facts(row))
    else:
        typer.echo(f"{row.name}: {row.location}")
