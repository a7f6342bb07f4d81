"""`workbench checkpoints`: list, add, convert, compare, promote, and get published ones."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import rich.progress
import typer
from sqlalchemy.orm import Session

from db.enums import Split
from db.models import Checkpoint, Evaluation
from pipelines.commands import checkpoints_get, hub
from pipelines.commands.console import AsJson, CaptionsAlone, Home, emit, messages, say, store_at, table
from workbench import releases
from workbench.analysis.image_bootstrap import MeanInterval
from workbench.colorizations import checkpoints, evaluation_sheets, evaluations
from workbench.colorizations.evaluations import Comparison
from workbench.errors import ConflictError, InvalidInputError, MissingPartError, NotFoundError
from workbench.open_store import Store

app = typer.Typer()
app.command("get")(checkpoints_get.get)
app.command("push")(hub.push_checkpoint)

SETTINGS_FILE, GUEST_FILE = "lcad.json", "guest.json"
Base = Annotated[
    str | None, typer.Option(metavar="DIR_OR_ID", help="Stable Diffusion 1.5, a folder or hub id: text encoder and tokenizer.")
]


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
            names = {row.id: row.name for row in rows}
            starred = ["*" if row.id == default_id else "" for row in rows]
            parents = [names.get(row.parent_id, "") for row in rows]
            shown = [
                (star, row.name, parent, row.location, row.digest[:12]) for star, row, parent in zip(starred, rows, parents, strict=True)
            ]
            table(("", "name", "parent", "location", "digest"), shown)


@app.command()
def add(
    source: Annotated[
        str,
        typer.Argument(metavar="PATH_OR_ID", help="A checkpoint's folder, or hf://OWNER/NAME; or Stable Diffusion 1.5, path or hub id."),
    ],
    name: Annotated[str, typer.Option(help="Its name in the store.")],
    base: Base = None,
    note: Annotated[str, typer.Option(help="A remark.")] = "",
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Enter a checkpoint under a name: an L-CAD's folder, or a guest's, stays where it is; Stable Diffusion 1.5 becomes a start.

    The start is written to the store's checkpoints; it computes what Stable Diffusion does, until it is trained. --base is for
    a single file, which has no tokenizer.
    """
    with store_at(home) as store:
        fetched = hub.fetched_checkpoint(store, source, name)
        folder, guest_facts = fetched or Path(source).expanduser().resolve(), {"from": source} if fetched else {}
        start = not any((folder / file).is_file() for file in (SETTINGS_FILE, GUEST_FILE))
        if start:
            folder, guest_facts = _started(store, source, base, name)
        elif (folder / GUEST_FILE).is_file():
            guest_facts |= _guest(folder)
        with store.writing() as session:
            digest = checkpoints.folder_digest(folder)
            row = checkpoints.register(
                session, name=name, location=str(folder), digest=digest, note=note, facts=guest_facts, author=store.settings.actor
            )
            _tell(row, as_json)
    if start:
        say("It does not see lightness yet: retrain it with --stage luminance first, then with --stage denoiser.")


def _guest(folder: Path) -> dict[str, Any]:
    """What a guest's manifest says of it, once it was loaded. Raises InvalidInputError where it cannot be."""
    from lcad.guests import GuestColorizer  # only here, as below

    try:
        manifest = GuestColorizer.from_folder(folder).manifest
    except (OSError, ValueError) as error:
        raise InvalidInputError(f"The guest cannot be used: {error}.") from None
    return {"guest": manifest.title, "source": manifest.source, "license": manifest.license}


def _started(store: Store, source: str, base: str | None, name: str) -> tuple[Path, dict[str, Any]]:
    """Write a start for training from Stable Diffusion to the store's checkpoints; its folder, and what was read."""
    from pipelines.inference import checkpoint_conversion  # only here, so that checkpoints are listed and promoted without torch

    if not name or Path(name).name != name:
        raise InvalidInputError(f'"{name}" cannot be the name of a folder; choose another name.')
    with store.reading() as session, suppress(NotFoundError):
        checkpoints.by_name(session, name)
        raise ConflictError(f'The name "{name}" belongs to other weights; choose another name for these.')
    folder = store.settings.checkpoints / name
    with _progress() as progress:
        return folder, {"started_from": source} | checkpoint_conversion.start(source, base, folder, progress)


