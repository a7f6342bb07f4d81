"""`workbench backup`, `restore` and `gc`: copies of a store and the way back, and files that nothing needs."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from pipelines.commands.console import AsJson, Home, progress_bar, store_at, tell
from workbench import releases, studies, upkeep
from workbench.settings import read_settings

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="Folder of the backup.")]


def backup(folder: Folder, home: Home = None, as_json: AsJson = False) -> None:
    """A copy of the store, consistent at one moment, while people and workers go on; again into the same folder it adds what is new."""
    with store_at(home) as store, progress_bar("files looked at") as advance:
        made = upkeep.back_up(store.settings, folder.expanduser().resolve(), progress=advance)
    tell(
        asdict(made),
        f"{made.files:,} files ({made.copied:,} of them new, {made.bytes:,} bytes in all) and the database are in {folder}.",
        as_json,
    )


def restore(folder: Folder, home: Home = None, as_json: AsJson = False) -> None:
    """A store made of a backup, every file checked; only where there is no store yet."""
    settings = read_settings(home)
    with progress_bar("files copied") as advance:
        made = upkeep.restore(folder.expanduser().resolve(), settings, progress=advance)
    with store_at(home):  # brings an older backup to the newest schema
        pass
    tell(asdict(made), f"The store of {made.made_at} is at {settings.home}: {made.files:,} files, every one checked.", as_json)


def gc(
    delete: Annotated[bool, typer.Option("--delete", help="Remove them; without it they are only counted.")] = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Media files that no row names and no undo could bring back, and leftovers of writes, releases and studies that were cut short."""
    with store_at(home) as store:
        with store.reading() as session:
            cut_short = {
                "releases": [release.name for release in releases.abandoned(session)],
                "studies": [study.name for study in studies.abandoned(session)],
            }
        if delete:
            releases.clear_abandoned(store.writing)
            studies.clear_abandoned(store.writing)
        with store.reading() as session:
            garbage = upkeep.collect_garbage(session, store.media, delete=delete)
    done = "were removed" if delete else "could be removed (--delete does it)"
    sentence = f"{len(garbage.keys):,} files that nothing needs and {len(garbage.leftovers):,} leftovers {done}: {garbage.bytes:,} bytes."
    for kind, names in cut_short.items():
        if names:
            sentence += f" So {'were' if delete else 'could be'} the beginnings of {len(names)} {kind}: {', '.join(names)}."
    tell({**asdict(garbage), **cut_short, "deleted": delete}, sentence, as_json)
