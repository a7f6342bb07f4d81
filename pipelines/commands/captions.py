"""`workbench captions`: propose, list, edit many at once, import and export."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from db.enums import CaptionLevel
from db.models import Caption
from pipelines.commands import caption_edits, caption_model
from pipelines.commands.console import AsJson, Home, Query, Wait, ask, emit, store_at, table, tell
from workbench import captions, levels
from workbench.captions import CaptionView, spelling
from workbench.exports import caption_files

app = typer.Typer()
caption_edits.register(app)
caption_model.register(app)


def facts(caption: Caption) -> dict[str, Any]:
    """A caption as a JSON object."""
    names = ("id", "image_id", "text", "level", "computed_level", "status", "text_origin", "level_origin", "author")
    return {name: getattr(caption, name) for name in names}


def facts_with_mentions(view: CaptionView) -> dict[str, Any]:
    """A caption with its mentions as a JSON object, with the reason for its level and for each mention's colors."""
    said = captions.reasons(view)
    mentions = [
        {"object": row.mention.object, "phrase": row.phrase, "colors": row.colors, "reason": reason}
        for row, reason in zip(view.mentions, said.mentions, strict=True)
    ]
    return facts(view.caption) | {"level_reason": said.level, "mentions": mentions}


@app.command()
def read(text: Annotated[str, typer.Argument(help="A caption.")], as_json: AsJson = False) -> None:
    """The objects, colors and level that are read in a text, each with its reason."""
    said = levels.explain(text)
    if as_json:
        emit(
            {
                "text": text,
                "level": said.reading.level,
                "level_reason": said.level,
                "mentions": [
                    {"object": m.object, "phrase": text[m.start : m.end], "colors": m.colors, "reason": reason}
                    for m, reason in said.mentions
                ],
                "others": [{"noun": m.object, "phrase": text[m.start : m.end], "reason": reason} for m, reason in said.others],
                "unbound": [{"words": words, "reason": reason} for words, reason in said.unbound],
            }
        )
        return
    rows = [("object", text[m.start : m.end], ", ".join(m.colors), reason) for m, reason in said.mentions]
    rows += [("no object", text[m.start : m.end], "", reason) for m, reason in said.others]
    rows += [("color", words, "", reason) for words, reason in said.unbound]
    table(("", "phrase", "colors", "because"), rows)
    typer.echo(said.level)


@app.command()
def derive(
    query: Query = "",
    variants: Annotated[int, typer.Option(min=1, help="Partial captions from each one, at most.")] = 3,
    wait: Wait = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Propose the partial and scarce captions that follow from complete ones."""
    with store_at(home) as store:
        ask(store, "level_captions", {"query": query, "derive": True, "variants": variants}, wait=wait, as_json=as_json)


@app.command()
def describe(query: Query = "", wait: Wait = False, home: Home = None, as_json: AsJson = False) -> None:
    """Propose complete captions from originals with masks: the colors of each masked object, named."""
    with store_at(home) as store:
        ask(store, "describe_images", {"query": query}, wait=wait, as_json=as_json)


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
        page = captions.find(session, query, after_id=after, limit=limit)
        if as_json:
            emit([facts_with_mentions(view) for view in captions.views(session, page)])
        else:
            rows = [(caption.id, caption.image_id, caption.level.value, caption.status.value, caption.text) for caption in page]
            table(("id", "image", "level", "status", "text"), rows)


@app.command("spelling")
def spelling_(
    query: Query = "",
    limit: Annotated[int, typer.Option(min=1, help="How many captions are looked at.")] = 1000,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Words that look misspelled, with what may be meant; `captions replace` corrects them."""
    with store_at(home) as store, store.reading() as session:
        known = spelling.vocabulary(session)
        slips = [(caption, slip) for caption in captions.find(session, query, limit=limit) for slip in spelling.check(caption.text, known)]
    if as_json:
        names = ("word", "start", "end", "suggestions")
        emit([{"caption_id": caption.id, **{name: getattr(slip, name) for name in names}} for caption, slip in slips])
    else:
        table(("caption", "word", "perhaps"), [(caption.id, slip.word, ", ".join(slip.suggestions)) for caption, slip in slips])


@app.command()
def count(query: Query = "", home: Home = None, as_json: AsJson = False) -> None:
    """How many captions a query finds, by level."""
    with store_at(home) as store, store.reading() as session:
        counts = captions.counts_by_level(session, query)
    if as_json:
        emit(counts)
    else:
        table(("level", "captions"), [(level.value, counts[level]) for level in CaptionLevel])


@app.command("import")
def import_(
    file: Annotated[str, typer.Argument(metavar="PATH", help="A table, folder or archive with captions; the pictures are in the store.")],
    format: Annotated[str, typer.Option(help="Its format; by default what is found.")] = "auto",  # noqa: A002
    proposed: Annotated[bool, typer.Option("--proposed", help="As proposals that wait for a person's word.")] = False,
    wait: Wait = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Captions for images that are in the store, by the hash or the name of their files; what fits none is named."""
    place = file if "://" in file else str(Path(file).expanduser().resolve())
    with store_at(home) as store:
        ask(store, "import_captions", {"file": place, "format": format, "proposed": proposed}, wait=wait, as_json=as_json)


@app.command()
def export(
    file: Annotated[Path, typer.Argument(metavar="PATH", help="FILE.jsonl, .csv, .json (lcad), .tar (webdataset), or a new folder.")],
    query: Query = "",
    format: Annotated[str | None, typer.Option(help=f"One of {', '.join(caption_files.FORMATS)}; by default that of the suffix.")] = None,  # noqa: A002
    replace: Annotated[bool, typer.Option("--replace", help="Replace a file that is there; a person is asked.")] = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Captions of the store as a file that `captions import` reads again."""
    if file.is_file() and not replace and sys.stdin.isatty():
        replace = typer.confirm(f"{file} is there already. Replace it?", err=True)
    with store_at(home) as store, store.reading() as session:
        number = caption_files.write(session, file, query, format, replace=replace)
    tell({"captions": number, "file": file}, f"{number} captions in {file}.", as_json)
