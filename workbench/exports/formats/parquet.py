"""Parquet with the pictures embedded, typed so that `datasets` opens it with its features and pandas with plain columns."""

import json
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

import pyarrow
import pyarrow.parquet

from db.enums import Split
from db.models import ReleaseItem
from workbench.exports.atomic_folder import ExportFolder, HashedFile
from workbench.exports.formats.imagefolder import row_of
from workbench.exports.items import ORIGIN_COLUMNS, Items

__all__ = ["FILE_BYTES", "SCHEMA", "write"]

GROUP_ITEMS = 100
GROUP_BYTES = 32 << 20
"""A row group is written at this many items or bytes of pictures, whichever comes first: that is what a reader of one row reads."""
FILE_BYTES = 400 << 20

PICTURE = pyarrow.struct({"bytes": pyarrow.binary(), "path": pyarrow.string()})
MASK = pyarrow.struct({"size": pyarrow.list_(pyarrow.int64()), "counts": pyarrow.string()})
REGION = pyarrow.struct(
    {
        "phrase": pyarrow.string(),
        "object": pyarrow.string(),
        "start": pyarrow.int64(),
        "end": pyarrow.int64(),
        "colors": pyarrow.list_(pyarrow.string()),
        "origin": pyarrow.string(),
        "mask": MASK,
    }
)
TEXT_COLUMNS = ("caption", "level", "image", "target", *ORIGIN_COLUMNS)


def _feature(kind: pyarrow.DataType) -> dict[str, Any]:
    """A type as `datasets` writes its features."""
    if pyarrow.types.is_struct(kind):
        return {field.name: _feature(field.type) for field in kind}
    if pyarrow.types.is_list(kind):
        return {"feature": _feature(kind.value_type), "_type": "List"}
    return {"dtype": str(kind), "_type": "Value"}


def _schema() -> pyarrow.Schema:
    columns = {"gray": PICTURE, "color": PICTURE} | dict.fromkeys(TEXT_COLUMNS, pyarrow.string()) | {"regions": pyarrow.list_(REGION)}
    features = {name: {"_type": "Image"} if kind is PICTURE else _feature(kind) for name, kind in columns.items()}
    return pyarrow.schema(columns, metadata={"huggingface": json.dumps({"info": {"features": features}})})


SCHEMA = _schema()
"""gray, color: {bytes, path}; caption, level, image, target, origins: text;
regions: [{phrase, object, start, end, colors, origin, mask}]."""


def write(folder: ExportFolder, items: Items) -> None:
    """Write `data/<split>-00000.parquet` and so on, a row an item; an empty split has one file without rows."""
    for split in Split:
        groups = _groups(folder, items, split)
        group, number = next(groups, None), 0
        while group is not None or number == 0:
            name = f"data/{split}-{number:05d}.parquet"
            with folder.stream(name) as target, _table(target) as table:
                while group is not None and target.tell() < FILE_BYTES:
                    table.write_table(pyarrow.Table.from_pylist(group, SCHEMA))
                    items.advance(len(group))
                    group = next(groups, None)
            number += 1


def _table(target: HashedFile) -> pyarrow.parquet.ParquetWriter:
    return pyarrow.parquet.ParquetWriter(target, SCHEMA, use_dictionary=["level", "image", "target", *ORIGIN_COLUMNS])


def _groups(folder: ExportFolder, items: Items, split: Split) -> Iterator[list[dict[str, Any]]]:
    group: list[dict[str, Any]] = []
    size = 0
    for item in items.of(split):
        group.append(_row(folder, item))
        size += len(group[-1]["gray"]["bytes"]) + len(group[-1]["color"]["bytes"])
        if len(group) == GROUP_ITEMS or size >= GROUP_BYTES:
            yield group
            group, size = [], 0
    if group:
        yield group


def _row(folder: ExportFolder, item: ReleaseItem) -> dict[str, Any]:
    gray, color = folder.pictures.gray(item.source_key), folder.pictures.color(item.color_key)
    suffix = PurePosixPath(item.color_key).suffix
    return {
        "gray": {"bytes": gray, "path": f"{item.image_sha256[:24]}.gray.png"},
        "color": {"bytes": color, "path": f"{item.image_sha256[:24]}{suffix}"},
        **row_of(item),
        "regions": item.regions,
    }
