"""`workbench images`: images that a query finds, listed, credited, compared, deleted with what hangs on them, and brought back."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from pipelines.commands.console import AsJson, Home, Wait, ask, emit, say, store_at, table, tell
from pipelines.commands.undoing import Patient, undo_batch
from workbench import images, search
from workbench.errors import InvalidInputError
from workbench.images import CREDIT_PARTS, Credit
from workbench.importing import credit_files

app = typer.Typer()

Query = Annotated[str, typer.Argument(help='A query, e.g. "source:scans NOT has:caption".')]


@app.command("list")
def list_(
    query: Query = "",
    limit: Annotated[int, typer.Option(min=1, help="How many.")] = 50,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """The images that a query finds: number, file, size, source, author, license, address."""
    names = ("id", "file_name", "width", "height", *CREDIT_PARTS)
    with store_at(home) as store, store.reading() as session:
        rows = [{name: getattr(image, name) for name in names} for image in images.find(session, query, limit=limit)]
    if as_json:
        emit(rows)
    else:
        table(names, [[row[name] for name in names] for row in rows])


@app.command()
def credit(
    query: Query,
    source: Annotated[str | None, typer.Option(help="Where they are from, a name.")] = None,
    author: Annotated[str | None, typer.Option(help="Who made them; an empty text takes the name away.")] = None,
    license: Annotated[str | None, typer.Option(help="Their license, e.g. 'CC BY 4.0'.")] = None,  # noqa: A002
    url: Annotated[str | None, typer.Option(help="The address where they were found.")] = None,
    apply: Annotated[bool, typer.Option("--apply", help="Set it; without it the images are only counted.")] = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Say where images are from, of all that match, as one batch that `images undo` undoes."""
    said = Credit(source, author, license, url)
    with store_at(home) as store:
        with store.reading() as session:
            keys = images.ids(session, query)
        if not apply:
            say(f"{_images(len(keys))} would be credited; --apply does it.")
            return
        batch, changed = images.credit_in_parts(dict.fromkeys(keys, said), actor=store.settings.actor, writing=store.writing)
    tell({"batch": batch, "changed": changed}, f"{_images(changed)} changed, as batch {batch}.", as_json)


@app.command()
def manifest(
    file: Annotated[Path, typer.Argument(help="CSV, JSONL or JSON list with the columns file, source, author, license, url.")],
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Say where images are from by a file, as one batch that `images undo` undoes; names that fit no image are told."""
    said = credit_files.read(file)
    with store_at(home) as store:
        outcome = credit_files.apply(said, actor=store.settings.actor, reading=store.reading, writing=store.writing)
    for problem in said.problems:
        say(problem)
    for name, reason in outcome.unmatched:
        say(f"{name}: {reason}")
    tell(asdict(outcome), f"{_images(outcome.changed)} changed, as batch {outcome.batch}.", as_json)


@app.command()
def compare(wait: Wait = False, home: Home = None, as_json: AsJson = False) -> None:
    """Look for crops among images that came before crops were looked for; imports do it by themselves."""
    with store_at(home) as store:
        ask(store, "compare_images", {}, wait=wait, as_json=as_json)


@app.command()
def features(query: Query = "", wait: Wait = False, home: Home = None, as_json: AsJson = False) -> None:
    """Compute what likenesses are found by and how unsure natural colors are, for images that lack it, and draw the map anew."""
    with store_at(home) as store:
        ask(store, "picture_features", {"query": query}, wait=wait, as_json=as_json)


@app.command()
def like(
    image: Annotated[int, typer.Argument(help="Number of the image.")],
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many.")] = 20,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """The images most like one, nearest first; `like:12` asks for them in any query."""
    with store_at(home) as store, store.reading() as session:
        neighbors = [(key, likeness) for key, likeness in search.most_like(session, image, limit + 1) if key != image]
        images_by_id = images.by_id(session, [key for key, _ in neighbors])
        rows = [
            {"id": key, "file_name": images_by_id[key].file_name, "likeness": round(likeness, 4)}
            for key, likeness in neighbors
            if key in images_by_id
        ]
    if as_json:
        emit(rows)
    else:
        table(("id", "file", "likeness"), [list(row.values()) for row in rows])


@app.command()
def duplicates(query: Query = "", home: Home = None, as_json: AsJson = False) -> None:
    """Groups of near duplicates and crops among the images that match, the largest first; a release keeps each in one split."""
    with store_at(home) as store, store.reading() as session:
        groups = images.duplicate_groups(session, images.ids(session, query) if query.strip() else None)
        images_by_id = images.by_id(session, [key for group in groups for key in group])
    if as_json:
        emit(groups)
    else:
        names = [", ".join(f"{images_by_id[key].file_name} ({key})" for key in group) for group in groups]
        table(("images", "group"), [(len(group), text) for group, text in zip(groups, names, strict=True)])


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
        batch = images.remove_in_parts(keys, actor=store.settings.actor, reading=store.reading, writing=store.writing)
    tell({"batch": batch, "deleted": len(keys)}, f"{_images(len(keys))} deleted, as batch {batch}.", as_json)


@app.command()
def undo(
    batch: Annotated[str, typer.Argument(help="Name of the batch, as the command that made it tells.")],
    wait: Patient = True,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Undo a batch: deleted images come back, credits are as before; all of it, or nothing."""
    with store_at(home) as store:
        undo_batch(store, batch, "changes", wait=wait, as_json=as_json)


def _images(number: int) -> str:
    return f"{number:,} image{'' if number == 1 else 's'}"
