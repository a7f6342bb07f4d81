"""What is sent: files under their names, in the order in which they go, and what identifies them as a whole."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Kind = Literal["dataset", "model"]


@dataclass(frozen=True)
class SentFile:
    """A file to send: its name with /, where it lies here, and its bytes."""

    name: str
    path: Path
    size: int


@dataclass(frozen=True)
class Contents:
    """Files of one release or checkpoint; `identity` is the hash by which it is known, and stands in the file `marker`."""

    kind: Kind
    name: str
    version: str
    """A release's version; of a checkpoint the start of its digest."""
    identity: str
    marker: str
    files: tuple[SentFile, ...]
    """Large ones first; what describes them goes last, so that what can be read whole is whole."""

    @property
    def size(self) -> int:
        """Bytes in all."""
        return sum(file.size for file in self.files)


@dataclass(frozen=True)
class Sent:
    """What a push did: where it lies now, and how many files were sent and were there already."""

    address: str
    sent: int
    present: int
    size: int
    """Bytes that were sent."""


DESCRIBING = ("README.md", "croissant.json", "release.json", "files.sha256", "checkpoint.json")


def files_under(folder: Path) -> tuple[SentFile, ...]:
    """The files of a folder, hidden ones left out, those that describe it last."""
    paths = [path for path in folder.rglob("*") if path.is_file()]
    named = {path.relative_to(folder).as_posix(): path for path in paths}
    visible = {name: path for name, path in named.items() if not any(part.startswith(".") for part in name.split("/"))}
    order = sorted(visible, key=lambda name: (DESCRIBING.index(name) if name in DESCRIBING else -1, name))
    return tuple(SentFile(name, visible[name], visible[name].stat().st_size) for name in order)
