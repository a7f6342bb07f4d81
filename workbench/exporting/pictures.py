"""The pictures of a release's items: color targets as they are stored, checked, and gray versions, encoded ahead by threads."""

import hashlib
import io
from collections import OrderedDict, deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import PurePosixPath

import numpy as np
import PIL.Image

from db.models import ReleaseItem
from workbench.errors import ConflictError
from workbench.lightness import gray_of
from workbench.media import MediaStore

__all__ = ["Pictures", "gray_png", "item_names", "picture_name"]

THREADS = 2
"""Decoding and encoding release the interpreter's lock; more threads would hold too many large pictures at once."""

AHEAD = 4
"""How many items are prepared before they are asked for."""


class Pictures:
    """Reads and encodes pictures by their media keys; the last few are kept, since items of one image follow each other."""

    def __init__(self, media: MediaStore):
        self.media = media
        self._pool = ThreadPoolExecutor(THREADS)
        self._kept: OrderedDict[tuple[str, str], Future[bytes]] = OrderedDict()

    def __enter__(self) -> "Pictures":
        return self

    def __exit__(self, *_error) -> None:
        self._pool.shutdown(cancel_futures=True)

    def color(self, key: str) -> bytes:
        """The bytes of a media file. Raises ConflictError where they were changed, NotFoundError where the file is missing."""
        return self._ask("color", key).result()

    def gray(self, key: str) -> bytes:
        """The lightness of a media file's picture as a gray 8-bit PNG."""
        return self._ask("gray", key).result()

    def ahead(self, items: Iterable[ReleaseItem], *, gray: bool) -> Iterator[ReleaseItem]:
        """The items in their order; while one is written, the pictures of the next ones are read, and encoded where `gray` asks for it."""
        waiting: deque[ReleaseItem] = deque()
        for item in items:
            self._ask("color", item.color_key)
            if gray:
                self._ask("gray", item.source_key)
            waiting.append(item)
            if len(waiting) > AHEAD:
                yield waiting.popleft()
        yield from waiting

    def _ask(self, kind: str, key: str) -> Future[bytes]:
        wanted = kind, key
        if wanted in self._kept:
            self._kept.move_to_end(wanted)
        else:
            self._kept[wanted] = self._pool.submit(self._checked if kind == "color" else self._gray, key)
            while len(self._kept) > 2 * (AHEAD + 2):
                self._kept.popitem(last=False)
        return self._kept[wanted]

    def _checked(self, key: str) -> bytes:
        content = self.media.read(key)
        if hashlib.sha256(content).hexdigest() != PurePosixPath(key).stem:
            raise ConflictError(f"The media file {key} no longer has the bytes that it was stored with; verify the release.")
        return content

    def _gray(self, key: str) -> bytes:
        return gray_png(self._checked(key))


def gray_png(content: bytes) -> bytes:
    """The lightness of an encoded picture as a gray 8-bit PNG."""
    with PIL.Image.open(io.BytesIO(content)) as picture:
        pixels = np.asarray(picture.convert("RGB"))
    encoded = io.BytesIO()
    PIL.Image.fromarray(gray_of(pixels)).save(encoded, "PNG")
    return encoded.getvalue()


def item_names(item: ReleaseItem) -> tuple[str, str]:
    """File names of an item's gray source and color target: by content, so that equal pictures are one file."""
    source, color = PurePosixPath(item.source_key), PurePosixPath(item.color_key)
    return f"{source.stem[:24]}.png", f"{color.stem[:24]}{color.suffix}"


def picture_name(item: ReleaseItem) -> str:
    """A file name for a color target that no other image has, not even one with equal pixels: captions under it are one image's."""
    color = PurePosixPath(item.color_key)
    own = "" if item.colorization_key is None else f"-{color.stem[:12]}"
    return f"{item.image_sha256[:24]}{own}{color.suffix}"
