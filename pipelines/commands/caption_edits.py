"""The commands of `workbench captions` that change many at once: shown first, done with --apply, undone by `undo`."""

from typing import Annotated, Any

import typer

from db.enums import CaptionLevel
from pipelines.commands.console import AsJson, Home, Query, ask, emit, marked, say, store_at, table, tell
from pipelines.commands.undoing import Patient, undo_batch
from workbench.captions import LOOKED_AT, SHOWN, Change, Edit, bulk_edit, history
from workbench.errors import InvalidInputError
from workbench.open_store import Store

Apply = Annotated[bool, typer.Option("--apply", help="Do it; without, it is only shown.")]


def register(app: typer.Typer) -> None:
    """Add the commands to a group."""
    for command in (replace, relevel, delete, accept, retag, undo):
        app.command()(command)
    app.command("batches")(batches_)


def replace(
    pattern: Annotated[str, typer.Argument(help="What is looked for.")],
    replacement: Annotated[str, typer.Argument(help="What comes in its place.")],
    query: Query = "",
    regex: Annotated[bool, typer.Option("--regex", help="Read the pattern as a regular expression.")] = False,
    inside_words: Annotated[bool, typer.Option("--inside-words", help='Also within words: "red" in "covered".')] = False,
    match_case: Annotated[bool, typer.Option("--match-case", help="Only as written; by default in any case.")] = False,
    leave_out: Annotated[list[int] | None, typer.Option("--leave-out", help="A caption to leave as it is; may be repeated.")] = None,
    apply: Apply = False,
    wait: Patient = True,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Find and replace whole words in captions: a preview, and with --apply one batch that `captions undo` undoes."""
    how: dict[str, Any] = {"regex": regex, "inside": inside_words, "case": match_case, "left_out": leave_out or []}
    edit = Edit("replace", query, pattern=pattern, replacement=replacement, **how)
    _carry_out(edit, apply, wait, home, as_json)


def relevel(
    level: Annotated[str, typer.Argument(help="complete, partial or scarce; rules gives them back to the rules.")],
    query: Query = "",
    apply: Apply = False,
    wait: Patient = True,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Say the level of all captions that a query finds."""
    if level not in (*CaptionLevel, "rules"):
        raise InvalidInputError(f'"{level}" is no level; use {", ".join(CaptionLevel)} or rules.')
    _carry_out(Edit("relevel", query, level="" if level == "rules" else level), apply, wait, home, as_json)


def delete(query: Query = "", apply: Apply = False, wait: Patient = True, home: Home = None, as_json: AsJson = False) -> None:
    """Take the captions that a query finds out of use; `captions undo` brings them back."""
    if not query.strip():
        raise InvalidInputError('Say which captions, by --query; "level:complete,partial,scarce" means all of them.')
    _carry_out(Edit("remove", query), apply, wait, home, as_json)


def accept(query: Query = "", wait: Patient = True, home: Home = None, as_json: AsJson = False) -> None:
    """Accept the proposals among the captions that a query finds, as one batch that `captions undo` undoes."""
    edit = Edit("accept", f"({query}) status:proposed" if query.strip() else "status:proposed")
    with store_at(home) as store:
        if _takes_long(store, edit):
            ask(store, "edit_captions", vars(edit), wait=wait, as_json=as_json)
            return
        batch_id, changes = bulk_edit.apply_in_parts(edit, actor=store.settings.actor, reading=store.reading, writing=store.writing)
    number = len(changes)
    tell({"accepted": number, "batch_id": batch_id}, f"{number} proposals accepted, as batch {batch_id}.", as_json)


def retag(
    query: Query = "",
    add: Annotated[list[str] | None, typer.Option("--add", help="A tag to put on; may be repeated.")] = None,
    remove: Annotated[list[str] | None, typer.Option("--remove", help="A tag to take off; may be repeated.")] = None,
    apply: Apply = False,
    wait: Patient = True,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Put tags on the images that a query finds, or take tags off them."""
    _carry_out(Edit("retag", query, add=add or [], take=remove or []), apply, wait, home, as_json)


def undo(
    batch: Annotated[str, typer.Argument(help="Name of the batch, as `captions batches` tells it.")],
    wait: Patient = True,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Undo a batch of edits: all of its changes, or none where one was changed since."""
    with store_at(home) as store:
        undo_batch(store, batch, "changes", wait=wait, as_json=as_json)


def batches_(
    limit: Annotated[int, typer.Option(min=1, help="How many.")] = 10,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """The newest batches, each with the name that `captions undo` takes."""
    names = ("batch_id", "action", "subject", "actor", "count", "created_at", "stands")
    with store_at(home) as store, store.reading() as session:
        batches = [{name: getattr(batch, name) for name in names} for batch in history.recent(session, limit)]
    if as_json:
        emit(batches)
    else:
        table(names, [[batch[name] for name in names] for batch in batches])


def _carry_out(edit: Edit, apply: bool, wait: bool, home: Home, as_json: bool) -> None:
    """Show what an edit would do, or do it: at once where it is soon done, else as a run."""
    thing = "image" if edit.kind == "retag" else "caption"
    with store_at(home) as store:
        if not apply:
            with store.reading() as session:
                looked_at = bulk_edit.preview(session, edit, LOOKED_AT if as_json else SHOWN)
            _list(looked_at.first, as_json)
            if looked_at.possible + looked_at.refused > len(looked_at.first):
                say(f"These are the first {len(looked_at.first):,} of them.")
            number = f"{'More than ' if looked_at.more else ''}{looked_at.possible:,}"
            say(f"{number} {_some(thing, looked_at.possible)} would change; --apply does it." + _refusals(looked_at.refused))
        elif _takes_long(store, edit):
            ask(store, "edit_captions", vars(edit), wait=wait, as_json=as_json)
        else:
            batch_id, changes = bulk_edit.apply_in_parts(edit, actor=store.settings.actor, reading=store.reading, writing=store.writing)
            _list(changes, as_json)
            done = sum(not change.problem for change in changes)
            say(f"{done} {_some(thing, done)} changed" + (f", as batch {batch_id}." if done else ".") + _refusals(len(changes) - done))


def _takes_long(store: Store, edit: Edit) -> bool:
    with store.reading() as session:
        return bulk_edit.takes_long(bulk_edit.preview(session, edit))


def _some(thing: str, number: int) -> str:
    return thing if number == 1 else f"{thing}s"


def _refusals(number: int) -> str:
    return f" {number:,} skipped, with the reason." if number else ""


def _list(changes: list[Change], as_json: bool) -> None:
    names = ("caption_id", "image_id", "before", "after", "problem", "batch_id", "old_spans", "new_spans")
    if as_json:
        emit([{name: getattr(change, name) for name in names} for change in changes])
    else:
        rows = [(c.caption_id or "", c.image_id, marked(c.before, c.old_spans), marked(c.after, c.new_spans), c.problem) for c in changes]
        table(("caption", "image", "before", "after", "problem"), rows)
