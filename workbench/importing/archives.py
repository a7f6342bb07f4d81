"""Places that hold files: folders, single files, zip and tar archives, fsspec URLs; all read by name, nothing is ever unpacked.

A tree lists the relative names of its files, sorted or in the archive's order, and reads one by name. Archives are never extracted,
so a name cannot reach outside; unsafe names, links and files above the limits are listed and refused when read.
"""

import gzip
import lzma
import os
import stat
import struct
import tarfile
import threading
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO, Protocol

from fsspec.core import url_to_fs

from workbench.errors import InvalidInputError, NotFoundError, UnreadableFileError
from workbench.store import expanded, is_folder, is_there
from workbench.texts import legible

__all__ = [
    "ARCHIVES",
    "MAX_ARCHIVE_RATIO",
    "MAX_FILE_BYTES",
    "FolderTree",
    "RemoteTree",
    "TarTree",
    "Tree",
    "ZipTree",
    "open_archive",
    "open_tree",
]

MAX_FILE_BYTES = 1 << 30
"""The largest single file that is read, 1 GiB: more than MAX_PIXELS of 16-bit color without compression."""
MAX_ARCHIVE_RATIO = 200
"""Pictures hardly shrink in an archive; one that unpacks to more than this times its size, and to over FREE_BYTES, is a bomb."""
FREE_BYTES = 1 << 28
BROKEN = (
    *(zipfile.BadZipFile, tarfile.TarError, gzip.BadGzipFile, zlib.error, lzma.LZMAError, struct.error),
    *(EOFError, OSError, NotImplementedError, ValueError, OverflowError, RuntimeError),
)
"""What the readers of archives raise where one is damaged."""
ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")


class Tree(Protocol):
    """Files under one place."""

    label: str

    def names(self) -> Iterator[str]:
        """Relative POSIX paths, in an order that stays the same."""

    def read(self, name: str) -> bytes:
        """The bytes of a file; raises UnreadableFileError where they cannot be had."""


def open_tree(path: str | Path) -> Tree:
    """The tree at a path or URL. Raises NotFoundError where there is nothing, UnreadableFileError for a broken archive or a bomb."""
    address = str(path)
    if "://" in address and not address.startswith("file://"):
        return _open_remote(address)
    local = expanded(address.removeprefix("file://"))
    if is_folder(local):
        return FolderTree(local)
    if not is_there(local):
        raise NotFoundError(f"There is no file or folder {local}.")
    tree = FolderTree(local.parent, local.name)
    return open_archive(tree.open(local.name), local.name) if local.name.lower().endswith(ARCHIVES) else tree


class FolderTree:
    """A local folder, or one file of it.

    Hidden files are left out. Links to folders are not followed, links to files only where they stay in the folder (or were
    named themselves); devices, pipes and sockets are refused when they are read. A name that is not UTF-8 is read as Latin-1.
    """

    def __init__(self, folder: Path, only: str | None = None):
        self.label = only or folder.name
        self.folder = folder
        self._only = only
        self._names_on_disk: dict[str, str] = {}

    def names(self) -> Iterator[str]:
        return iter([self._only]) if self._only else self._walk(self.folder, "")

    def read(self, name: str) -> bytes:
        with self.open(name) as stream:
            _require_size(os.fstat(stream.fileno()).st_size)
            try:
                return stream.read(MAX_FILE_BYTES)
            except OSError as error:
                raise UnreadableFileError(f"The file cannot be read: {error.strerror or error}.") from error

    def open(self, name: str) -> IO[bytes]:
        """The file open for reading; raises UnreadableFileError for all that is no file of this folder."""
        if not _is_safe(name):
            raise UnreadableFileError(f'The path "{name}" leads outside of its folder.')
        path = self.folder / self._names_on_disk.get(name, name)
        try:
            if self._only is None and path.is_symlink() and not path.resolve().is_relative_to(self.folder.resolve()):
                raise UnreadableFileError("The file is a link that leads out of its folder; put the file itself there.")
            descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # a pipe without a writer would hold the reader for good
        except (OSError, RuntimeError, ValueError) as error:
            raise UnreadableFileError(f"The file cannot be read: {getattr(error, 'strerror', None) or error}.") from error
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise UnreadableFileError("This is a device, a pipe or a folder, not a file.")
        return os.fdopen(descriptor, "rb")

    def _walk(self, folder: Path, prefix: str) -> Iterator[str]:
        with os.scandir(folder) as entries:
            visible = sorted((entry for entry in entries if not entry.name.startswith(".")), key=lambda entry: entry.name)
        for entry in visible:
            if entry.is_dir(follow_symlinks=False):
                yield from self._walk(folder / entry.name, f"{prefix}{entry.name}/")
            elif not _is_folder(entry):
                yield self._legible(prefix + entry.name)

    def _legible(self, name: str) -> str:
        """A name as text: bytes that are not UTF-8 are taken for Latin-1, which other systems wrote for long."""
        try:
            name.encode()
            return name
        except UnicodeEncodeError:
            shown = os.fsencode(name).decode("latin-1")
        while shown in self._names_on_disk or os.path.lexists(self.folder / shown):
            shown = f"_{shown}" if "/" not in shown else "/_".join(shown.rsplit("/", 1))
        self._names_on_disk[shown] = name
        return shown


