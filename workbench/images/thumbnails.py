"""Small pictures for galleries: WebP files beside the store, named by content and safe to delete."""

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, cast

import PIL.Image

from workbench.errors import InvalidInputError
from workbench.imaging.measure import THUMBNAIL_KINDS, THUMBNAIL_SIDE
from workbench.imaging.small_pictures import small_webp
from workbench.settings import Settings
from workbench.store import MediaStore, atomic_file

Kind = Literal["color", "gray"]
KINDS: tuple[Kind, ...] = THUMBNAIL_KINDS
SIDE = THUMBNAIL_SIDE


def thumbnail(settings: Settings, media: MediaStore, key: str, kind: Kind = "color", side: int = SIDE) -> Path:
    """The WebP file of a media key, made where it is not there: its longer side at most `side` pixels, in color or as its lightness.

    Raises NotFoundError where the key has no file and InvalidInputError for another kind or a side outside 16 … 2048.
    """
    path = place(settings, key, kind, side)
    if not path.exists():
        _write(path, make(media.read(key), kind, side))
    return path


def place(settings: Settings, key: str, kind: Kind = "color", side: int = SIDE) -> Path:
    """Where a thumbnail lies, or will."""
    if kind not in KINDS or not 16 <= side <= 2048:
        raise InvalidInputError(f'A thumbnail is "color" or "gray" and 16 to 2048 pixels wide, not "{kind}" and {side}.')
    folder, name = key.split("/")
    return settings.thumbnails / f"{kind}-{side}" / folder / f"{Path(name).stem}.webp"


def make(content: bytes, kind: Kind = "color", side: int = SIDE) -> bytes:
    """The WebP bytes of a thumbnail from an upright sRGB picture's bytes; gray keeps each pixel's L*."""
    with PIL.Image.open(io.BytesIO(content)) as opened:
        opened.draft("RGB", (2 * side, 2 * side))  # a JPEG is decoded at the smallest size that is still twice as large
        return small_webp(opened.convert("RGB"), kind, side)


def keep(settings: Settings, key: str, made: Mapping[str, bytes]) -> None:
    """Keep the thumbnails of a media key that were made while its picture was decoded, by kind; those that are there stay."""
    for kind, content in made.items():
        path = place(settings, key, cast(Kind, kind))
        if not path.exists():
            _write(path, content)


def _write(path: Path, content: bytes) -> None:
    """Write whole or not at all: the page may ask for it while it is being made."""
    with atomic_file(path) as stream:
        stream.write(content)
