"""Files addressed by the hash of their content, on any fsspec URL, written whole or not at all."""

import contextlib
import hashlib
import os
import re
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from fsspec.core import url_to_fs
from fsspec.implementations.local import LocalFileSystem

from workbench.errors import InvalidInputError, NotFoundError
from workbench.store.atomic_files import atomic_file

KEY = re.compile(r"([0-9a-f]{2})/(\1[0-9a-f]{62})\.[a-z0-9]{1,8}")
SUFFIX = re.compile(r"\.[a-z0-9]{1,8}")
CHUNK = 1 << 20
ONE_PUT = frozenset({"memory", "s3", "s3a", "gs", "gcs", "az", "abfs", "abfss", "adl", "oci", "oss"})
"""Filesystems where an object appears only once its upload is complete, so that no rename is needed."""


@dataclass(frozen=True)
class Stored:
    """A file in the store: its name below the root, bytes, when it was written (seconds since 1970), and whether the name is a key."""

    name: str
    size: int
    modified: float
    is_key: bool


class MediaStore:
    """A folder of files named by their SHA-256: the same content twice is one file.

    A key reads `ab/abcdef….png`: the first two digits, the whole digest, the suffix. On local disks a file is written beside
    its place, synced and renamed; object stores show an object only when its upload is complete.
    """

    def __init__(self, url: str):
        """Open the store at `url`: a local folder or an fsspec URL (`s3://bucket/prefix`, `memory://name`)."""
        self.url = str(url)
        # Other machines put and delete files too: what is there is asked of the server each time, not of a listing from before.
        self._filesystem, self._root = url_to_fs(self.url, use_listings_cache=False)
        self._local = isinstance(self._filesystem, LocalFileSystem)
        protocol = self._filesystem.protocol
        self._one_put = bool(ONE_PUT & set([protocol] if isinstance(protocol, str) else protocol))

    def put(self, content: bytes, suffix: str, *, digest: str | None = None) -> str:
        """Store bytes under their hash; return the key. Who has computed the SHA-256 already hands it on as `digest`.

        Raises InvalidInputError where `suffix` is not a dot with 1–8 lower-case letters or digits.
        """
        key = _key(digest or hashlib.sha256(content).hexdigest(), suffix)
        if self._size(key) == len(content):
            self._renew(key)
            return key
        if self._local:
            self._place(key, lambda target: target.write(content))
        elif self._one_put:
            self._filesystem.pipe_file(self._address(key), content)
        else:
            with self._beside(key) as address:
                self._filesystem.pipe_file(address, content)
        return key

    def put_file(self, path: Path | str, suffix: str) -> str:
        """Store a local file's content without reading it whole; return the key."""
        with open(path, "rb") as source:
            key = _key(_digest(source), suffix)
            if self._size(key) == os.fstat(source.fileno()).st_size:
                self._renew(key)
                return key
            source.seek(0)
            if self._local:
                self._place(key, lambda target: shutil.copyfileobj(source, target, CHUNK))
                return key
        if self._one_put:
            self._filesystem.put_file(str(path), self._address(key))
        else:
            with self._beside(key) as address:
                self._filesystem.put_file(str(path), address)
        return key

    def listing(self) -> Iterator["Stored"]:
        """Every file that lies in the store, keys and leftovers of writes that were cut short."""
        if not self._filesystem.exists(self._root):
            return
        for address, info in self._filesystem.find(self._root, detail=True).items():
            name = address.removeprefix(f"{self._root.rstrip('/')}/")
            yield Stored(name, info["size"], _moment(info), KEY.fullmatch(name) is not None)

    def remove(self, stored: "Stored") -> None:
        """Delete a file of the listing."""
        self._filesystem.rm_file(f"{self._root.rstrip('/')}/{stored.name}")

    def discard(self, key: str) -> None:
        """Delete the file of a key that nothing needs; one that is gone already is as good."""
        with contextlib.suppress(FileNotFoundError):
            self._filesystem.rm_file(self._address(key))

    def read(self, key: str) -> bytes:
        """The content of a key; raises NotFoundError where there is none."""
        with self.open(key) as source:
            return source.read()

    def open(self, key: str) -> IO[bytes]:
        """The file of a key, open for reading; raises NotFoundError where there is none."""
        try:
            return self._filesystem.open(self._address(key), "rb")
        except FileNotFoundError:
            raise NotFoundError(f"The file {key} is missing from the media store {self.url}.") from None

    def exists(self, key: str) -> bool:
        """Whether there is a file under the key."""
        return self._size(key) is not None

    def path(self, key: str) -> Path | None:
        """Where the key's file lies on this machine; None where the store is not a local folder."""
        return Path(self._address(key)) if self._local else None

    def verify(self, key: str) -> bool:
        """Whether the file is there and its bytes still hash to its name."""
        if not self.exists(key):
            return False
        with self.open(key) as source:
            return _digest(source) == Path(key).stem

    def _address(self, key: str) -> str:
        if not KEY.fullmatch(key):
            raise InvalidInputError(f'"{key}" is no media key; a key reads ab/abcdef….png with 64 hexadecimal digits.')
        return f"{self._root.rstrip('/')}/{key}"

    def _size(self, key: str) -> int | None:
        address = self._address(key)
        if self._local:
            return os.stat(address).st_size if os.path.exists(address) else None
        try:
            return self._filesystem.info(address)["size"]
        except FileNotFoundError:
            return None

    def _renew(self, key: str) -> None:
        """Make a file young again that is put a second time: who collects what nothing needs leaves young ones alone."""
        if self._local:
            with contextlib.suppress(OSError):  # on a disk that is read-only nothing is collected either
                os.utime(self._address(key))

    def _place(self, key: str, write) -> None:
        with atomic_file(Path(self._address(key)), durable=True) as stream:
            write(stream)

    def _beside(self, key: str) -> "_Beside":
        return _Beside(self._filesystem, self._address(key))


class _Beside:
    """A temporary address beside the final one; moved there on success, removed on failure."""

    def __init__(self, filesystem, address: str):
        self._filesystem = filesystem
        self._address = address
        self._incoming = f"{address}.incoming-{os.getpid()}-{os.urandom(4).hex()}"

    def __enter__(self) -> str:
        self._filesystem.makedirs(self._address.rsplit("/", 1)[0], exist_ok=True)
        return self._incoming

    def __exit__(self, kind, *_error) -> None:
        if kind is None:
            self._filesystem.mv(self._incoming, self._address)
        elif self._filesystem.exists(self._incoming):
            self._filesystem.rm_file(self._incoming)


def _moment(info: dict[str, Any]) -> float:
    """When a file was written, as the kinds of filesystems tell it; now, where one does not."""
    told = next((info[name] for name in ("mtime", "LastModified", "last_modified", "created") if info.get(name) is not None), None)
    return told.timestamp() if isinstance(told, datetime) else float(told) if isinstance(told, int | float) else time.time()


def _key(digest: str, suffix: str) -> str:
    if not SUFFIX.fullmatch(suffix):
        raise InvalidInputError(f'"{suffix}" is no suffix for a media file; give one such as ".png".')
    return f"{digest[:2]}/{digest}{suffix}"


def _digest(source: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while block := source.read(CHUNK):
        digest.update(block)
    return digest.hexdigest()