class RemoteTree:
    """All files under an fsspec URL, or the one file that it names."""

    def __init__(self, filesystem, root: str):
        self.label = root.rstrip("/").rsplit("/", 1)[-1]
        self._filesystem = filesystem
        paths = sorted(filesystem.find(root))
        only = paths == [root]
        self._prefix = root.rsplit("/", 1)[0] + "/" if only else root.rstrip("/") + "/"
        self._names = [name.removeprefix(self._prefix) for name in paths]

    def names(self) -> Iterator[str]:
        return (name for name in self._names if not any(part.startswith(".") for part in name.split("/")))

    def read(self, name: str) -> bytes:
        try:
            _require_size(self._filesystem.size(self._prefix + name) or 0)
            return self._filesystem.cat_file(self._prefix + name)
        except OSError as error:
            raise UnreadableFileError(f"The file cannot be read: {error}.") from error


class ZipTree:
    """A zip archive."""

    def __init__(self, stream: IO[bytes], label: str):
        self.label = label
        try:
            self._archive = zipfile.ZipFile(stream)
        except BROKEN as error:
            raise UnreadableFileError(f"The archive {label} is broken or cut short: {error}.") from error
        members = [info for info in self._archive.infolist() if not info.is_dir()]
        _require_ratio(label, sum(info.file_size for info in members), sum(info.compress_size for info in members))
        self._members = {legible(info.filename): info for info in members}

    def names(self) -> Iterator[str]:
        return (name for name in self._members if not _is_clutter(name))

    def read(self, name: str) -> bytes:
        info = self._members[name]
        _require_safe(name)
        if info.flag_bits & 1:
            raise UnreadableFileError("The file is encrypted; unpack the archive with its password first.")
        _require_size(info.file_size)
        try:
            return self._archive.read(info)
        except BROKEN as error:
            raise UnreadableFileError(f"The file is broken in its archive: {error}.") from error


class TarTree:
    """A tar archive, plain or compressed: its headers are read once, its files by their place."""

    def __init__(self, stream: IO[bytes], label: str):
        self.label = label
        size = stream.seek(0, os.SEEK_END)
        stream.seek(0)
        self._places: dict[str, tuple[int, int] | None] = {}
        self._lock = threading.Lock()
        total = 0
        try:
            archive = tarfile.open(fileobj=stream, mode="r:*")  # noqa: SIM115  (it stays open as long as the tree)
            for member in archive:
                total += member.size if member.isreg() else 0
                _require_ratio(label, total, size)
                if not member.isdir():
                    self._places[_text_of(member.name)] = (member.offset_data, member.size) if member.isreg() else None
                archive.members = []  # ty: ignore[missing-attribute]  (a list of all headers would hold a kilobyte for every file)
        except BROKEN as error:
            raise UnreadableFileError(f"The archive {label} is broken or cut short: {error}.") from error
        self._archive = archive

    def names(self) -> Iterator[str]:
        return (name for name in self._places if not _is_clutter(name))

    def read(self, name: str) -> bytes:
        place = self._places[name]
        _require_safe(name)
        if place is None:
            raise UnreadableFileError("The archive holds a link or a device here, not a file.")
        offset, size = place
        _require_size(size)
        try:
            with self._lock:
                self._archive.fileobj.seek(offset)
                content = self._archive.fileobj.read(size)
        except BROKEN as error:
            raise UnreadableFileError(f"The file is broken in its archive: {error}.") from error
        if len(content) != size:
            raise UnreadableFileError("The archive ends in the middle of this file.")
        return content


def open_archive(stream: IO[bytes], label: str) -> Tree:
    """The tree of an open archive; raises UnreadableFileError for a broken one or a bomb."""
    return ZipTree(stream, label) if label.lower().endswith(".zip") else TarTree(stream, label)


def _open_remote(address: str) -> Tree:
    try:
        filesystem, root = url_to_fs(address)
    except (ImportError, ValueError) as error:
        raise InvalidInputError(f"{address} cannot be opened: {error}.") from error
    if not filesystem.exists(root):
        raise NotFoundError(f"There is nothing at {address}.")
    if root.lower().endswith(ARCHIVES):
        return open_archive(filesystem.open(root, "rb"), root.rsplit("/", 1)[-1])
    return RemoteTree(filesystem, root)


def _require_ratio(label: str, unpacked: int, packed: int) -> None:
    if unpacked > FREE_BYTES and unpacked > MAX_ARCHIVE_RATIO * max(packed, 1):
        raise UnreadableFileError(
            f"The archive {label} would unpack to more than {MAX_ARCHIVE_RATIO} times its size (an archive bomb?); it is not read."
        )


def _require_size(size: int) -> None:
    if size > MAX_FILE_BYTES:
        raise UnreadableFileError(f"The file has {size:,} bytes; at most {MAX_FILE_BYTES:,} are read.")


def _is_folder(entry: os.DirEntry) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link in a circle, a disk that is gone: the reading says so
        return False


def _text_of(name: str) -> str:
    """A member's name as text; tarfile keeps bytes that are not UTF-8 as halves of surrogate pairs."""
    try:
        name.encode()
        return name
    except UnicodeEncodeError:
        return name.encode("utf-8", "surrogateescape").decode("latin-1")


def _is_safe(name: str) -> bool:
    path = PurePosixPath(name.replace("\\", "/"))
    return bool(path.parts) and not path.is_absolute() and ".." not in path.parts and ":" not in path.parts[0]


def _require_safe(name: str) -> None:
    if not _is_safe(name):
        raise UnreadableFileError(f'The path "{name}" leads outside of its archive.')


def _is_clutter(name: str) -> bool:
    """Hidden files and what macOS puts beside every file of a zip."""
    return any((part.startswith(".") and part not in (".", "..")) or part == "__MACOSX" for part in name.split("/"))
