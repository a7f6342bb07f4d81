"""A folder that appears whole or not at all, with the checksum of every file in it; what it writes it never holds in memory."""

import fcntl
import hashlib
import io
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from workbench.errors import ConflictError
from workbench.images import Pictures
from workbench.store import MediaStore, sync_folder

CHECKSUMS = "files.sha256"
"""Checksums of all other files, in the form of `sha256sum`: `sha256sum --check files.sha256` reads it."""


@dataclass(frozen=True)
class Part:
    """One of the few files that hold an export's rows: a table, a shard, a file of annotations. Pictures are none."""

    name: str
    size: int
    sha256: str


@dataclass
class ExportFolder:
    """Files being written under a root; each is counted, and its checksum goes to the list on the disk at once."""

    root: Path
    pictures: Pictures
    checksums: TextIO
    files: int = 0
    total_bytes: int = 0
    parts: list[Part] = field(default_factory=list)

    def copy(self, key: str, name: str) -> str:
        """Put a media file's picture at `name` (relative, with /) once; return the name. Raises ConflictError where it was changed."""
        return name if (self.root / name).exists() else self.write(name, self.pictures.color(key), part=False)

    def gray(self, key: str, name: str) -> str:
        """Write the lightness of a media file's picture as a gray 8-bit PNG, once; return the name."""
        return name if (self.root / name).exists() else self.write(name, self.pictures.gray(key), part=False)

    def write(self, name: str, content: bytes | str, *, part: bool = True) -> str:
        """Write a file whole; return its name."""
        content = content.encode() if isinstance(content, str) else content
        with self._create(name) as target:
            target.write(content)
        self._enter(Part(name, len(content), hashlib.sha256(content).hexdigest()), part)
        return name

    @contextmanager
    def stream(self, name: str) -> Iterator["HashedFile"]:
        """A binary file written piece by piece, as a tar archive or a Parquet file is."""
        with self._create(name) as target:
            hashed = HashedFile(target)
            yield hashed
        self._enter(Part(name, hashed.tell(), hashed.digest.hexdigest()), True)

    @contextmanager
    def lines(self, name: str) -> Iterator[Callable[[str], None]]:
        """A text file written piece by piece, as `with folder.lines(name) as add: add(text)`."""
        with self.stream(name) as target:

            def write(text: str) -> None:
                target.write(text.encode())

            yield write

    def finish(self) -> None:
        """Close the list of checksums and count it too."""
        self.checksums.close()
        self.files += 1
        self.total_bytes += (self.root / CHECKSUMS).stat().st_size

    def _create(self, name: str):
        path = self.root / name
        try:
            return path.open("xb")
        except FileNotFoundError:
            path.parent.mkdir(parents=True, exist_ok=True)
            return path.open("xb")

    def _enter(self, part: Part, listed: bool) -> None:
        self.checksums.write(f"{part.sha256}  {part.name}\n")
        if listed:
            self.parts.append(part)
        self.files += 1
        self.total_bytes += part.size


class HashedFile(io.RawIOBase):
    """A file open for writing that keeps the hash and the number of the bytes written; it cannot be rewound."""

    def __init__(self, target: io.BufferedIOBase):
        self.digest = hashlib.sha256()
        self._target = target
        self._size = 0

    def writable(self) -> bool:
        """Yes."""
        return True

    def write(self, content) -> int:
        """Write bytes; return their number."""
        self.digest.update(content)
        self._size += memoryview(content).nbytes
        return self._target.write(content)

    def tell(self) -> int:
        """The number of bytes written."""
        return self._size


@contextmanager
def atomic_folder(target: Path, media: MediaStore, *, keep_metadata: bool = False) -> Iterator[ExportFolder]:
    """A folder beside `target` that becomes it at the end; after an error or a crash `target` is not there.

    Pictures lose what their files tell of people and places, unless `keep_metadata` is said.

    What an earlier, interrupted write left beside it is removed first. `target` must not exist, or be an empty folder. Raises
    ConflictError where another process writes the same folder now.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.parent / f".{target.name}.partial"
    with _locked(partial):
        try:
            _clear(partial)
            with (partial / CHECKSUMS).open("x", encoding="utf-8") as checksums:
                folder = ExportFolder(partial, Pictures(media, keep_metadata=keep_metadata), checksums)
                yield folder
                folder.finish()
            os.sync()  # a folder that has its name after a power failure has its files too
            os.replace(partial, target)
            sync_folder(target.parent)
        except BaseException:
            shutil.rmtree(partial, ignore_errors=True)
            raise


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold a folder, made where there is none, for this process alone; the lock ends with the process, however it ends."""
    while True:
        folder.mkdir(exist_ok=True)
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            held = folder.exists() and os.path.samestat(os.fstat(descriptor), folder.stat())
        except BlockingIOError:
            os.close(descriptor)
            raise ConflictError(f"{folder} is being written by another export; wait for its end.") from None
        if held:
            break
        os.close(descriptor)  # the other export has just ended, and what was locked here is its finished folder
    try:
        yield
    finally:
        os.close(descriptor)


def _clear(folder: Path) -> None:
    for left in folder.iterdir():
        shutil.rmtree(left) if left.is_dir() and not left.is_symlink() else left.unlink()


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
            actual = hashlib.file_digest(stream, "sha256").hexdigest()
        yield name, None if actual == digest else "the file's bytes were changed"
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if path.is_file() and name not in known and name != CHECKSUMS:
            yield name, "the file does not belong to the export"


def to_json(value: Any, **options: Any) -> str:
    """JSON with sorted keys, so that equal contents are equal bytes."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, **options)
