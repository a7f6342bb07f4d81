"""Getting what others have pushed to a hub: all files of a revision, checked against the checksums that came with them."""

from pathlib import Path

from workbench import exports
from workbench.errors import UnreadableFileError
from workbench.hub import hugging_face
from workbench.hub.contents import Kind
from workbench.hub.places import HubPlace
from workbench.settings import Settings

FOREIGN = "the file does not belong to the export"


def folder_for(settings: Settings, place: HubPlace) -> Path:
    """Where the files of a repository's revision are kept; safe to delete."""
    return settings.home / "cache" / "hub" / f"{place.repository.replace('/', '--')}@{(place.revision or 'main').replace('/', '--')}"


def listed(place: HubPlace, kind: Kind = "dataset") -> dict[str, int]:
    """The files that `fetch` would bring, with their bytes. Raises as `fetch` does."""
    return hugging_face.listed(place, kind)


def fetch(settings: Settings, place: HubPlace, kind: Kind = "dataset", folder: Path | None = None) -> Path:
    """The folder with the files of a repository, by default in `cache/hub/` of the store's home; what has come is not fetched again.

    Raises UnreadableFileError where a file is not as its checksum says, NotFoundError for an unknown repository or revision,
    MissingPartError where the hub cannot be reached.
    """
    folder = hugging_face.fetch(place, kind, folder or folder_for(settings, place))
    if (folder / exports.CHECKSUMS).is_file():
        damaged = [problem for problem in exports.verify_folder(folder) if problem.reason != FOREIGN]
        if damaged:
            raise UnreadableFileError(f"{place} did not come as it was sent: {damaged[0].subject}: {damaged[0].reason}. Fetch it again.")
    return folder
