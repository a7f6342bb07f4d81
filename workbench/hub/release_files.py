"""A release as files to send: an export with its card, its Croissant metadata and its checksums."""

from sqlalchemy.orm import Session

from workbench import exports, releases
from workbench.hub.contents import Contents, files_under
from workbench.open_store import Store


def release_contents(store: Store, session: Session, name: str, version: str, layout: str = "imagefolder") -> Contents:
    """The files of a release, written into `cache/pushes/` of the store's home where they are not there yet, so that a push goes on later.

    Raises as `exports.write_files` does.
    """
    release = releases.get(session, name, version)
    folder = store.settings.home / "cache" / "pushes" / f"{release.name}-{release.version}-{layout}-{release.manifest_hash[:12]}"
    exports.write_files(session, store.media, release.id, layout, folder)
    return Contents("dataset", release.name, release.version, release.manifest_hash, "release.json", files_under(folder))
