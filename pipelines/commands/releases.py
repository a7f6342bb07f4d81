"""`workbench releases`: create, list, show, verify, compare and export; hashes of images that must stay out."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import rich.progress
import typer
from sqlalchemy.orm import Session

from db.enums import CaptionLevel, Split
from db.models import Release
from pipelines.commands import hub
from pipelines.commands.console import AsJson, Home, Wait, ask, emit, messages, read_yaml, say, store_at, table
from workbench import releases
from workbench.errors import InvalidInputError
from workbench.open_store import Store
from workbench.releases import STATEMENTS, ItemChange, Problem, lines_of

app = typer.Typer()
app.command("push")(hub.push_release)

Name = Annotated[str, typer.Argument(help="Name of the release.")]
Version = Annotated[str, typer.Argument(help="Its version, e.g. 1.0.0.")]
MOST = 50
"""Items of a comparison that are listed; --json gives all."""


def facts(session: Session, release: Release) -> dict[str, Any]:
    """A release in numbers as a JSON object."""
    names = ("id", "name", "version", "manifest_hash", "author", "note", "created_at")
    own = {**{name: getattr(release, name) for name in names}, **asdict(releases.summary(session, release.id))}
    return {**own, "changes": release.facts.get("changes")}


@app.command()
def create(
    name: Name,
    rules: Annotated[Path | None, typer.Option(help="YAML file: query, levels, target, regions, min_votes, shares, foreign, …")] = None,
    foreign: Annotated[list[str] | None, typer.Option(help="Folder of images, or file of hashes, that must stay out; repeatable.")] = None,
    note: Annotated[str, typer.Option(help="What is new in it.")] = "",
    statements: Annotated[Path | None, typer.Option(help=f"YAML file of what its card is to say: {', '.join(STATEMENTS)}.")] = None,
    author: Annotated[str, typer.Option(help="Name under which it is published; the store's actor where it is left out.")] = "",
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Freeze what the rules choose now; nothing changed gives the version that is there."""
    chosen = read_yaml(rules) if rules else {}
    if foreign:
        named = chosen.get("foreign", [])
        chosen["foreign"] = [*(named if isinstance(named, list) else [named]), *foreign]
    request: dict[str, Any] = {"name": name, "rules": chosen, "note": note, "statements": read_yaml(statements) if statements else {}}
    with store_at(home) as store:
        with store.reading() as looking:
            earlier = {release.id for release in releases.listing(looking, name=name)}
            with releases.prepared(looking, store.media, author=author or store.settings.actor, **request) as ready:
                entered = releases.enter(ready, writing=store.writing, reading=store.reading)
        with store.reading() as session:
            release_facts = facts(session, entered)
    size = f"{release_facts['items']:,} items of {release_facts['images']:,} images"
    if as_json:
        emit(release_facts)
    elif release_facts["id"] in earlier:
        typer.echo(f"{release_facts['name']} {release_facts['version']} holds these {size} already; nothing new was frozen.")
    else:
        typer.echo(f"{release_facts['name']} {release_facts['version']}: {size}{_changes(release_facts['changes'])}.")


def _changes(changes: dict[str, Any] | None) -> str:
    if changes is None:
        return ""
    return f"; since {changes['since']} " + ", ".join(f"{changes[word]:,} {word}" for word in ("added", "removed", "moved", "changed"))


def _splits(release_facts: dict[str, Any]) -> None:
    """Items by split and level."""
    table(
        ("split", *CaptionLevel, "items", "share"),
        [
            (split.value, *levels.values(), sum(levels.values()), f"{sum(levels.values()) / release_facts['items']:.1%}")
            for split in Split
            for levels in [release_facts["by_split"][split]]
        ],
    )


@app.command("list")
def list_(name: Annotated[str | None, typer.Argument(help="Only this name.")] = None, home: Home = None, as_json: AsJson = False) -> None:
    """Releases, newest first."""
    with store_at(home) as store, store.reading() as session:
        rows = [facts(session, release) for release in releases.listing(session, name=name)]
    if as_json:
        emit(rows)
    else:
        columns = ("name", "version", "items", "images", "manifest_hash")
        table(columns, [[str(release[column])[:40] for column in columns] for release in rows])


