"""The files of each layout and the records in them, in Croissant's words: FileObject, FileSet, RecordSet, Field."""

from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any

from db.enums import Split
from workbench.exports.atomic_folder import Part
from workbench.exports.items import ORIGIN_COLUMNS

Node = dict[str, Any]

PNG, JSON, LINES, TEXT, PARQUET = "image/png", "application/json", "application/jsonlines", "text/plain", "application/x-parquet"
PICTURES = [PNG, "image/jpeg"]
ENCODINGS = {
    ".json": JSON, ".jsonl": LINES, ".tar": "application/x-tar", ".parquet": PARQUET, ".toml": "application/toml", ".xml": "text/xml",
}  # fmt: skip


def distribution_of(layout: str, parts: Sequence[Part]) -> list[Node]:
    """The files of an export: those that hold rows with their checksums, and the sets of pictures."""
    objects = [_object(part) for part in parts]
    inside = [part.name for part in parts if part.name.endswith(".tar")]
    return objects + [_set(name, *patterns, inside) for name, patterns in SETS[layout].items()]


def record_sets_of(layout: str) -> list[Node]:
    """How a layout's records are read."""
    return [_splits(), *RECORDS[layout]] if layout in SPLIT_IN_PATH else list(RECORDS[layout])


def _object(part: Part) -> Node:
    return {
        "@type": "cr:FileObject",
        "@id": part.name,
        "name": part.name,
        "contentUrl": part.name,
        "contentSize": f"{part.size} B",
        "encodingFormat": ENCODINGS[PurePosixPath(part.name).suffix],
        "sha256": part.sha256,
    }


def _set(name: str, includes: str, encoding: str | list[str], inside: list[str]) -> Node:
    node: Node = {"@type": "cr:FileSet", "@id": name, "name": name, "encodingFormat": encoding, "includes": includes}
    return node | {"containedIn": [{"@id": archive} for archive in inside]} if inside else node


def _splits() -> Node:
    kinds = {Split.TRAIN: "TrainingSplit", Split.VALIDATION: "ValidationSplit", Split.TEST: "TestSplit"}
    return {
        "@type": "cr:RecordSet",
        "@id": "splits",
        "name": "splits",
        "dataType": "cr:Split",
        "key": {"@id": "splits/name"},
        "field": [
            {"@type": "cr:Field", "@id": "splits/name", "name": "name", "dataType": "sc:Text"},
            {"@type": "cr:Field", "@id": "splits/url", "name": "url", "dataType": ["sc:URL", "cr:Split"]},
        ],
        "data": [{"splits/name": split.value, "splits/url": f"cr:{kind}"} for split, kind in kinds.items()],
    }


def _records(name: str, description: str, *fields: Node) -> Node:
    named = [{**field, "@id": f"{name}/{field['name']}"} for field in fields]
    return {"@type": "cr:RecordSet", "@id": name, "name": name, "description": description, "field": named}


def _field(name: str, kind: str, source: str, extract: Node, *, regex: str | None = None, path: str | None = None) -> Node:
    node: Node = {"fileSet": {"@id": source}, "extract": extract}
    transform = {"regex": regex} if regex else {"jsonPath": path} if path else None
    if transform:
        node["transform"] = transform
    return {"@type": "cr:Field", "name": name, "dataType": kind, "source": node}


def _split_field(source: str, regex: str) -> Node:
    node = _field("split", "sc:Text", source, {"fileProperty": "fullpath"}, regex=regex)
    return {**node, "references": {"field": {"@id": "splits/name"}}}


def _columns(source: str, names: Sequence[str]) -> list[Node]:
    return [_field(name, "sc:Text", source, {"column": name}) for name in names]


def _values(source: str, **paths: str) -> list[Node]:
    return [_field(name, "sc:Text", source, {"jsonPath": path}) for name, path in paths.items()]


