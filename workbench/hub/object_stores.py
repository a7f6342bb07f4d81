"""Folders, also of object stores, through fsspec: each version has a folder of its own, whose marker says what it is to hold."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from fsspec.core import url_to_fs

from workbench.errors import ConflictError, MissingPartError, WorkbenchError
from workbench.hub.contents import Contents, Sent, SentFile
from workbench.hub.places import StorePlace

Progress = Callable[[int, int], object]


def folder_of(place: StorePlace, contents: Contents) -> StorePlace:
    """Where the files go: NAME/VERSION below the place."""
    return place.within(contents.name, contents.version)


def push(place: StorePlace, contents: Contents, *, progress: Progress) -> Sent:
    """Send what is not there yet. The marker goes first, so that another release or checkpoint never mixes with this one.

    Raises ConflictError where something else lies there, MissingPartError where the place cannot be reached.
    """
    target = folder_of(place, contents)
    filesystem, root = _opened(target)
    missing = unsent(place, contents)
    marker = [file for file in missing if file.name == contents.marker]
    done = contents.size - sum(file.size for file in missing)
    with _reaching(target):
        for file in [*marker, *(file for file in missing if file not in marker)]:
            address = f"{root}/{file.name}"
            filesystem.makedirs(address.rpartition("/")[0], exist_ok=True)
            filesystem.put_file(str(file.path), address)
            done += file.size
            progress(done, contents.size)
    return Sent(str(target), len(missing), len(contents.files) - len(missing), sum(file.size for file in missing))


def unsent(place: StorePlace, contents: Contents) -> list[SentFile]:
    """The files that a push would send. Raises as `push` does."""
    target = folder_of(place, contents)
    filesystem, root = _opened(target)
    with _reaching(target):
        known = filesystem.find(root, detail=True) if filesystem.exists(root) else {}
        sizes = {address.removeprefix(f"{root}/"): info["size"] for address, info in known.items()}
        if sizes and _identity(filesystem, f"{root}/{contents.marker}", contents) != contents.identity:
            raise ConflictError(f"{target} is taken by something else than this {contents.name} {contents.version}; name another place.")
    return [file for file in contents.files if sizes.get(file.name) != file.size]


@contextmanager
def _reaching(target: StorePlace) -> Iterator[None]:
    """Tell in a sentence why a place does not take files; each driver has errors of its own kind."""
    try:
        yield
    except WorkbenchError:
        raise
    except Exception as error:
        says = " ".join(str(error).split())[:300].rstrip(".") or type(error).__name__
        raise MissingPartError(f"{target} cannot be reached: {says}. What was sent stays; the same command goes on with it.") from error


def _identity(filesystem: Any, address: str, contents: Contents) -> str | None:
    """The hash that the marker there holds; None where there is none or it is no marker."""
    if not filesystem.exists(address):
        return None
    try:
        told = json.loads(filesystem.cat_file(address))
    except ValueError:
        return None
    return told.get("manifest_hash" if contents.kind == "dataset" else "digest") if isinstance(told, dict) else None


def _opened(place: StorePlace) -> tuple[Any, str]:
    try:
        filesystem, root = url_to_fs(place.url)
    except (ImportError, ValueError) as error:
        raise MissingPartError(f"{place} cannot be opened here: {error}.") from None
    filesystem.invalidate_cache()  # another process may have sent files since this one looked
    return filesystem, str(root).rstrip("/")
