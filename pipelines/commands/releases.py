"""`workbench releases`: create, list, verify, compare and export."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from db.models import Release
from pipelines.commands.console import AsJson, Home, Wait, ask, emit, read_yaml, say, store_at, table
from workbench import releases

app = typer.Typer()

Name = Annotated[str, typer.Argument(help="Name of the release.")]
Version = Annotated[str, typer.Argument(help="Its version, e.g. 1.0.0.")]


def facts(session, release: Release) -> dict[str, Any]:
    """A release in numbers as a JSON object."""
    names = ("id", "name", "version", "manifest_hash", "author", "note", "created_at")
    return {**{name: getattr(release, name) for name in names}, **asdict(releases.summary(session, release.id))}


@app.command()
def create(
    name: Name,
    rules: Annotated[Path | None, typer.Option(help="YAML file: query, levels, target, shares, …")] = None,
    note: Annotated[str, typer.Option(help="What is new in it.")] = "",
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Freeze what the rules choose now; nothing changed gives the version that is there."""
    chosen = read_yaml(rules) if rules else None
    with store_at(home) as store, store.writing() as session:
        release = releases.create(session, store.media, name=name, rules=chosen, author=store.settings.actor, note=note)
        found = facts(session, release)
    if as_json:
        emit(found)
    else:
        typer.echo(f"{found['name']} {found['version']}: {found['items']} items of {found['images']} images.")


@app.command("list")
def list_(name: Annotated[str | None, typer.Argument(help="Only this name.")] = None, home: Home = None, as_json: AsJson = False) -> None:
    """Releases, newest first."""
    with store_at(home) as store, store.reading() as session:
        found = [facts(session, release) for release in releases.listing(session, name=name)]
    if as_json:
        emit(found)
    else:
        columns = ("name", "version", "items", "images", "manifest_hash")
        table(columns, [[str(release[column])[:40] for column in columns] for release in found])


@app.command()
def verify(name: Name, version: Version, home: Home = None, as_json: AsJson = False) -> None:
    """Whether every byte is as it was frozen; exit status 1 where one is not."""
    with store_at(home) as store, store.reading() as session:
        release = releases.get(session, name, version)
        problems = [asdict(problem) for problem in releases.verify(session, store.media, release.id)]
    if as_json:
        emit({"name": name, "version": version, "sound": not problems, "problems": problems})
    for problem in problems:
        say(f"{problem['subject']}: {problem['reason']}")
    if problems:
        raise typer.Exit(1)
    if not as_json:
        typer.echo(f"{name} {version} is sound.")


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
        difference = asdict(releases.diff(session, a.id, b.id))
    if as_json:
        emit(difference)
        return
    for part, rows in difference.items():
        typer.echo(f"{part}: {len(rows) if isinstance(rows, list | tuple) else rows}")


@app.command()
def export(
    name: Name,
    version: Version,
    out: Annotated[Path, typer.Option(help="The new folder.")],
    format: Annotated[str, typer.Option(help="Layout of the files.")] = "imagefolder",  # noqa: A002
    wait: Wait = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """A release as files, with a dataset card; through the queue."""
    with store_at(home) as store:
        with store.reading() as session:
            release_id = releases.get(session, name, version).id
        parameters = {"release_id": release_id, "format": format, "folder": str(out.expanduser().resolve())}
        ask(store, "export_release", parameters, wait=wait, as_json=as_json)
