"""`workbench captions`: derive, list, replace, import and export."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy.orm import Session

from db.models import Caption, Image
from pipelines.commands.console import AsJson, Home, Query, Wait, ask, emit, say, store_at, table
from pipelines.commands.importing import import_
from workbench import captions, events
from workbench.errors import InvalidInputError

app = typer.Typer()
app.command("import")(import_)

PAGE = 500


def facts(caption: Caption) -> dict[str, Any]:
    """A caption as a JSON object."""
    names = ("id", "image_id", "text", "level", "computed_level", "status", "text_origin", "level_origin", "author")
    return {name: getattr(caption, name) for name in names}


@app.command()
def derive(query: Query = "", wait: Wait = False, home: Home = None, as_json: AsJson = False) -> None:
    """Propose the partial and scarce captions that follow from complete ones."""
    with store_at(home) as store:
        ask(store, "level_captions", {"query": query, "derive": True}, wait=wait, as_json=as_json)


@app.command()
def accept(query: Query = "", home: Home = None, as_json: AsJson = False) -> None:
    """Accept the proposals among the captions that a query finds, as one batch that `review undo` takes back."""
    batch_id = events.new_batch()
    with store_at(home) as store, store.writing() as session:
        proposed = _every(session, f"({query}) status:proposed" if query.strip() else "status:proposed")
        count = captions.accept(session, [caption.id for caption in proposed], actor=store.settings.actor, batch_id=batch_id)
    if as_json:
        emit({"accepted": count, "batch_id": batch_id})
    else:
        typer.echo(f"{count} proposals accepted, as batch {batch_id}.")


def _every(session: Session, query: str) -> Iterator[Caption]:
    """All captions that a query finds, read in pieces."""
    after_id = 0
    while page := captions.find(session, query, after_id=after_id, limit=PAGE):
        after_id = page[-1].id
        yield from page


@app.command("list")
def list_(
    query: Query = "",
    limit: Annotated[int, typer.Option(min=1, help="How many.")] = 60,
    after: Annotated[int, typer.Option(min=0, help="Only captions with a larger number.")] = 0,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Captions that a query finds."""
    with store_at(home) as store, store.reading() as session:
        found = captions.find(session, query, after_id=after, limit=limit)
        if as_json:
            emit([facts(caption) for caption in found])
        else:
            rows = [(caption.id, caption.image_id, caption.level.value, caption.status.value, caption.text) for caption in found]
            table(("id", "image", "level", "status", "text"), rows)


@app.command()
def replace(
    pattern: Annotated[str, typer.Argument(help="What is looked for.")],
    replacement: Annotated[str, typer.Argument(help="What comes in its place.")],
    query: Query = "",
    regex: Annotated[bool, typer.Option("--regex", help="Read the pattern as a regular expression.")] = False,
    apply: Annotated[bool, typer.Option("--apply", help="Do it; without, it is only shown.")] = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Find and replace in captions: a preview, and with --apply one batch that `review undo` takes back."""
    with store_at(home) as store, store.writing() as session:
        changes = captions.replace(session, pattern, replacement, query=query, regex=regex, actor=store.settings.actor, apply=apply)
    if as_json:
        names = ("caption_id", "image_id", "before", "after", "problem", "batch_id")
        emit([{name: getattr(change, name) for name in names} for change in changes])
        return
    table(("caption", "before", "after", "problem"), [(c.caption_id, c.before, c.after, c.problem) for c in changes])
    batch_id = next((change.batch_id for change in changes if change.batch_id), None)
    say(f"{len(changes)} captions changed, as batch {batch_id}." if batch_id else f"{len(changes)} captions would change; --apply does it.")


@app.command()
def export(
    file: Annotated[Path, typer.Argument(metavar="FILE.json|FILE.jsonl", help="{file: [captions]} as JSON, or one caption a line.")],
    query: Query = "",
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Captions of the store as a file that `captions import` reads again."""
    if file.suffix not in (".json", ".jsonl"):
        raise InvalidInputError(f"Captions are written as .json or .jsonl, not {file.suffix or 'without a suffix'}.")
    with store_at(home) as store, store.reading() as session:
        rows = [
            {"file_name": session.get_one(Image, row.image_id).file_name, "caption": row.text, "level": row.level.value}
            for row in _every(session, query)
        ]
    if file.suffix == ".jsonl":
        content = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    else:
        texts: dict[str, list[str]] = {}
        for row in rows:
            texts.setdefault(row["file_name"], []).append(row["caption"])
        content = json.dumps(texts, ensure_ascii=False, indent=1) + "\n"
    file.write_text(content, encoding="utf-8")
    if as_json:
        emit({"captions": len(rows), "file": file})
    else:
        typer.echo(f"{len(rows)} captions in {file}.")
