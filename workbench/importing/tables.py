"""Caption tables: `{file: [captions]}` as L-CAD has it, COCO, CSV, JSONL and tasks of Label Studio, each to rows `(file name, notes)`.

JSON is read as a stream: of an annotation file of any size only the captions and masks themselves are held.
"""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

import ijson
from pycocotools import mask as coco

from workbench.errors import InvalidInputError
from workbench.imaging import masks
from workbench.importing.items import ItemCaption, ItemRegion, Notes
from workbench.importing.label_studio_tasks import is_task, row_of_task
from workbench.importing.table_rows import FILE_COLUMNS, TEXT_COLUMNS, file_of_row, hash_of, level_of, notes_of_row, provenance_of

__all__ = ["TABLE_SUFFIXES", "Row", "kind_of", "rows_of"]

Row = tuple[str, Notes]

TABLE_SUFFIXES = (".json", ".jsonl", ".csv", ".tsv")
COCO_KEYS = frozenset({"images", "annotations", "categories", "info", "licenses"})


def kind_of(name: str, content: bytes) -> str:
    """The format of a table: csv, jsonl, lcad or coco, by its suffix and, for JSON, by what is in it.

    Raises InvalidInputError for a JSON file that is none of these.
    """
    suffix = PurePosixPath(name).suffix.lower()
    if suffix in (".csv", ".tsv"):
        return "csv"
    if suffix == ".jsonl":
        return "jsonl"
    try:
        events = ijson.basic_parse(io.BytesIO(content))
        kind, _ = next(events)
        if kind == "start_array":
            return "jsonl"
        if kind == "start_map":
            kind, key = next(events)
            return "coco" if kind == "map_key" and key in COCO_KEYS else "lcad"
    except (ijson.JSONError, StopIteration, UnicodeDecodeError) as error:
        raise InvalidInputError(f"{name} is no JSON: {error}.") from error
    raise InvalidInputError(f"{name} holds no captions; it should be {{file: [captions]}}, COCO, or a list of objects.")


def rows_of(name: str, content: bytes, kind: str | None = None) -> Iterator[Row]:
    """The rows of a table. Raises InvalidInputError naming the file, the place in it and what is wrong there."""
    reader = {"csv": _csv_rows, "jsonl": _jsonl_rows, "lcad": _lcad_rows, "coco": _coco_rows}[kind or kind_of(name, content)]
    try:
        yield from reader(name, content)
    except (ijson.JSONError, json.JSONDecodeError) as error:
        raise InvalidInputError(f"{name} is broken: {error}.") from error
    except UnicodeDecodeError:
        raise InvalidInputError(f"{name} is not UTF-8 text; save it as UTF-8.") from None


def _csv_rows(name: str, content: bytes) -> Iterator[Row]:
    text = content.decode("utf-8-sig")
    header = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=header.count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    columns = {column.strip().lower() for column in reader.fieldnames or ()}
    if not columns & set(FILE_COLUMNS) or not columns & set(TEXT_COLUMNS):
        raise InvalidInputError(f"{name} needs a first line that names its columns, such as: file_name,caption,level.")
    try:
        for row in reader:
            place = f"Line {reader.line_num} of {name}"
            plain = {key.strip().lower(): value for key, value in row.items() if key is not None}
            yield file_of_row(plain, place), notes_of_row(plain, place)
    except csv.Error as error:
        raise InvalidInputError(f"Line {reader.line_num} of {name} cannot be read: {error}.") from error


def _jsonl_rows(name: str, content: bytes) -> Iterator[Row]:
    stream = io.BytesIO(content)
    if content.lstrip()[:1] == b"[":
        numbered = enumerate(ijson.items(stream, "item", use_float=True), 1)
        word = "Entry"
    else:
        numbered = ((number, json.loads(line)) for number, line in enumerate(stream, 1) if line.strip())
        word = "Line"
    for number, row in numbered:
        place = f"{word} {number} of {name}"
        if not isinstance(row, dict):
            raise InvalidInputError(f"{place} is no JSON object.")
        yield row_of_task(row, place) if is_task(row) else (file_of_row(row, place), notes_of_row(row, place))


def _lcad_rows(name: str, content: bytes) -> Iterator[Row]:
    for file_name, captions in ijson.kvitems(io.BytesIO(content), "", use_float=True):
        texts = [captions] if isinstance(captions, str) else captions
        if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
            raise InvalidInputError(f'"{file_name}" in {name} has no list of captions; the form is {{file: [captions]}}.')
        yield file_name, Notes([ItemCaption(text) for text in texts if text.strip()])


def _coco_rows(name: str, content: bytes) -> Iterator[Row]:
    images = {image["id"]: image for image in _entries(name, content, "images", ("id", "file_name"))}
    if not images:
        raise InvalidInputError(f'{name} has no "images" with file names; a COCO file needs them beside "annotations".')
    licenses = {entry["id"]: entry.get("name") or entry.get("url") for entry in _entries(name, content, "licenses", ("id",))}
    labels = {entry["id"]: entry["name"] for entry in _entries(name, content, "categories", ("id", "name"))}
    for image in images.values():
        yield image["file_name"], Notes(license=licenses.get(image.get("license")))
    for number, annotation in enumerate(_entries(name, content, "annotations", ("image_id",)), 1):
        place = f"Annotation {number} of {name}"
        image = images.get(annotation["image_id"])
        if image is None:
            raise InvalidInputError(f"{place} is about image {annotation['image_id']}, which the file does not list.")
        notes = Notes(sha256=hash_of({"image": image.get("sha256")}))
        if isinstance(annotation.get("caption"), str) and annotation["caption"].strip():
            level, provenance = level_of(annotation.get("level"), place), provenance_of(annotation, place)
            notes.captions.append(ItemCaption(annotation["caption"], level, provenance=provenance))
        if annotation.get("segmentation"):
            mask, label = _mask(annotation["segmentation"], image, place), labels.get(annotation.get("category_id"), "")
            notes.regions.append(ItemRegion(mask, label, spoken=_spoken(annotation.get("phrases"), place)))
        yield image["file_name"], notes


def _entries(name: str, content: bytes, key: str, needed: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    for number, entry in enumerate(ijson.items(io.BytesIO(content), f"{key}.item", use_float=True), 1):
        if not isinstance(entry, dict) or any(field not in entry for field in needed):
            raise InvalidInputError(f'Entry {number} of "{key}" in {name} needs {" and ".join(needed)}.')
        yield entry


def _spoken(phrases: Any, place: str) -> tuple[tuple[int, int, str], ...]:
    """The phrases that our own COCO export writes to its instances."""
    try:
        return tuple(dict.fromkeys((int(cell["start"]), int(cell["end"]), str(cell["phrase"])) for cell in phrases or ()))
    except (KeyError, TypeError, ValueError):
        raise InvalidInputError(f'{place} has "phrases" without start, end and phrase.') from None


def _mask(segmentation: Any, image: dict[str, Any], place: str) -> masks.Rle:
    """The mask of a COCO segmentation: polygons, or run lengths."""
    if isinstance(segmentation, dict):
        return masks.canonical(segmentation)
    try:
        height, width = int(image["height"]), int(image["width"])
        polygons = [[float(number) for number in polygon] for polygon in segmentation]
    except (KeyError, TypeError, ValueError):
        raise InvalidInputError(f"{place} needs polygons of numbers, and its image a height and a width.") from None
    if not polygons or any(len(polygon) < 6 or len(polygon) % 2 for polygon in polygons):
        raise InvalidInputError(f"{place} has a polygon without three points (x, y).")
    return masks.canonical(coco.merge(coco.frPyObjects(polygons, height, width)))
