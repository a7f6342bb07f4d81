"""A folder that appears whole or not at all, with the checksum of every file in it."""

import hashlib
import io
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import PIL.Image

from db.models import ReleaseItem
from workbench.errors import ConflictError
from workbench.lightness import gray_of
from workbench.media import MediaStore

__all__ = ["CHECKSUMS", "ExportFolder", "atomic_folder", "checked_files"]

CHECKSUMS = "files.sha256"
"""Checksums of all other files, in the form of `sha256sum`: `sha256sum --check files.sha256` reads it."""

CHUNK = 1 << 20


@dataclass
class ExportFolder:
    """Files being written under a root; every one is counted and its checksum kept."""

    root: Path
    media: MediaStore
    files: int = 0
    total_bytes: int = 0
    _written: set[str] = field(default_factory=set)
    _checksums: list[str] = field(default_factory=list)

    def copy(self, key: str, name: str) -> str:
        """Copy a media file to `name` (relative, with /) once; return the name. Raises ConflictError where its bytes were changed."""
        if name in self._written:
            return name
        digest = hashlib.sha256()
        size = 0
        with self.media.open(key) as source, self._create(name) as target:
            while block := source.read(CHUNK):
                digest.update(block)
                size += target.write(block)
        if digest.hexdigest() != PurePosixPath(key).stem:
            raise ConflictError(f"The media file {key} no longer has the bytes that it was stored with; verify the release.")
        self._enter(name, size, digest.hexdigest())
        return name

    def gray(self, key: str, name: str) -> str:
        """Write the lightness of a media file's picture as a gray 8-bit PNG, once; return the name."""
        if name in self._written:
            return name
        with self.media.open(key) as source, PIL.Image.open(source) as picture:
            pixels = np.asarray(picture.convert("RGB"))
        encoded = io.BytesIO()
        PIL.Image.fromarray(gray_of(pixels)).save(encoded, "PNG")
        return self.write(name, encoded.getvalue())

    def write(self, name: str, content: bytes | str) -> str:
        """Write a file whole; return its name."""
        content = content.encode() if isinstance(content, str) else content
        with self._create(name) as target:
            target.write(content)
        self._enter(name, len(content), hashlib.sha256(content).hexdigest())
        return name

    @contextmanager
    def lines(self, name: str) -> Iterator[Callable[[str], None]]:
        """A text file written piece by piece, as `with folder.lines(name) as add: add(text)`."""
        digest = hashlib.sha256()
        size = 0
        with self._create(name) as target:

            def add(text: str) -> None:
                nonlocal size
                piece = text.encode()
                digest.update(piece)
                size += target.write(piece)

            yield add
        self._enter(name, size, digest.hexdigest())

    def finish(self) -> None:
        """Write the checksums of all files."""
        content = "".join(sorted(self._checksums, key=lambda line: line[66:])).encode()
        with self._create(CHECKSUMS) as target:
            target.write(content)
        self.files += 1
        self.total_bytes += len(content)

    def _create(self, name: str):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("xb")

    def _enter(self, name: str, size: int, digest: str) -> None:
        self._written.add(name)
        self._checksums.append(f"{digest}  {name}\n")
        self.files += 1
        self.total_bytes += size


@contextmanager
def atomic_folder(target: Path, media: MediaStore) -> Iterator[ExportFolder]:
    """A folder beside `target` that becomes it at the end; after an error or a crash `target` is not there.

    What an earlier, interrupted write left beside it is removed first. `target` must not exist, or be an empty folder.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.parent / f".{target.name}.partial"
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir()
    try:
        folder = ExportFolder(partial, media)
        yield folder
        folder.finish()
        _sync(partial)
        os.replace(partial, target)
        _sync(target.parent)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def checked_files(root: Path) -> Iterator[tuple[str, str | None]]:
    """(name, what is wrong with it or None) of every file of an export, by its checksums, and of files that it does not know."""
    known = set()
    for line in (root / CHECKSUMS).read_text(encoding="utf-8").splitlines():
        digest, name = line[:64], line[66:]
        known.add(name)
        path = root / name
        if not path.is_file():
            yield name, "the file is missing"
            continue
        with path.open("rb") as stream:
            found = hashlib.file_digest(stream, "sha256").hexdigest()
        yield name, None if found == digest else "the file's bytes were changed"
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if path.is_file() and name not in known and name != CHECKSUMS:
            yield name, "the file does not belong to the export"


def item_names(item: ReleaseItem) -> tuple[str, str]:
    """File names of an item's gray source and color target: by content, so that equal pictures are one file."""
    source, color = PurePosixPath(item.source_key), PurePosixPath(item.color_key)
    return f"{source.stem[:24]}.png", f"{color.stem[:24]}{color.suffix}"


def to_json(value: Any, **options: Any) -> str:
    """JSON with sorted keys, so that equal contents are equal bytes."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, **options)
