"""`workbench import`: images and captions from files, folders and archives."""

from pathlib import Path
from typing import Annotated

import typer

from pipelines.commands import hub
from pipelines.commands.console import AsJson, Home, Wait, ask, store_at
from workbench import importing
from workbench.errors import NotFoundError


def import_(
    paths: Annotated[
        list[str], typer.Argument(metavar="PATH…", help="Files, folders, archives, tables or URLs; hf://OWNER/NAME for a hub.")
    ],
    format: Annotated[str, typer.Option(help="Format of folder and table; by default what is found.")] = "auto",  # noqa: A002
    captions: Annotated[str | None, typer.Option(help="Table of captions for the pictures.")] = None,
    source: Annotated[str, typer.Option(help="Name of the source; by default what a table says, else the first path's name.")] = "",
    author: Annotated[str, typer.Option(help="Who made the pictures, where no table says it.")] = "",
    license: Annotated[str, typer.Option(help="Their license, where no table says it, e.g. 'CC BY 4.0'.")] = "",  # noqa: A002
    url: Annotated[str, typer.Option(help="Where they were found, where no table says it.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Of hf://…: list the files that would be fetched, with their sizes.")] = False,
    wait: Wait = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Images and captions from files, folders and archives; what cannot be read is recorded with its reason."""
    if dry_run:
        hub.list_only(paths, as_json)
        return
    with store_at(home) as store:
        with store.reading() as session:
            missing = importing.missing_paths(session, [*paths, captions or ""])
        if missing:
            raise NotFoundError(f"There is no file or folder {missing[0]}; check the path.")
        places = hub.fetched(store, paths)
        parameters = {"paths": [_absolute(path) for path in places], "format": format, "source": source}
        parameters |= {"author": author, "license": license, "url": url}
        ask(store, "import_images", {**parameters, "captions": _absolute(captions) if captions else None}, wait=wait, as_json=as_json)


def _absolute(path: str) -> str:
    """A local path as a worker started elsewhere finds it; a URL as it is."""
    return path if "://" in path else str(Path(path).expanduser().resolve())