@app.command()
def show(
    name: Name,
    version: Annotated[str | None, typer.Argument(help="Its version; the newest where it is left out.")] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """A release in full: splits by levels, what is left out and why, the leak gate, lineage and rules."""
    with store_at(home) as store, store.reading() as session:
        release = releases.get(session, name, version)
        release_facts: dict[str, Any] = {**facts(session, release), "rules": release.rules, "gate": release.facts.get("gate")}
        release_facts["lineage"] = release.facts.get("lineage")
    if as_json:
        emit(release_facts)
        return
    typer.echo(
        f"{release_facts['name']} {release_facts['version']}, frozen by {release_facts['author']} "
        f"on {release_facts['created_at'].date()}. {release_facts['note']}".rstrip()
    )
    typer.echo(f"Manifest {release_facts['manifest_hash']}: {release_facts['items']:,} items of {release_facts['images']:,} images.")
    _splits(release_facts)
    for kind, number in release_facts["targets"].items():
        typer.echo(f"Color targets: {number:,} × {kind}")
    for reason, number in release_facts["excluded"].items():
        typer.echo(f"Left out: {number:,} × {reason}")
    gate = release_facts["gate"] or {}
    for word, number in gate.items():
        typer.echo(f"Leak gate, {word.replace('_', ' ')}: {', '.join(number) or 'none' if isinstance(number, list) else f'{number:,}'}")
    for part, rows in (release_facts["lineage"] or {}).items():
        for row in rows if isinstance(rows, list) else [rows] if rows else []:
            typer.echo(f"Lineage, {part}: " + ", ".join(f"{key} {value}" for key, value in row.items() if key != "rules"))


@app.command()
def verify(name: Name, version: Version, home: Home = None, as_json: AsJson = False) -> None:
    """Whether every byte is as it was frozen; exit status 1 where one is not."""
    with store_at(home) as store, store.reading() as session:
        release = releases.get(session, name, version)
        problems = _verified(session, store, release.id)
    if as_json:
        emit({"name": name, "version": version, "sound": not problems, "problems": [asdict(problem) for problem in problems]})
    for problem in problems:
        say(f"{problem.subject}: {problem.reason}")
    if problems:
        raise typer.Exit(1)
    if not as_json:
        typer.echo(f"{name} {version} is sound.")


def _verified(session: Session, store: Store, release_id: int) -> list[Problem]:
    with rich.progress.Progress(console=messages, transient=True, disable=not messages.is_terminal) as bar:
        task = bar.add_task("files read", total=None)
        return releases.verify(session, store.media, release_id, progress=lambda done, total: bar.update(task, completed=done, total=total))


@app.command()
def diff(
    name: Name,
    first: Annotated[str, typer.Argument(metavar="V1", help="The older version.")],
    second: Annotated[str, typer.Argument(metavar="V2", help="The newer version.")],
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """What the second version has that the first has not, and the other way round."""
    with store_at(home) as store, store.reading() as session:
        a, b = releases.get(session, name, first), releases.get(session, name, second)
        difference = releases.diff(session, a.id, b.id)
    if as_json:
        emit(asdict(difference))
        return
    for part, changes in vars(difference).items():
        typer.echo(f"{part}: {len(changes):,}")
        for change in changes[:MOST]:
            typer.echo(f"  {_told(change)}")
        if len(changes) > MOST:
            typer.echo(f"  … and {len(changes) - MOST:,} more; --json lists all")


def _told(change: ItemChange) -> str:
    what = "; ".join(f"{name}: {was} → {now}" for name, (was, now) in change.what.items())
    return f'{change.file_name} ({change.image_sha256[:12]}), "{change.caption_text}"' + (f": {what}" if what else "")


@app.command()
def hashes(
    folder: Annotated[Path, typer.Argument(help="Folder of images, e.g. of a benchmark's test set.")],
    out: Annotated[Path | None, typer.Option(help="File to write; standard output where it is left out.")] = None,
    crops: Annotated[
        bool, typer.Option("--crops", help="Let crops be found too: adds points and a gray picture of 48 pixels of each image.")
    ] = False,
) -> None:
    """One line of JSON an image: what `create --foreign` keeps out of a release, without handing the images on."""
    lines = lines_of(folder, landmarks=crops)
    if out is None:
        sys.stdout.writelines(lines)
        return
    if out.exists():
        raise InvalidInputError(f"{out} is there already; name a new file.")
    written = list(lines)
    out.write_text("".join(written), encoding="utf-8")
    say(f"{len(written):,} images in {out}.")


@app.command()
def export(
    name: Name,
    version: Version,
    out: Annotated[Path, typer.Option(help="The new folder.")],
    format: Annotated[str, typer.Option(help="Layout of the files.")] = "imagefolder",  # noqa: A002
    keep_metadata: Annotated[bool, typer.Option("--keep-metadata", help="Leave positions, owners and times in the pictures.")] = False,
    wait: Wait = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """A release as files, with a dataset card; through the queue."""
    with store_at(home) as store:
        with store.reading() as session:
            release_id = releases.get(session, name, version).id
        parameters: dict[str, Any] = {"release_id": release_id, "format": format, "folder": str(out.expanduser().resolve())}
        if keep_metadata:
            say("The pictures keep what their cameras wrote: positions (GPS), owners, serial numbers and times go out with them.")
            parameters["keep_metadata"] = True
        ask(store, "export_release", parameters, wait=wait, as_json=as_json)