@app.command()
def convert(
    checkpoint: Annotated[Path, typer.Argument(metavar="CKPT", help="An official checkpoint; or a checkpoint's folder, for the way back.")],
    out: Annotated[Path, typer.Option(help="Folder to write; for the way back the file.")],
    base: Base = None,
    as_json: AsJson = False,
) -> None:
    """An official L-CAD checkpoint to a folder of safetensors and configs; a folder to an official checkpoint."""
    from pipelines.inference import checkpoint_conversion  # only here, so that checkpoints are listed and promoted without torch

    with _progress() as progress:
        converted = checkpoint_conversion.convert(checkpoint.expanduser(), base, out.expanduser(), progress)
    if as_json:
        emit(converted)
        return
    for title, counts in ((key, converted[key]) for key in ("read", "written", "unused") if converted.get(key)):
        typer.echo(f"{title}: {', '.join(f'{count} tensors of the {part}' for part, count in counts.items())}")
    typer.echo(
        f"{out}: written." + (f" The text encoder's weights are those of {converted['text_encoder_of']}." if "read" in converted else "")
    )


@app.command()
def compare(
    first: Annotated[str, typer.Argument(help="Name of a checkpoint.")],
    second: Annotated[str, typer.Argument(help="Name of the other one.")],
    release: Annotated[tuple[str, str], typer.Option(metavar="NAME VERSION", help="The release that both were evaluated on.")],
    split: Annotated[Split, typer.Option(help="Which split of it.")] = Split.TEST,
    captions_alone: CaptionsAlone = False,
    sheets: Annotated[
        Path | None, typer.Option(help="Folder for pictures: the second's best and worst items, and those most changed.")
    ] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """What the second does better and worse than the first on the same items, with 95 % intervals over images."""
    with store_at(home) as store, store.reading() as session:
        one, other = (checkpoints.named(session, name) for name in (first, second))
        release_id = releases.get(session, *release).id
        compared = evaluations.compare(session, store.media, one, other, release_id, split, captions_alone)
        if sheets is not None:
            pair = evaluations.of_same_settings(session, one, other, release_id, split, captions_alone)
            _write_sheets(session, store, dict(zip((first, second), pair, strict=True)), compared, sheets)
    if as_json:
        emit(asdict(compared))
        return
    rows = [("all items", name, change) for name, change in compared.differences.items()]
    rows += [
        (f"{kind.removeprefix('by_')} {group}", name, change)
        for kind, groups in compared.groups.items()
        for group, changes in groups.items()
        for name, change in changes.items()
        if name in ("adherence", "delta_e")
    ]
    shown = [(group, name, f"{change.mean:+.4f}", _ends(change), change.rows, change.images) for group, name, change in rows]
    table(("", "measure", f"{second} − {first}", "95 % interval", "items", "images"), shown)
    for item, change in compared.most_changed:
        say(f"item {item}: adherence {change:+.2f}")


def _write_sheets(session: Session, store: Store, pair: dict[str, Evaluation], compared: Comparison, folder: Path) -> None:
    """Write `best.webp`, `worst.webp` and `changed.webp`; each row is an item: the original, the first checkpoint's, the second's."""
    folder.mkdir(parents=True, exist_ok=True)
    shown = evaluation_sheets.ranked(evaluations.items_of(store.media, list(pair.values())[1]))
    shown["changed"] = [item for item, change in compared.most_changed if change]
    for name, items in shown.items():
        evaluation_sheets.sheet(session, store.media, pair, items).save(folder / f"{name}.webp", quality=80)
        say(f"{folder / f'{name}.webp'}: {len(items)} items")


def _ends(change: MeanInterval) -> str:
    return "too few images" if change.low is None or change.high is None else f"{change.low:+.4f} to {change.high:+.4f}"


@app.command()
def promote(name: Annotated[str, typer.Argument(help="Name of the checkpoint.")], home: Home = None, as_json: AsJson = False) -> None:
    """Make a checkpoint the one that colorizes by default."""
    with store_at(home) as store, store.writing() as session:
        row = checkpoints.promote(session, checkpoints.by_name(session, name).id, actor=store.settings.actor)
        _tell(row, as_json)


@contextmanager
def _progress() -> Iterator[Callable[[str], object]]:
    """A function to say what begins with: beside a clock on a terminal, else line by line."""
    columns = (rich.progress.SpinnerColumn(), rich.progress.TextColumn("{task.description}"), rich.progress.TimeElapsedColumn())
    if not messages.is_terminal:
        yield say
        return
    with rich.progress.Progress(*columns, console=messages, transient=True) as bar:
        task = bar.add_task("")
        yield lambda what: bar.update(task, description=what)


def _tell(row: Checkpoint, as_json: bool) -> None:
    if as_json:
        emit(facts(row))
    else:
        typer.echo(f"{row.name}: {row.location}")
