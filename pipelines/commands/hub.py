"""`workbench releases push`, `checkpoints push`, and what `import hf://…` fetches: to hubs, object stores and folders, and back."""

from pathlib import Path
from typing import Annotated

import typer

from pipelines.commands.console import AsJson, Home, emit, progress_bar, say, store_at, table
from workbench import hub
from workbench.errors import InvalidInputError
from workbench.hub import Contents, HubPlace
from workbench.importing.archives import ARCHIVES
from workbench.importing.file_kinds import PICTURES
from workbench.open_store import Store

To = Annotated[str, typer.Option("--to", metavar="PLACE", help="hf://OWNER/NAME, s3://BUCKET/PREFIX (any fsspec URL), or a folder.")]
Public = Annotated[bool, typer.Option("--public", help="Let everybody see a repository that is made; by default it is private.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="List the files that would be sent, with their sizes, and send nothing.")]
SHOWN = 20
READ = (*PICTURES, *ARCHIVES)


def push_release(
    name: Annotated[str, typer.Argument(help="Name of the release.")],
    version: Annotated[str, typer.Argument(help="Its version.")],
    to: To,
    format: Annotated[str, typer.Option(help="Layout of the files; imagefolder can be imported again.")] = "imagefolder",  # noqa: A002
    public: Public = False,
    dry_run: DryRun = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """A release with its card and Croissant to a hub, an object store or a folder; goes on where it was cut short."""
    with store_at(home) as store:
        place = hub.place_of(to)
        with store.reading() as session:
            contents = hub.release_contents(store, session, name, version, format)
        _push(place, contents, public, dry_run, as_json)


def push_checkpoint(
    name: Annotated[str, typer.Argument(help="Name of the checkpoint.")],
    to: To,
    license: Annotated[str, typer.Option(help="License of the weights, as the hub names it, e.g. apache-2.0.")] = "",  # noqa: A002
    public: Public = False,
    dry_run: DryRun = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """A checkpoint with its card to a hub, an object store or a folder; goes on where it was cut short."""
    with store_at(home) as store:
        place = hub.place_of(to)
        with store.writing() as session:  # the embedded checkpoint may have to be entered
            contents = hub.checkpoint_contents(store, session, name, license_name=license)
        _push(place, contents, public, dry_run, as_json)


def _push(place: hub.Place, contents: Contents, public: bool, dry_run: bool, as_json: bool) -> None:
    if dry_run:
        missing = hub.unsent(place, contents)
        _list({file.name: file.size for file in missing}, f"would be sent to {place}", len(contents.files) - len(missing), as_json)
        return
    with progress_bar("bytes sent") as advance:
        sent = hub.push(place, contents, public=public, progress=advance)
    if as_json:
        emit({"address": sent.address, "sent": sent.sent, "present": sent.present, "bytes": sent.size})
    else:
        there = f", {sent.present:,} were there already" if sent.present else ""
        typer.echo(f"{contents.name} {contents.version} is at {sent.address}: {sent.sent:,} files sent ({_size(sent.size)}){there}.")


def fetched(store: Store, paths: list[str]) -> list[str]:
    """The paths of an import, those of a hub fetched now and named by their folder here."""
    return [str(_fetch(store, path)) if path.startswith("hf://") else path for path in paths]


def _fetch(store: Store, address: str) -> Path:
    place = hub.place_of(address)
    assert isinstance(place, HubPlace)
    sizes = hub.listed(place)
    if not any(name.lower().endswith(READ) for name in sizes):
        raise InvalidInputError(
            f"{place} holds no pictures that are imported: {', '.join(list(sizes)[:3]) or 'no file'}. Releases pushed as imagefolder are; "
            "of other layouts save the pictures as files, with a metadata.jsonl beside them."
        )
    say(f"{place}: {len(sizes):,} files, {_size(sum(sizes.values()))}; what is here already is not fetched again.")
    return hub.fetch(store.settings, place)


def fetched_checkpoint(store: Store, source: str, name: str) -> Path | None:
    """The folder of a checkpoint fetched from a hub into the store's checkpoints; None where the source is none of a hub."""
    place = hub.place_of(source) if source.startswith("hf://") else None
    if not isinstance(place, HubPlace):
        return None
    if not name or Path(name).name != name:
        raise InvalidInputError(f'"{name}" cannot be the name of a folder; choose another name.')
    sizes = hub.listed(place, "model")
    say(f"{place}: {len(sizes):,} files, {_size(sum(sizes.values()))}; what is here already is not fetched again.")
    return hub.fetch(store.settings, place, "model", store.settings.checkpoints / name)


def list_only(paths: list[str], as_json: bool) -> None:
    """Say what an import would fetch from a hub. Raises InvalidInputError where none of the paths is one of a hub."""
    places = [hub.place_of(path) for path in paths]
    remote = [place for place in places if isinstance(place, HubPlace)]
    if not remote:
        raise InvalidInputError("--dry-run lists what would be fetched from a hub; name hf://OWNER/NAME, or leave it out.")
    for place in remote:
        _list(hub.listed(place), f"would be fetched from {place}", 0, as_json)


def _list(sizes: dict[str, int], told: str, present: int, as_json: bool) -> None:
    if as_json:
        emit({"files": sizes, "bytes": sum(sizes.values()), "present": present})
        return
    table(("file", "bytes"), [(name, f"{size:,}") for name, size in list(sizes.items())[:SHOWN]])
    if len(sizes) > SHOWN:
        typer.echo(f"… and {len(sizes) - SHOWN:,} more; --json lists all")
    there = f"; {present:,} are there already" if present else ""
    typer.echo(f"{len(sizes):,} files, {_size(sum(sizes.values()))}, {told}{there}.")


def _size(number: int) -> str:
    return f"{number / 1e9:.2f} GB" if number >= 1e9 else f"{number / 1e6:.2f} MB"
