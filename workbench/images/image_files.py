"""The pictures of a release's items: color targets as they are stored, checked, and gray versions."""

import hashlib
import io
from collections import OrderedDict
from collections.abc import Callable
from pathlib import PurePosixPath

import numpy as np
import PIL.Image

from db.models import ReleaseItem
from workbench.errors import ConflictError
from workbench.imaging import gray_of, png_of
from workbench.imaging.metadata import without_metadata
from workbench.store import MediaStore

KEPT = 4
"""The items of one image follow each other, and its source and its targets are few."""


class Pictures:
    """Reads and encodes pictures by their media keys; the last few are kept.

    In one thread: with small pictures, handing each to a second one and back takes longer than encoding it.
    """

    def __init__(self, media: MediaStore, *, keep_metadata: bool = False):
        """With `keep_metadata` files are handed on to the byte; without, what tells of people and places is taken out of them."""
        self.media = media
        self.keep_metadata = keep_metadata
        self._colors: OrderedDict[str, bytes] = OrderedDict()
        self._grays: OrderedDict[str, bytes] = OrderedDict()

    def color(self, key: str) -> bytes:
        """The file of a media key. Raises ConflictError where its bytes were changed, NotFoundError where it is missing."""
        return _kept(self._colors, key, self._read)

    def gray(self, key: str) -> bytes:
        """The lightness of a media file's picture as a gray 8-bit PNG."""
        return _kept(self._grays, key, lambda key: gray_png(self.color(key)))

    def _read(self, key: str) -> bytes:
        content = self.media.read(key)
        if hashlib.sha256(content).hexdigest() != PurePosixPath(key).stem:
            raise ConflictError(f"The media file {key} no longer has the bytes that it was stored with; verify the release.")
        return content if self.keep_metadata else without_metadata(content)


def _kept(last: OrderedDict[str, bytes], key: str, make: Callable[[str], bytes]) -> bytes:
    if key not in last:
        last[key] = make(key)
        if len(last) > KEPT:
            last.popitem(last=False)
    return last[key]


def gray_png(content: bytes) -> bytes:
    """The lightness of an encoded picture as a gray 8-bit PNG."""
    with PIL.Image.open(io.BytesIO(content)) as picture:
        pixels = np.asarray(picture.convert("RGB"))
    return png_of(gray_of(pixels))


def item_names(item: ReleaseItem) -> tuple[str, str]:
    """File names of an item's gray source and color target: by content, so that equal pictures are one file."""
    source, color = PurePosixPath(item.source_key), PurePosixPath(item.color_key)
    return f"{source.stem[:24]}.png", f"{color.stem[:24]}{color.suffix}"


def picture_name(item: ReleaseItem) -> str:
    """A file name for a color target that no other image has, not even one with equal pixels: captions under it are one image's."""
    color = PurePosixPath(item.color_key)
    own = "" if item.colorization_key is None else f"-{color.stem[:12]}"
    return f"{item.image_sha256[:24]}{own}{color.suffix}"
