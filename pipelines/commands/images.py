"""`workbench images`: images that a query finds, listed, deleted with what hangs on them, and brought back."""

from typing import Annotated

import typer

from pipelines.commands.console import AsJson, Home, emit, say, store_at, table, tell
from workbench import images
from workbench.errors import InvalidInputError
from workbench.store import events

app = typer.Typer()

Query = Annotated[str, typer.Argument(help='A query, e.g. "source:scans NOT has:caption".')]


@app.command("list")
def list_(
    query: Query = "",
    limit: Annotated[int, typer.Option(min=1, help="How many.")] = 50,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """The images that a query finds: number, file, size, source, license."""
    names = ("id", "file_name", "width", "height", "source", "license")
    with store_at(home) as store, store.reading() as session:
        rows = [{name: getattr(image, name) for name in names} for image in images.find(session, query, limit=limit)]
    if as_json:
        emit(rows)
    else:
        table(names, [[row[name] for name in names] for row in rows])


@app.command()
def delete(
    query: Query,
    apply: Annotated[bool, typer.Option("--apply", help="Delete; without it they are only counted.")] = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Delete images with their captions, masks, colorizations and reviews, as one batch that `images undo` brings back."""
    if not query.strip():
        raise InvalidInputError("Say by a query which images to delete; an empty one would mean all of them.")
    with store_at(home) as store:
        with store.reading() as session:
            keys = images.ids(session, query)
        if not apply:
            say(f"{_images(len(keys))} would be deleted; --apply does it.")
            return
        with store.writing() as session:
            batch = images.remove(session, keys, actor=store.settings.actor)
    tell({"batch": batch, "deleted": len(keys)}, f"{_images(len(keys))} deleted, as batch {batch}.", as_json)


@app.command()
def undo(
    batch: Annotated[str, typer.Argument(help="Name of the batch, as `images delete` tells it.")],
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Bring deleted images back, all or nothing."""
    with store_at(home) as store, store.writing() as session:
        count = events.rollback(session, batch, actor=store.settings.actor)
    tell({"batch": batch, "undone": count}, f"{count:,} rows are back.", as_json)


def _images(number: int) -> str:
    return f"{number:,} image{'' if number == 1 else 's'}"
