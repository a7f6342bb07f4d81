"""The commands of `workbench captions` that change many at once: shown first, done with --apply, taken back by `undo`."""

from collections.abc import Sequence
from typing import Annotated

import typer

from db.enums import CaptionLevel
from pipelines.commands.console import AsJson, Home, Query, emit, say, store_at, table, tell
from workbench import bulk_edits, events
from workbench.bulk_edits import Change
from workbench.errors import InvalidInputError

Apply = Annotated[bool, typer.Option("--apply", help="Do it; without, it is only shown.")]


def register(app: typer.Typer) -> None:
    """Add the commands to a group."""
    for command in (replace, relevel, delete, retag, undo):
        app.command()(command)
    app.command("batches")(batches_)


def replace(
    pattern: Annotated[str, typer.Argument(help="What is looked for.")],
    replacement: Annotated[str, typer.Argument(help="What comes in its place.")],
    query: Query = "",
    regex: Annotated[bool, typer.Option("--regex", help="Read the pattern as a regular expression.")] = False,
    apply: Apply = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Find and replace in captions: a preview, and with --apply one batch that `captions undo` takes back."""
    with store_at(home) as store, store.writing() as session:
        changes = bulk_edits.replace(session, pattern, replacement, query=query, regex=regex, actor=store.settings.actor, apply=apply)
    _report(changes, as_json)


def relevel(
    level: Annotated[str, typer.Argument(help="complete, partial or scarce; rules gives them back to the rules.")],
    query: Query = "",
    apply: Apply = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Say the level of all captions that a query finds."""
    if level not in (*CaptionLevel, "rules"):
        raise InvalidInputError(f'"{level}" is no level; use {", ".join(CaptionLevel)} or rules.')
    wanted = None if level == "rules" else CaptionLevel(level)
    with store_at(home) as store, store.writing() as session:
        changes = bulk_edits.relevel(session, wanted, query=query, actor=store.settings.actor, apply=apply)
    _report(changes, as_json)


def delete(query: Query = "", apply: Apply = False, home: Home = None, as_json: AsJson = False) -> None:
    """Take the captions that a query finds out of use; `captions undo` brings them back."""
    if not query.strip():
        raise InvalidInputError('Say which captions, by --query; "level:complete,partial,scarce" means all of them.')
    with store_at(home) as store, store.writing() as session:
        changes = bulk_edits.remove(session, query=query, actor=store.settings.actor, apply=apply)
    _report(changes, as_json)


def retag(
    query: Query = "",
    add: Annotated[list[str] | None, typer.Option("--add", help="A tag to put on; may be repeated.")] = None,
    remove: Annotated[list[str] | None, typer.Option("--remove", help="A tag to take off; may be repeated.")] = None,
    apply: Apply = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Put tags on the images that a query finds, or take tags off them."""
    with store_at(home) as store, store.writing() as session:
        tags = {"add": add or [], "take": remove or []}
        changes = bulk_edits.retag(session, **tags, query=query, actor=store.settings.actor, apply=apply)
    _report(changes, as_json)


def undo(batch: Annotated[str, typer.Argument(help="Name of the batch.")], home: Home = None, as_json: AsJson = False) -> None:
    """Take back a whole batch, all or nothing."""
    with store_at(home) as store, store.writing() as session:
        count = events.rollback(session, batch, actor=store.settings.actor)
    tell({"batch": batch, "undone": count}, f"{count} changes taken back.", as_json)


def batches_(
    limit: Annotated[int, typer.Option(min=1, help="How many.")] = 10,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """The newest batches, with what `captions undo` needs to take them back."""
    names = ("batch_id", "action", "subject", "actor", "count", "created_at", "stands")
    with store_at(home) as store, store.reading() as session:
        found = [{name: getattr(batch, name) for name in names} for batch in bulk_edits.recent(session, limit)]
    if as_json:
        emit(found)
    else:
        table(names, [[batch[name] for name in names] for batch in found])


def _report(changes: Sequence[Change], as_json: bool) -> None:
    if as_json:
        names = ("caption_id", "image_id", "before", "after", "problem", "batch_id")
        emit([{name: getattr(change, name) for name in names} for change in changes])
        return
    table(
        ("caption", "image", "before", "after", "problem"),
        [(c.caption_id or "", c.image_id, c.before, c.after, c.problem) for c in changes],
    )
    batch_id = next((change.batch_id for change in changes if change.batch_id), None)
    number = sum(not change.problem for change in changes)
    what = f"{number} {'captions' if all(change.caption_id for change in changes) else 'images'}"
    say(f"{what} changed, as batch {batch_id}." if batch_id else f"{what} would change; --apply does it.")
