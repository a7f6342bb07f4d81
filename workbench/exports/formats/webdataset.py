"""WebDataset: tar shards whose samples follow each other, so that training reads a release from front to back over any network."""

import io
import tarfile
from pathlib import PurePosixPath

from db.enums import Split
from db.models import ReleaseItem
from workbench.exports.atomic_folder import ExportFolder, to_json
from workbench.exports.formats.imagefolder import row_of
from workbench.exports.items import Items

__all__ = ["SHARD_BYTES", "SHARD_ITEMS", "write"]

SHARD_ITEMS = 1000
SHARD_BYTES = 256 << 20
"""A shard is closed at this many items or bytes, whichever comes first."""


def write(folder: ExportFolder, items: Items) -> None:
    """Write `data/<split>-000000.tar` and so on; a sample is an item.

    Its members: `<key>.png` (or the target's own suffix) the color target, `<key>.gray.png` the lightness, `<key>.txt` the caption,
    `<key>.json` the rest. An empty split has one empty shard.
    """
    for split in Split:
        stream = items.of(split)
        item, number, sample = next(stream, None), 0, 0
        while item is not None or number == 0:
            with (
                folder.stream(f"data/{split}-{number:06d}.tar") as target,
                tarfile.open(fileobj=target, mode="w|", format=tarfile.USTAR_FORMAT) as shard,
            ):
                full = sample + SHARD_ITEMS
                while item is not None and sample < full and target.tell() < SHARD_BYTES:
                    _add(folder, shard, f"{sample:09d}", item)
                    items.advance(1)
                    item, sample = next(stream, None), sample + 1
            number += 1


def _add(folder: ExportFolder, shard: tarfile.TarFile, key: str, item: ReleaseItem) -> None:
    members = {
        PurePosixPath(item.color_key).suffix: folder.pictures.color(item.color_key),
        ".gray.png": folder.pictures.gray(item.source_key),
        ".json": to_json(row_of(item)).encode(),
        ".txt": item.caption_text.encode(),
    }
    for suffix, content in members.items():
        entry = tarfile.TarInfo(key + suffix)
        entry.size = len(content)
        shard.addfile(entry, io.BytesIO(content))