def _pictures(source: str) -> list[Node]:
    return [
        _field("file_name", "sc:Text", source, {"fileProperty": "fullpath"}),
        _field("content", "sc:ImageObject", source, {"fileProperty": "content"}),
    ]


TEXTS = ("caption", "level", "image", "target", *ORIGIN_COLUMNS)
FOLDER = f"^({'|'.join(Split)}).*$"
SHARD = f"^(?:data/)?({'|'.join(Split)}).*$"
ITEM = "One item a record: a description of an image, its level, the source file's SHA-256, the kind of its color target, and origins."
COLORS = "The color targets by file name."
SPLIT_IN_PATH = ("imagefolder", "parquet")

SETS: dict[str, dict[str, tuple[str, str | list[str]]]] = {
    "imagefolder": {
        "metadata": ("*/metadata.jsonl", LINES),
        "gray-pictures": ("*/gray/*.png", PNG),
        "color-pictures": ("*/color/*", PICTURES),
    },
    "webdataset": {
        "captions": ("*.txt", TEXT),
        "facts": ("*.json", JSON),
        "gray-pictures": ("*.gray.png", PNG),
        "color-pictures": ("*[0-9].png", PNG),
    },
    "coco": {
        "captions": ("annotations/captions_*.json", JSON),
        "instances": ("annotations/instances_*.json", JSON),
        **{f"{split}-pictures": (f"{split}/*", PICTURES) for split in Split},
    },
    "lcad": {"pictures": ("*2017/*", PICTURES)},
    "sd-scripts": {
        "captions": ("*/*.txt", TEXT),
        "pictures": ("*/*.png", PNG),
    },
    "parquet": {"rows": ("data/*.parquet", PARQUET)},
    "label-studio": {"task-files": ("tasks.json", JSON), "pictures": ("*/*.png", PNG)},
}
"""By layout: sets of files by name, with their pattern and encoding."""

RECORDS: dict[str, list[Node]] = {
    "imagefolder": [
        _records("items", ITEM, *_columns("metadata", ("gray_file_name", "color_file_name", *TEXTS)), _split_field("metadata", FOLDER)),
        _records("gray", "The lightness of the sources by file name.", *_pictures("gray-pictures")),
        _records("color", COLORS, *_pictures("color-pictures")),
    ],
    "webdataset": [
        _records(
            "descriptions",
            "One description a record; the sample's key is the file name up to its first dot.",
            _field("key", "sc:Text", "captions", {"fileProperty": "filename"}, regex=r"^([^.]+)\..*$"),
            _field("caption", "sc:Text", "captions", {"fileProperty": "content"}),
        ),
        _records("color", COLORS, *_pictures("color-pictures")),
    ],
    "coco": [
        _records("descriptions", "One description a record.", *_values("captions", caption="$.annotations[*].caption")),
        _records("objects", "One mask a record.", *_values("instances", counts="$.annotations[*].segmentation.counts")),
    ],
    "lcad": [_records("color", COLORS, *_pictures("pictures"))],
    "sd-scripts": [
        _records(
            "descriptions",
            "The descriptions of one color target, one a line.",
            _field("file_name", "sc:Text", "captions", {"fileProperty": "fullpath"}),
            _field("captions", "sc:Text", "captions", {"fileProperty": "content"}),
        ),
        _records("color", COLORS, *_pictures("pictures")),
    ],
    "parquet": [
        _records(
            "items",
            ITEM,
            _field("gray", "sc:ImageObject", "rows", {"column": "gray"}, path="bytes"),
            _field("color", "sc:ImageObject", "rows", {"column": "color"}, path="bytes"),
            *_columns("rows", TEXTS),
            _split_field("rows", SHARD),
        )
    ],
    "label-studio": [_records("tasks", "One task a record.", *_values("task-files", image="$[*].data.image", wb_id="$[*].data.wb_id"))],
}
"""By layout: its record sets, but for the splits."""
